#include "domain/chat_agent.hpp"

#include "domain/rules.hpp"
#include "json/merge_patch.hpp"

template retell::json::Value retell::json::schema<retell::domain::ChatAgentSettings>(retell::json::SchemaBook&);
template retell::json::Value retell::json::patch_schema<retell::domain::ChatAgentSettings>(retell::json::SchemaBook&);

namespace retell::domain {
namespace {

constexpr std::array read_only_members = {
    "agent_id", "version", "base_version", "is_published", "assigned_tags", "last_modification_timestamp", "channel"};

core::Result<CheckedChatAgent> checked(const json::Value& body) {
  auto settings = settings_of(body, read_only_members);
  if (!settings) return tl::unexpected(settings.error());
  auto shape = json::read<ChatAgentSettings>(*settings);
  if (!shape) return tl::unexpected(shape.error());
  json::Problems problems;
  check_languages(problems, "language", shape->language);
  check_timezone(problems, "timezone", shape->timezone);
  check_engine(problems, "response_engine", shape->response_engine);
  check_range(problems, "end_chat_after_silence_ms", shape->end_chat_after_silence_ms, 120'000, 259'200'000);
  check_range(problems, "webhook_timeout_ms", shape->webhook_timeout_ms, 1, 60'000);
  check_range(problems, "data_storage_retention_days", shape->data_storage_retention_days, 1, 730);
  check_at_least(problems, "signed_url_expiration_ms", shape->signed_url_expiration_ms, 1);
  check_url(problems, "webhook_url", shape->webhook_url);
  check_text(problems, "agent_name", shape->agent_name, 1'000);
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return CheckedChatAgent{std::move(*settings), std::move(shape->response_engine)};
}

}  // namespace

core::Result<CheckedChatAgent> check_chat_agent(const json::Value& body) { return checked(body); }

core::Result<CheckedChatAgent> patch_chat_agent(const json::Object& settings, const json::Value& body) {
  if (!body.is_object()) return core::fail(core::ErrorCode::invalid, "expected an object");
  json::Value merged = settings;
  json::merge_patch(merged, body, 1);
  return checked(merged);
}

}  // namespace retell::domain
