#include "app/commands/demo.hpp"

#include <fmt/core.h>

#include <csignal>

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

namespace retell::app {
namespace {

struct Part {
  const char* agent_id;
  const char* voice;
  std::vector<const char*> lines;
  const char* interruption;
};

Part part_for(const std::string& language) {
  if (language == "pt-BR") {
    return {services::demo_agent_pt,
            "pt-BR",
            {"Qual é a capital do Brasil?", "Conte uma história bem comprida."},
            "Espere, por favor, pare um momento."};
  }
  return {services::demo_agent_en,
          "rms",
          {"What is the capital of France?", "Tell me a long story about a dog."},
          "Wait, please stop for a moment."};
}

// A small model that does not know the language answers it with words that make no sense; better said before.
std::string language_note(const config::Config& config, const std::string& language) {
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
  using namespace std::chrono_literals;
  using simulator::When;
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
  for (const auto* line : part.lines) {
    auto samples = speak(line, part.voice);
    if (!samples) return tell(samples.error());
    order.script.push_back({When::after_agent, 300ms, simulator::Say{std::move(*samples)}, line});
  }
  auto wait = speak(part.interruption, part.voice);
  if (!wait) return tell(wait.error());
  order.script.push_back({When::while_agent_speaks, 1500ms, simulator::Say{std::move(*wait)},
                          std::string(part.interruption) + "  (interrupting)"});
  order.script.push_back({When::after_agent, 500ms, simulator::HangUp{}, "hangs up"});
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
