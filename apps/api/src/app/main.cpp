// The binary: parses the command line and hands over to one command.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "app/commands/backup.hpp"
#include "app/commands/bench.hpp"
#include "app/commands/call.hpp"
#include "app/commands/common.hpp"
#include "app/commands/demo.hpp"
#include "app/commands/doctor.hpp"
#include "app/commands/import.hpp"
#include "app/commands/jobs.hpp"
#include "app/commands/keys.hpp"
#include "app/commands/migrate.hpp"
#include "app/commands/models.hpp"
#include "app/commands/serve.hpp"
#include "app/commands/users.hpp"
#include "app/commands/workspaces.hpp"
#include "core/log.hpp"

namespace {

using retell::app::CommonOptions;

// Runs `command` with the configuration that the options give.
template <class F>
int with_config(const CommonOptions& options, F command) {
  const auto config = retell::app::load_config(options);
  return config ? command(*config) : 1;
}

// The same for what runs the vendors, models and stores that are configured.
template <class F>
int with_whole_config(CommonOptions options, F command) {
  options.whole = true;
  return with_config(options, std::move(command));
}

struct CommandLine {
  CommonOptions common;
  int status = 0;

  // An option of `command` that sets the configuration's `key`.
  void setting(CLI::App& command, const std::string& option, const std::string& key, const char* type,
               const std::string& help) {
    command
        .add_option_function<std::string>(
            option, [this, key](const std::string& value) { common.overrides[key] = value; }, help)
        ->type_name(type);
  }
  void config_option(CLI::App& command) {
    command.add_option("--config", common.config_file, "Configuration file (default: retell.toml, when there is one)")
        ->type_name("FILE");
  }
  void config_options(CLI::App& command) {
    config_option(command);
    setting(command, "--data-dir", "data_dir", "DIR", "Folder of the database, recordings and secrets (default: data)");
  }
};

void add_serve(CLI::App& app, CommandLine& line) {
  auto* serve = app.add_subcommand("serve", "Answer the API, the call page and the carriers");
  auto welcome = std::make_shared<bool>(false);
  line.config_options(*serve);
  line.setting(*serve, "--host", "server.host", "ADDRESS", "Address to listen on (default: 127.0.0.1)");
  line.setting(*serve, "--port", "server.port", "N", "Port to listen on, 0 for any free one (default: 8080)");
  line.setting(*serve, "--public-url", "server.public_url", "URL", "How browsers and carriers reach this server");
  serve->add_flag("--welcome", *welcome, "Print a first API key, when there is none, and what to do next");
  serve->footer(
      "SIGTERM or Ctrl-C: no new calls, live ones may go on for drain_seconds; once more: they are not waited for.\n"
      "Settings and secrets: docs/configuration.md");
  serve->callback([&line, welcome] {
    line.status =
        with_whole_config(line.common, [&](const auto& config) { return retell::app::serve(config, *welcome); });
  });

  auto* migrate = app.add_subcommand("migrate", "Bring the database up to date (serve does it too)");
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
  doctor->footer("Status 0: nothing stands in the way (warnings may); 1: something does.");
  doctor->callback([&line, json] {
    line.status = with_config(line.common, [&](const auto& config) { return retell::app::doctor(config, *json); });
  });
}

void add_keys(CLI::App& app, CommandLine& line) {
  auto* keys = app.add_subcommand("keys", "Create, list and revoke API keys");
  keys->require_subcommand(1);
  auto order = std::make_shared<retell::app::KeyOrder>();
  const auto workspace_option = [order](CLI::App& command) {
    command.add_option("--workspace", order->workspace, "Its id (default: the server's first)")->type_name("ID");
  };
  auto* create = keys->add_subcommand("create", "Make a key and print it; only its hash is kept");
  line.config_options(*create);
  workspace_option(*create);
  create->add_option("--name", order->name, "What it is for")->capture_default_str()->type_name("TEXT");
  create->add_flag("--webhook", order->signs_webhooks, "From now on it signs the webhooks");
  create->add_flag("--quiet", line.common.quiet, "Print the key alone");
  create->callback([&line, order] {
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::keys_create(c, *order, line.common.quiet); });
  });
  auto* list = keys->add_subcommand("list", "Show the live keys, without their secrets");
  line.config_options(*list);
  workspace_option(*list);
  list->add_flag("--quiet", line.common.quiet, "Ids alone");
  list->callback([&line, order] {
    line.status = with_config(
        line.common, [&](const auto& c) { return retell::app::keys_list(c, order->workspace, line.common.quiet); });
  });
  auto id = std::make_shared<std::string>();
  auto* revoke = keys->add_subcommand("revoke", "Make a key worthless at once");
  line.config_options(*revoke);
  workspace_option(*revoke);
  revoke->add_option("ID", *id, "The key's id, from: retell keys list")->required()->type_name("");
  revoke->callback([&line, order, id] {
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::keys_revoke(c, order->workspace, *id); });
  });
}

void add_users(CLI::App& app, CommandLine& line) {
  auto wish = std::make_shared<retell::app::UserWish>();
  auto* users = app.add_subcommand("users", "Create and list the dashboard's people, and give them new passwords");
  users->require_subcommand(1);
  auto* create = users->add_subcommand("create", "Make an account in a workspace");
  line.config_options(*create);
  create->add_option("EMAIL", wish->email, "Address to sign in with")->required()->type_name("");
  create->add_option("--name", wish->name, "How the person is called")->type_name("TEXT");
  create->add_option("--role", wish->role, "owner, admin, developer or viewer")
      ->capture_default_str()
      ->check(CLI::IsMember({"owner", "admin", "developer", "viewer"}))
      ->type_name("ROLE");
  create->add_option("--workspace", wish->workspace, "Its id (default: the server's first)")->type_name("ID");
  create
      ->add_option("--password-file", wish->password_file,
                   "File that holds the password; without it a one-time "
                   "token to set one is printed")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  create->add_flag("--quiet", line.common.quiet, "Print the token alone, or nothing");
  create->callback([&line, wish] {
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::users_create(c, *wish, line.common.quiet); });
  });
  auto* list = users->add_subcommand("list", "Show all accounts with their workspaces and roles");
  line.config_options(*list);
  list->callback(
      [&line] { line.status = with_config(line.common, [](const auto& c) { return retell::app::users_list(c); }); });
  auto* reset =
      users->add_subcommand("reset-password", "Print a one-time token with which a person sets a new password");
  line.config_options(*reset);
  reset->add_option("EMAIL", wish->email, "Of the account")->required()->type_name("");
  reset->add_flag("--quiet", line.common.quiet, "Print the token alone");
  reset->callback([&line, wish] {
    line.status = with_config(line.common, [&](const auto& c) {
      return retell::app::users_reset_password(c, wish->email, line.common.quiet);
    });
  });
}

void add_workspaces(CLI::App& app, CommandLine& line) {
  auto name = std::make_shared<std::string>();
  auto limits = std::make_shared<retell::app::LimitsWish>();
  auto* workspaces = app.add_subcommand("workspaces", "Create and list workspaces, and set their limits");
  workspaces->require_subcommand(1);
  auto* create = workspaces->add_subcommand("create", "Make a workspace and print its id");
  line.config_options(*create);
  create->add_option("NAME", *name, "How it is called")->required()->type_name("");
  create->callback([&line, name] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::workspaces_create(c, *name); });
  });
  auto* list = workspaces->add_subcommand("list", "Show all workspaces with their limits");
  line.config_options(*list);
  list->callback([&line] {
    line.status = with_config(line.common, [](const auto& c) { return retell::app::workspaces_list(c); });
  });
  auto* limit = workspaces->add_subcommand("limits", "Set what a workspace may do at once; \"default\": as the server");
  line.config_options(*limit);
  limit->add_option("ID", limits->workspace, "From: retell workspaces list")->required()->type_name("");
  limit->add_option("--calls", limits->calls, "Calls at once")->type_name("N");
  limit->add_option("--requests", limits->requests, "Requests a second, 0: no limit")->type_name("N");
  limit->callback([&line, limits] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::workspaces_limits(c, *limits); });
  });
}

void add_jobs(CLI::App& app, CommandLine& line) {
  auto wish = std::make_shared<retell::app::JobsWish>();
  auto* jobs = app.add_subcommand("jobs", "Show the queue of stored work, and run again what was given up");
  jobs->require_subcommand(1);
  const auto choice = [wish](CLI::App& command) {
    command.add_option("--kind", wish->kind, "Only this kind of work")->type_name("KIND");
    command.add_option("--workspace", wish->workspace, "Only this workspace's, by its id")->type_name("ID");
  };
  auto* list =
      jobs->add_subcommand("list", "Show jobs, oldest first; the dead ones were given up after their last try");
  line.config_options(*list);
  choice(*list);
  list->add_option("--state", wish->state, "waiting, running or dead")
      ->check(CLI::IsMember({"waiting", "running", "dead"}))
      ->type_name("STATE");
  list->add_flag("--json", wish->json, "One JSON array");
  list->callback([&line, wish] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::jobs_list(c, *wish); });
  });
  auto ids = std::make_shared<std::vector<std::string>>();
  auto all = std::make_shared<bool>(false);
  auto* retry = jobs->add_subcommand("retry", "Make dead jobs due again, with all their tries before them");
  line.config_options(*retry);
  choice(*retry);
  retry->add_option("ID", *ids, "From: retell jobs list --state dead")->type_name("");
  retry->add_flag("--all", *all, "Every dead job");
  retry->footer(
      "A running server takes them up at once. Webhooks have an outbox of their own: POST\n"
      "/v1/webhook-deliveries/{delivery_id}/resend.");
  retry->callback([&line, wish, ids, all] {
    if (ids->empty() == !*all) throw CLI::ValidationError("name jobs (retell jobs list --state dead), or --all");
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::jobs_retry(c, *ids, *wish); });
  });
}

void add_import(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<retell::app::ImportOptions>();
  auto* import =
      app.add_subcommand("import", "Bring an account of Retell, or of another such server, into a workspace");
  line.config_options(*import);
  import->add_option("--from-url", options->from_url, "Its API, such as https://api.retellai.com")
      ->required()
      ->type_name("URL");
  import->add_option("--api-key-file", options->key_file, "File with a key of it (default: $RETELL_IMPORT_API_KEY)")
      ->type_name("FILE");
  import->add_option("--workspace", options->workspace, "Where to (default: the server's first)")->type_name("ID");
  import->add_option("--voice", options->voices, "A voice of theirs and the one of ours that stands for it")
      ->type_name("THEIRS=OURS");
  import->add_flag("--json", options->json, "One JSON object instead of the report in words");
  import->footer(
      "Can be stopped and repeated: what has not changed is left alone.\n"
      "Status 0: everything came; 3: something could not, as the report says; 1: it could not go on.");
  import->callback([&line, options] {
    line.status =
        with_whole_config(line.common, [&](const auto& c) { return retell::app::import_account(c, *options); });
  });
}

void add_models(CLI::App& app, CommandLine& line) {
  auto* models = app.add_subcommand("models", "List, pull and remove local models");
  models->require_subcommand(1);
  auto json = std::make_shared<bool>(false);
  auto* list = models->add_subcommand("list", "Every model that can be had, its licence and whether it is here");
  line.config_option(*list);
  list->add_flag("--json", *json, "One JSON array");
  list->callback([&line, json] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::models_list(c, *json); });
  });
  auto names = std::make_shared<std::vector<std::string>>();
  auto defaults = std::make_shared<bool>(false);
  auto* pull =
      models->add_subcommand("pull", "Fetch models: resumed when broken off, checked by SHA-256, kept in the cache");
  line.config_option(*pull);
  pull->add_option("NAME", *names, "From: retell models list")->type_name("");
  pull->add_flag("--defaults", *defaults, "The ones that the demo agents use");
  pull->footer("A model that is here already is checked, and fetched anew when its file has changed.");
  pull->callback([&line, names, defaults] {
    if (names->empty() && !*defaults) throw CLI::ValidationError("name a model (retell models list), or --defaults");
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::models_pull(c, *names, *defaults); });
  });
  auto* remove = models->add_subcommand("remove", "Delete models from the cache");
  line.config_option(*remove);
  remove->add_option("NAME", *names, "From: retell models list")->required()->type_name("");
  remove->callback([&line, names] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::models_remove(c, *names); });
  });
}

void add_calls(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<retell::app::CallOptions>();
  auto* call = app.add_subcommand("call", "Place a simulated call to a running server and watch it live");
  call->add_option("--server", options->server, "The server to call")->capture_default_str()->type_name("URL");
  call->add_option("--key", options->key_file, "File that holds an API key (default: the variable RETELL_API_KEY)")
      ->type_name("FILE");
  call->add_option("--agent", options->agent_id, "Whom to call (default: the demo agent)")->type_name("ID");
  call->add_option("--via", options->via, "The protocol: twilio is Media Streams, as the carrier speaks it")
      ->capture_default_str()
      ->type_name("")
      ->check(CLI::IsMember({"twilio"}).description(""));
  // In the order of the command line, which two lists would lose.
  call->add_option_function<std::string>(
          "--say", [options](const std::string& text) { options->turns.push_back({text, ""}); },
          "A sentence that the caller speaks; once for each turn")
      ->trigger_on_parse()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->type_name("TEXT");
  call->add_option_function<std::string>(
          "--wav", [options](const std::string& path) { options->turns.push_back({"", path}); },
          "A WAV file that the caller plays: any rate, 16 bits, one channel or two; once for each turn")
      ->trigger_on_parse()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->type_name("FILE");
  call->add_option("--voice", options->voice,
                   "Who speaks --say: rms, slt or awb (English), or a language such as pt-BR")
      ->capture_default_str()
      ->type_name("VOICE");
  call->add_option("--record", options->record, "Write what the far end heard (two channels) to this WAV file")
      ->type_name("FILE");
  call->add_flag("--interrupt", options->interrupt, "Speak each turn but the first over the agent's answer");
  call->add_option("--limit", options->limit_seconds, "Hang up after so many seconds, whatever is still to be said")
      ->capture_default_str()
      ->check(CLI::Range(1, 3600))
      ->type_name("SECONDS");
  call->add_flag("--json", options->json, "One JSON object at the end instead of live text");
  call->footer(
      "Example: RETELL_API_KEY=... retell call --say 'What is the capital of France?' --say 'Thank you, goodbye.'\n"
      "Status 0: the call went well; 1: there was none; 3: it did, but the far end complains (late answers, gaps, "
      "bursts).");
  call->callback([&line, options] { line.status = retell::app::call(*options); });

  auto* demo = app.add_subcommand("demo", "Serve, call and tell: a simulated conversation with the demo agent");
  auto language = std::make_shared<std::string>("en-US");
  line.config_options(*demo);
  demo->add_option("--language", *language, "en-US or pt-BR")
      ->capture_default_str()
      ->type_name("")
      ->check(CLI::IsMember({"en-US", "pt-BR"}).description(""));
  demo->callback([&line, language] {
    line.status =
        with_whole_config(line.common, [&](const auto& config) { return retell::app::demo(config, *language); });
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
      one->add_option("--calls", options->calls, "This number of calls alone")->type_name("N");
      one->add_option("--seconds", options->seconds, "Length of each step")->capture_default_str()->type_name("N");
    }
    if (name == "local") {
      one->add_option("--calls", options->calls, "Callers at a time, 1 unless given")->type_name("N");
    }
    one->footer("And the options of retell bench: --json, --config, --data-dir.");
    one->callback([&line, options, name] {
      line.status = with_whole_config(line.common,
                                      [&](const auto& config) { return retell::app::bench(config, name, *options); });
    });
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Voice agents that you host yourself, behind Retell's REST API.", "retell");
  app.set_version_flag("--version", RETELL_VERSION, "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.require_subcommand(1);
  app.get_formatter()->column_width(30);
  app.footer(
      "retell SUBCOMMAND --help tells more. Settings: docs/configuration.md; secrets come from the environment or "
      "from\n"
      "files, never from the command line. Status 0: done, 1: it failed, 2: the command line was not understood.");
  CommandLine line;
  add_serve(app, line);
  add_calls(app, line);
  add_keys(app, line);
  add_users(app, line);
  add_workspaces(app, line);
  add_jobs(app, line);
  add_import(app, line);
  add_models(app, line);
  add_bench(app, line);
  constexpr int misused = 2;
  try {
    if (argc < 2) {
      std::fputs(app.help().c_str(), stderr);
      return misused;
    }
    const auto is_asked_for = [&](const CLI::App* command) { return command->check_name(argv[1]); };
    if (const auto known = app.get_subcommands({});
        argv[1][0] != '-' && std::none_of(known.begin(), known.end(), is_asked_for)) {
      std::fprintf(stderr, "retell: there is no subcommand '%s'; see: retell --help\n", argv[1]);
      return misused;
    }
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    line.status = app.exit(e) == 0 ? 0 : misused;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "retell: %s\n", e.what());
    line.status = 1;
  }
  retell::core::shutdown_log();
  return line.status;
}
