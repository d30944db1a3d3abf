// The binary: parses the command line and hands over to one command.
#include <CLI/CLI.hpp>

#include <exception>
#include <string>
#include <vector>

#include "app/commands/backup.hpp"
#include "app/commands/bench.hpp"
#include "app/commands/call.hpp"
#include "app/commands/common.hpp"
#include "app/commands/demo.hpp"
#include "app/commands/doctor.hpp"
#include "app/commands/keys.hpp"
#include "app/commands/migrate.hpp"
#include "app/commands/models.hpp"
#include "app/commands/serve.hpp"
#include "core/log.hpp"

namespace {

using retell::app::CommonOptions;

// Runs `command` with the configuration that the options give.
template <class F>
int with_config(const CommonOptions& options, F command) {
  const auto config = retell::app::load_config(options);
  return config ? command(*config) : 1;
}

struct CommandLine {
  CommonOptions common;
  int status = 0;
  // One string for each option that stands for a setting; "" when it was not given.
  std::map<std::string, std::string> settings;

  // An option of `command` that sets the configuration's `key`.
  void setting(CLI::App& command, const std::string& option, const std::string& key, const std::string& help) {
    command.add_option_function<std::string>(
        option, [this, key](const std::string& value) { common.overrides[key] = value; }, help);
  }
  void config_options(CLI::App& command) {
    command.add_option("--config", common.config_file, "Configuration file (default: retell.toml, when there is one)");
    setting(command, "--data-dir", "data_dir", "Folder of the database, recordings and secrets (default: data)");
  }
};

void add_serve(CLI::App& app, CommandLine& line) {
  auto* serve = app.add_subcommand("serve", "Answer the API, the call page and the carriers");
  line.config_options(*serve);
  line.setting(*serve, "--host", "server.host", "Address to listen on (default: 127.0.0.1)");
  line.setting(*serve, "--port", "server.port", "Port to listen on, 0 for any free one (default: 8080)");
  line.setting(*serve, "--public-url", "server.public_url", "How browsers and carriers reach this server");
  serve->callback([&line] { line.status = with_config(line.common, retell::app::serve); });

  auto* migrate = app.add_subcommand("migrate", "Bring the database up to date");
  line.config_options(*migrate);
  migrate->add_flag("--quiet", line.common.quiet, "Say nothing when all is well");
  auto* up = migrate->add_subcommand("up", "The same");
  auto* state =
      migrate->add_subcommand("status", "What has run and what is to come; exit status 3: there is something");
  for (auto* command : {up, state}) command->fallthrough();  // the options may stand behind
  migrate->callback([&line, state] {
    line.status = with_config(line.common, [&](const auto& config) {
      return state->parsed() ? retell::app::migrate_status(config) : retell::app::migrate_up(config, line.common.quiet);
    });
  });

  auto* backup = app.add_subcommand("backup", "Copy a SQLite database while the server goes on");
  auto where = std::make_shared<std::string>();
  auto force = std::make_shared<bool>(false);
  line.config_options(*backup);
  backup->add_option("--to", *where, "File to write (default: <data_dir>/backups/retell-<time>.db)");
  backup->add_flag("--force", *force, "Replace the file when it exists");
  backup->callback([&line, where, force] {
    line.status =
        with_config(line.common, [&](const auto& config) { return retell::app::backup(config, *where, *force); });
  });
  auto* restore = app.add_subcommand("restore", "Make a backup the database again; with the server stopped");
  line.config_options(*restore);
  restore->add_option("backup", *where, "File that `retell backup` wrote")->required();
  restore->add_flag("--force", *force, "Replace a database that is there; it is kept under another name");
  restore->callback([&line, where, force] {
    line.status =
        with_config(line.common, [&](const auto& config) { return retell::app::restore(config, *where, *force); });
  });

  auto* doctor =
      app.add_subcommand("doctor", "Check ports, database, models, keys and clock, and say how to mend each");
  auto json = std::make_shared<bool>(false);
  line.config_options(*doctor);
  doctor->add_flag("--json", *json, "One JSON array");
  doctor->callback([&line, json] {
    line.status = with_config(line.common, [&](const auto& config) { return retell::app::doctor(config, *json); });
  });
}

void add_keys(CLI::App& app, CommandLine& line) {
  auto* keys = app.add_subcommand("keys", "Create, list and revoke API keys");
  keys->require_subcommand(1);
  auto name = std::make_shared<std::string>("key");
  auto* create = keys->add_subcommand("create", "Make a key and print it; only its hash is kept");
  line.config_options(*create);
  create->add_option("--name", *name, "What it is for")->capture_default_str();
  create->add_flag("--quiet", line.common.quiet, "Print the key alone");
  create->callback([&line, name] {
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::keys_create(c, *name, line.common.quiet); });
  });
  auto* list = keys->add_subcommand("list", "Show the live keys, without their secrets");
  line.config_options(*list);
  list->add_flag("--quiet", line.common.quiet, "Ids alone");
  list->callback([&line] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::keys_list(c, line.common.quiet); });
  });
  auto id = std::make_shared<std::string>();
  auto* revoke = keys->add_subcommand("revoke", "Make a key worthless at once");
  line.config_options(*revoke);
  revoke->add_option("id", *id, "The key's id, from `keys list`")->required();
  revoke->callback([&line, id] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::keys_revoke(c, *id); });
  });
}

void add_models(CLI::App& app, CommandLine& line) {
  auto* models = app.add_subcommand("models", "List, pull and remove local models");
  models->require_subcommand(1);
  auto json = std::make_shared<bool>(false);
  auto* list = models->add_subcommand("list", "Every model that can be had, its licence and whether it is here");
  list->add_flag("--json", *json, "One JSON array");
  list->callback([&line, json] { line.status = retell::app::models_list(*json); });
  auto names = std::make_shared<std::vector<std::string>>();
  auto defaults = std::make_shared<bool>(false);
  auto* pull =
      models->add_subcommand("pull", "Fetch models: resumed when broken off, checked by SHA-256, kept in the cache");
  pull->add_option("names", *names, "From `models list`");
  pull->add_flag("--defaults", *defaults, "The ones that the demo agents use");
  pull->callback([&line, names, defaults] { line.status = retell::app::models_pull(*names, *defaults); });
  auto* remove = models->add_subcommand("remove", "Delete models from the cache");
  remove->add_option("names", *names, "From `models list`")->required();
  remove->callback([&line, names] { line.status = retell::app::models_remove(*names); });
}

void add_calls(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<retell::app::CallOptions>();
  auto* call = app.add_subcommand("call", "Place a simulated call to a running server and watch it live");
  line.config_options(*call);
  call->add_option("--server", options->server, "The server to call")->capture_default_str();
  call->add_option("--key", options->key_file, "File that holds an API key (default: the variable RETELL_API_KEY)");
  call->add_option("--agent", options->agent_id, "Whom to call (default: the demo agent)");
  call->add_option("--via", options->via, "twilio: Media Streams, as the carrier speaks it")
      ->capture_default_str()
      ->check(CLI::IsMember({"twilio"}));
  call->add_option("--say", options->say, "A sentence that the caller speaks; again for each turn");
  call->add_option("--wav", options->wav, "A WAV file that the caller plays; again for each turn");
  call->add_option("--voice", options->voice, "The caller's voice for --say")->capture_default_str();
  call->add_option("--record", options->record, "Write what the far end heard (two channels) to this WAV file");
  call->add_flag("--interrupt", options->interrupt, "Speak each turn but the first over the agent's answer");
  call->add_flag("--json", options->json, "One JSON object at the end instead of live text");
  call->callback([&line, options] {
    line.status = with_config(line.common, [&](const auto& config) { return retell::app::call(config, *options); });
  });

  auto* demo = app.add_subcommand("demo", "Serve, call and tell: a simulated conversation with the demo agent");
  auto language = std::make_shared<std::string>("en-US");
  line.config_options(*demo);
  demo->add_option("--language", *language, "en-US or pt-BR")
      ->capture_default_str()
      ->check(CLI::IsMember({"en-US", "pt-BR"}));
  demo->callback([&line, language] {
    line.status = with_config(line.common, [&](const auto& config) { return retell::app::demo(config, *language); });
  });
}

void add_bench(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<retell::app::BenchOptions>();
  auto* bench = app.add_subcommand("bench", "Measure: the figures of docs/benchmarks.md");
  bench->require_subcommand(1);
  line.config_options(*bench);
  bench->add_flag("--json", options->json, "One JSON object: name, machine, figures");
  for (const auto& known : retell::app::bench_names()) {
    const auto& name = known.first;
    auto* one = bench->add_subcommand(name, known.second);
    one->fallthrough();
    if (name == "density" || name == "added-latency") {
      one->add_option("--calls", options->calls, "This number of calls alone");
      one->add_option("--seconds", options->seconds, "Length of each step")->capture_default_str();
    }
    one->callback([&line, options, name] {
      line.status =
          with_config(line.common, [&](const auto& config) { return retell::app::bench(config, name, *options); });
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Voice agents that you host yourself, behind Retell's REST API.", "retell");
  app.set_version_flag("--version", RETELL_VERSION);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  CommandLine line;
  add_serve(app, line);
  add_calls(app, line);
  add_keys(app, line);
  add_models(app, line);
  add_bench(app, line);
  try {
    CLI11_PARSE(app, argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "retell: %s\n", e.what());
    line.status = 1;
  }
  retell::core::shutdown_log();
  return line.status;
}
