// What POST /repair-agent does: an agent and its engine outlive what they name (voices, knowledge bases, components).
#include "json/write.hpp"
#include "services/agent_service.hpp"

namespace retell::services {
namespace {

std::string language_of(const json::Object& settings) {
  const auto* language = settings.if_contains("language");
  if (language != nullptr && language->is_array() && !language->get_array().empty())
    language = &language->get_array()[0];
  return language != nullptr && language->is_string() ? std::string(language->get_string()) : "en-US";
}

bool repair_voice(json::Object& settings, const VoiceCatalog& voices) {
  const auto* id = settings.if_contains("voice_id");
  if (id != nullptr && id->is_string() && voices.find(std::string_view(id->get_string()))) return false;
  const auto* other = voices.stand_in(language_of(settings));
  if (other == nullptr) return false;
  settings["voice_id"] = other->voice.voice_id;
  return true;
}

bool repair_fallbacks(json::Object& settings, const VoiceCatalog& voices) {
  auto* ids = settings.if_contains("fallback_voice_ids");
  if (ids == nullptr || !ids->is_array()) return false;
  json::Array left;
  for (const auto& id : ids->get_array()) {
    if (id.is_string() && voices.find(std::string_view(id.get_string()))) left.push_back(id);
  }
  if (left.size() == ids->get_array().size()) return false;
  if (left.empty())
    settings.erase("fallback_voice_ids");
  else
    *ids = std::move(left);
  return true;
}

}  // namespace

core::Task<core::Result<AgentView>> AgentService::repair(std::string organization_id, std::string agent_id,
                                                         storage::VersionChoice version) {
  auto agent = co_await draft(organization_id, std::move(agent_id), std::move(version), domain::Channel::voice);
  if (!agent) co_return agent;
  const auto* named = agent->settings.if_contains("response_engine");
  auto engine = json::read<domain::ResponseEngine>(named == nullptr ? json::Value() : *named);
  if (!engine) co_return tl::unexpected(engine.error());
  auto draft_engine = co_await engines_.draft(organization_id, std::move(*engine));
  if (!draft_engine) {
    auto error = draft_engine.error();
    if (error.code == core::ErrorCode::unprocessable) {
      error.message += ": an agent without its response engine cannot be repaired; give it another with update-agent";
    }
    co_return tl::unexpected(std::move(error));
  }
  const auto now = core::epoch_ms(clock_.wall());
  std::vector<storage::Statement> statements;
  const bool voice = repair_voice(agent->settings, voices_);
  const bool fallbacks = repair_fallbacks(agent->settings, voices_);
  if (voice || fallbacks) {
    agent->modified_at = now;
    statements.push_back(storage::AgentStore::update_draft(organization_id, *agent));
  }
  if (draft_engine->has_value()) {
    auto& [table, record] = **draft_engine;
    const auto lost = co_await references_.lost(organization_id, domain::things_named(record.settings));
    if (!lost) co_return tl::unexpected(lost.error());
    if (domain::take_out(record.settings, *lost)) {
      record.modified_at = now;
      statements.push_back(storage::EngineStore::update_draft(table, organization_id, record));
    }
  }
  if (statements.empty()) co_return agent;
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return agent;
}

}  // namespace retell::services
