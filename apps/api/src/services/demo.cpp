#include "services/demo.hpp"

#include <array>

#include "domain/agent.hpp"
#include "domain/llm.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/llm_store.hpp"

namespace retell::services {
namespace {

struct Demo {
  const char* agent_id;
  const char* llm_id;
  const char* name;
  const char* language;
  const char* begin_message;
  const char* prompt;
  const char* end_description;
};

constexpr std::array demos = {
    Demo{demo_agent_en, "llm_demo_en", "Demo (English)", "en-US",
         "Hi! This is the demo agent. How can I help you today?",
         "You are a friendly voice assistant on a phone call. Answer in one or two short sentences of plain spoken "
         "English, without lists or symbols. If you do not know something, say so. When the caller says goodbye, say "
         "goodbye and end the call.",
         "End the call after the caller has said goodbye."},
    Demo{demo_agent_pt, "llm_demo_pt", "Demo (Português)", "pt-BR",
         "Oi! Aqui é a agente de demonstração. Como posso ajudar você hoje?",
         "Você é uma assistente de voz simpática em uma ligação telefônica. Responda em uma ou duas frases curtas, em "
         "português do Brasil falado, sem listas nem símbolos. Se não souber algo, diga que não sabe. Quando a pessoa "
         "se despedir, despeça-se e encerre a ligação.",
         "Encerra a ligação depois que a pessoa se despede."}};

// The first voice of the language, else the first of all.
const CatalogVoice& voice_for(const VoiceCatalog& voices, std::string_view language) {
  const auto base = language.substr(0, 2);
  for (const auto& voice : voices.all()) {
    if (std::string_view(voice.language).substr(0, 2) == base) return voice;
  }
  return voices.all().front();
}

}  // namespace

core::Task<core::Result<>> ensure_demo(storage::Database& database, const VoiceCatalog& voices,
                                       const core::Clock& clock, std::string organization_id) {
  if (voices.all().empty()) co_return core::Result<>{};
  storage::AgentStore agents(database);
  storage::LlmStore llms(database);
  const auto now = core::epoch_ms(clock.wall());
  for (const auto& demo : demos) {
    const auto agent_there = co_await agents.find(organization_id, demo.agent_id, {});
    if (!agent_there) co_return tl::unexpected(agent_there.error());
    if (agent_there->has_value()) continue;
    std::vector<storage::Statement> statements;
    const auto llm_there = co_await llms.find(organization_id, demo.llm_id, {});
    if (!llm_there) co_return tl::unexpected(llm_there.error());
    if (!llm_there->has_value()) {
      domain::RetellLlm llm;
      llm.llm_id = demo.llm_id;
      llm.last_modification_timestamp = now;
      llm.settings.general_prompt = demo.prompt;
      llm.settings.begin_message = demo.begin_message;
      llm.settings.start_speaker = domain::Speaker::agent;
      domain::EndCallTool end;
      end.name = "end_call";
      end.description = demo.end_description;
      llm.settings.general_tools = std::vector<domain::Tool>{std::move(end)};
      statements.push_back(storage::LlmStore::insert(organization_id, llm));
    }
    domain::Agent agent;
    agent.agent_id = demo.agent_id;
    agent.last_modification_timestamp = now;
    agent.settings.agent_name = demo.name;
    agent.settings.response_engine = domain::RetellLlmEngine{demo.llm_id, std::nullopt};
    agent.settings.voice_id = voice_for(voices, demo.language).voice.voice_id;
    agent.settings.language = std::string(demo.language);
    statements.push_back(storage::AgentStore::insert(organization_id, storage::to_record(agent)));
    const auto done = co_await database.transaction(std::move(statements));
    // Another process that starts at the same time may have been first.
    if (!done && done.error().code != core::ErrorCode::conflict) co_return tl::unexpected(done.error());
  }
  co_return core::Result<>{};
}

}  // namespace retell::services
