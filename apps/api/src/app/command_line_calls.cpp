// retell call | demo | models | transcribe | bench
#include <memory>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/commands/bench.hpp"
#include "app/commands/call.hpp"
#include "app/commands/demo.hpp"
#include "app/commands/models.hpp"
#include "app/commands/transcribe.hpp"

namespace retell::app {
namespace {

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
  auto language = std::make_shared<std::string>();
  pull->add_option("--language", *language, "With --defaults: and what they lack for it, such as pt-BR")
      ->type_name("LANG");
  pull->footer("A model that is here already is checked, and fetched anew when its file has changed.");
  pull->callback([&line, names, defaults, language] {
    if (names->empty() && !*defaults) throw CLI::ValidationError("name a model (retell models list), or --defaults");
    line.status = with_config(line.common,
                              [&](const auto& c) { return retell::app::models_pull(c, *names, *defaults, *language); });
  });
  auto* remove = models->add_subcommand("remove", "Delete models from the cache");
  line.config_option(*remove);
  remove->add_option("NAME", *names, "From: retell models list")->required()->type_name("");
  remove->callback([&line, names] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::models_remove(c, *names); });
  });
}

void add_calls(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<CallOptions>();
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
      "Ctrl-C hangs up and still tells how the call went.\n"
      "Status 0: the call went well; 1: there was none; 3: it did, but the far end complains (late answers, gaps, "
      "bursts); 130: it was broken off.");
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

void add_transcribe(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<TranscribeOptions>();
  auto* command = app.add_subcommand("transcribe", "What the local models hear in a recording, both channels");
  line.config_option(*command);
  command->add_option("FILE", options->file, "A WAV file: any rate, 16 bits, mu-law or A-law")
      ->required()
      ->type_name("");
  command->add_option("--language", options->language, "What is spoken in it, such as en-US or pt-BR")
      ->capture_default_str()
      ->type_name("LANG");
  command->add_flag("--json", options->json, "One JSON array");
  command->callback([&line, options] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::transcribe(c, *options); });
  });
}

void add_bench(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<BenchOptions>();
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

void add_call_commands(CLI::App& app, CommandLine& line) {
  add_calls(app, line);
  add_models(app, line);
  add_transcribe(app, line);
  add_bench(app, line);
}

}  // namespace retell::app
