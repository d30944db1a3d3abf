#include "app/commands/demo.hpp"

#include <fmt/core.h>

#include <array>
#include <csignal>
#include <span>

#include "app/commands/common.hpp"
#include "app/commands/conversation.hpp"
#include "app/commands/speech.hpp"
#include "app/commands/telling.hpp"
#include "app/server.hpp"
#include "app/stores.hpp"
#include "core/log.hpp"
#include "services/demo.hpp"
#ifdef RETELL_LOCAL_MODELS
#include "providers/local/model_store.hpp"
#endif

extern "C" {
// demo_speech.S
extern const std::uint8_t retell_demo_pt_capital_begin[];
extern const std::uint8_t retell_demo_pt_capital_end[];
extern const std::uint8_t retell_demo_pt_story_begin[];
extern const std::uint8_t retell_demo_pt_story_end[];
extern const std::uint8_t retell_demo_pt_wait_begin[];
extern const std::uint8_t retell_demo_pt_wait_end[];
}

namespace retell::app {
namespace {

// What the caller says: a question, something that takes long to answer, and an interruption.
struct Line {
  const char* text;
  std::span<const std::uint8_t> wav = {};  // empty: spoken by flite
};
struct Part {
  const char* agent_id;
  std::array<Line, 3> lines;
};

Part part_for(const std::string& language) {
  if (language == "pt-BR") {
    return {services::demo_agent_pt,
            {Line{"Qual é a capital do Brasil?", {retell_demo_pt_capital_begin, retell_demo_pt_capital_end}},
             Line{"Conte uma história bem comprida.", {retell_demo_pt_story_begin, retell_demo_pt_story_end}},
             Line{"Espere, por favor, pare um momento.", {retell_demo_pt_wait_begin, retell_demo_pt_wait_end}}}};
  }
  return {services::demo_agent_en,
          {Line{"What is the capital of France?"}, Line{"Tell me a long story about a dog."},
           Line{"Wait, please stop for a moment."}}};
}

core::Result<simulator::Script> script_of(const Part& part) {
  using namespace std::chrono_literals;
  using simulator::When;
  simulator::Script script;
  for (const auto& line : part.lines) {
    auto samples = line.wav.empty() ? speak(line.text, "rms") : caller_wav(line.wav);
    if (!samples) return tl::unexpected(samples.error());
    const bool interrupts = &line == &part.lines.back();
    script.push_back({interrupts ? When::while_agent_speaks : When::after_agent, interrupts ? 1500ms : 300ms,
                      simulator::Say{std::move(*samples)},
                      interrupts ? std::string(line.text) + "  (interrupting)" : std::string(line.text)});
  }
  script.push_back({When::after_agent, 500ms, simulator::HangUp{}, "hangs up"});
  return script;
}

// A small model that does not know the language answers it with words that make no sense; better said before.
std::string language_note([[maybe_unused]] const config::Config& config, [[maybe_unused]] const std::string& language) {
#ifdef RETELL_LOCAL_MODELS
  if (language == "en-US" || config.providers.llm != "local" || !config.models.llm.empty()) return {};
  const providers::local::ModelStore store(providers::local::builtin_manifest(), models_dir(config));
  for (const auto& stored : store.list()) {
    const bool answers = stored.model->kind == providers::local::ModelKind::llm;
    if (answers && stored.present && providers::local::speaks(*stored.model, "pt")) return {};
  }
  return "O modelo de linguagem que está aqui só sabe inglês: as respostas não farão sentido.\n"
         "Um que sabe português (0,5 GB): retell models pull qwen2.5-0.5b-instruct\n";
#else
  return {};
#endif
}

}  // namespace

int demo(const config::Config& given, const std::string& language) {
  auto config = given;
  config.server.port = 0;
  config.server.public_url.clear();
  ::signal(SIGPIPE, SIG_IGN);
  core::init_log(core::LogLevel::error, core::LogFormat::text);
  fmt::print("Loading the local models ...\n");
  auto server = Server::build(config, {});
  if (!server) return tell(server.error());
  const auto port = (*server)->start();
  if (!port) return tell(port.error());
  auto key = (*server)->lend_api_key("demo");
  if (!key) return tell(key.error());

  const auto part = part_for(language);
  if (const auto note = language_note(config, language); !note.empty()) fmt::print("{}\n", note);
  ConversationOrder order;
  order.server = "http://127.0.0.1:" + std::to_string(*port);
  order.api_key = *key;
  order.agent_id = part.agent_id;
  auto script = script_of(part);
  if (!script) return tell(script.error());
  order.script = std::move(*script);
  Teller teller;
  order.on_moment = [&teller](const auto& moment) { teller.moment(moment); };
  order.on_update = [&teller](const auto& update) { teller.update(update); };
  fmt::print("A caller phones the demo agent: real audio, the carrier's own protocol.\n\n");
  const auto held = hold_conversation(order);
  if (!held) return tell(held.error());
  tell_outcome(*held, recording_place(config, held->call_id));
  server->reset();
  return 0;
}

}  // namespace retell::app
