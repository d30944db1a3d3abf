// Chats.
#include "api/routes/routes.hpp"
#include "api/types.hpp"
#include "domain/rules.hpp"
#include "services/version_choice.hpp"

namespace retell::api {
namespace {

struct ChatMessage {
  std::string message_id;
  std::string role;  // agent, user, tool_call_invocation, tool_call_result
  std::optional<std::string> content = {};
  std::int64_t created_timestamp = 0;  // epoch ms
};
BOOST_DESCRIBE_STRUCT(ChatMessage, (), (message_id, role, content, created_timestamp))

struct Chat {
  std::string chat_id;
  std::string agent_id;
  std::int32_t version = 0;
  std::optional<std::string> agent_tag = {};
  std::string chat_status;  // ongoing, ended
  std::string chat_type;    // api_chat
  std::int64_t start_timestamp = 0;
  std::optional<std::int64_t> end_timestamp = {};
  std::optional<std::string> transcript = {};
  std::optional<std::vector<ChatMessage>> message_with_tool_calls = {};
  std::optional<json::Value> metadata = {};
  std::optional<json::Object> custom_attributes = {};
  std::optional<domain::TextMap> retell_llm_dynamic_variables = {};
};
BOOST_DESCRIBE_STRUCT(Chat, (),
                      (chat_id, agent_id, version, agent_tag, chat_status, chat_type, start_timestamp, end_timestamp,
                       transcript, message_with_tool_calls, metadata, custom_attributes, retell_llm_dynamic_variables))

Outcome shown(unsigned status, core::Result<json::Object> chat) {
  if (!chat) return tl::unexpected(chat.error());
  return json_reply(status, std::move(*chat));
}

core::Task<Outcome> create(Api& api, const Request& request, services::ChatRequest body) {
  co_return shown(201, co_await api.chats.create(request.organization(), std::move(body)));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  co_return shown(200, co_await api.chats.get(request.organization(), request.parameter(0)));
}

core::Task<Outcome> update(Api& api, const Request& request, Raw<services::UpdateChat> body) {
  auto change = services::read_update_chat(body.value);
  if (!change) co_return tl::unexpected(change.error());
  co_return shown(200, co_await api.chats.update(request.organization(), request.parameter(0), std::move(*change)));
}

core::Task<Outcome> end(Api& api, const Request& request) {
  const auto done = co_await api.chats.end(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.chats.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

struct Completion {
  std::string chat_id;
  std::string content;
};
BOOST_DESCRIBE_STRUCT(Completion, (), (chat_id, content))

struct Messages {
  std::vector<ChatMessage> messages;
};
BOOST_DESCRIBE_STRUCT(Messages, (), (messages))

core::Task<Outcome> complete(Api& api, const Request& request, Completion body) {
  auto messages = co_await api.chats.complete(request.organization(), std::move(body.chat_id), std::move(body.content));
  if (!messages) co_return tl::unexpected(messages.error());
  co_return json_reply(201, json::Object{{"messages", std::move(*messages)}});
}

struct PlaygroundReply {
  std::vector<ChatMessage> messages;
  bool call_ended = false;
  domain::TextMap dynamic_variables;
};
BOOST_DESCRIBE_STRUCT(PlaygroundReply, (), (messages, call_ended, dynamic_variables))

core::Task<Outcome> playground(Api& api, const Request& request, services::PlaygroundRequest body) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  co_return shown(200, co_await services::try_agent(api.chat_engine, api.clock, request.organization(),
                                                    request.parameter(0), std::move(*version), std::move(body)));
}

struct ListChats {
  std::optional<json::Value> filter_criteria = {};
  std::optional<bool> include_total = {};
  std::optional<std::int32_t> limit = {};
  std::optional<std::string> pagination_key = {};
  std::optional<std::int32_t> skip = {};
  std::optional<std::string> sort_order = {};
};
BOOST_DESCRIBE_STRUCT(ListChats, (), (filter_criteria, include_total, limit, pagination_key, skip, sort_order))

core::Task<Outcome> list(Api& api, const Request& request, ListChats body) {
  auto page = make_page(body.limit, body.pagination_key, body.sort_order);
  if (!page) co_return tl::unexpected(page.error());
  auto filter = domain::ListFilter::parse(body.filter_criteria.value_or(json::Value()), domain::chat_groups());
  if (!filter) co_return tl::unexpected(filter.error());
  if (body.skip.value_or(0) < 0) co_return core::fail(core::ErrorCode::invalid, "skip: must not be negative", "skip");
  const auto found = co_await api.chats.list(
      request.organization(),
      {std::move(*page), body.skip.value_or(0), body.include_total.value_or(false), std::move(*filter)});
  if (!found) co_return tl::unexpected(found.error());
  auto reply = envelope(found->page, [](const json::Object& chat) { return chat; });
  if (found->total) reply["total"] = *found->total;
  co_return json_reply(200, std::move(reply));
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  const auto found = co_await api.chats.list(request.organization(), {std::move(*page), 0, false, {}});
  if (!found) co_return tl::unexpected(found.error());
  json::Array all;
  for (const auto& chat : found->page.items) all.push_back(chat);
  co_return json_reply(200, std::move(all));
}

struct SmsChat {
  std::string from_number;
  std::string to_number;
  std::optional<std::string> override_agent_id = {};
  std::optional<services::VersionReference> override_agent_version = {};
  std::optional<json::Value> metadata = {};
  std::optional<domain::TextMap> retell_llm_dynamic_variables = {};
};
BOOST_DESCRIBE_STRUCT(SmsChat, (),
                      (from_number, to_number, override_agent_id, override_agent_version, metadata,
                       retell_llm_dynamic_variables))

// As far as it can be told without sending anything, the body is right or the error says what is not.
core::Task<core::Result<>> check_sms(Api& api, const Request& request, SmsChat chat) {
  constexpr auto expected = "must be a number in E.164 form, such as +14155550100";
  json::Problems problems;
  if (!domain::is_e164(chat.from_number)) problems.add("from_number", expected);
  if (!domain::is_e164(chat.to_number)) problems.add("to_number", expected);
  if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error());
  if (!chat.override_agent_id) co_return core::Result<>{};
  auto version = services::parse_version(services::version_text(chat.override_agent_version));
  if (!version) co_return tl::unexpected(version.error());
  const auto agent = co_await api.agents.view(request.organization(), std::move(*chat.override_agent_id),
                                              std::move(*version), domain::Channel::chat);
  if (!agent) co_return tl::unexpected(agent.error());
  co_return core::Result<>{};
}

core::Task<Outcome> create_sms(Api& api, const Request& request, SmsChat body) {
  const auto good = co_await check_sms(api, request, std::move(body));
  if (!good) co_return tl::unexpected(good.error());
  co_return not_offered("Chats by SMS are not available on this server yet.");
}

core::Task<Outcome> rerun_analysis(Api& api, const Request& request) {
  const auto chat = co_await api.chats.get(request.organization(), request.parameter(0));
  if (!chat) co_return tl::unexpected(chat.error());
  co_return not_offered("Analysis by a language model is not available on this server yet, so there is none to rerun.");
}

constexpr domain::Need see_history{domain::Area::history, domain::Access::read};
constexpr domain::Need change_history{domain::Area::history, domain::Access::edit};

constexpr Route table[] = {
    endpoint<&create, Chat>("POST", "/create-chat", 201, "Begin a chat", {.needs = {.browser = true}}),
    endpoint<&complete, Messages>("POST", "/create-chat-completion", 201, "Say something and get the agent's answer",
                                  {.needs = {.browser = true}}),
    endpoint<&playground, PlaygroundReply>(
        "POST", "/agent-playground-completion/{agent_id}", 200, "Try an agent in writing; nothing is stored",
        {.query = version_field, .needs = {.need = domain::Need{domain::Area::testing, domain::Access::edit}}}),
    endpoint<&get, Chat>("GET", "/get-chat/{chat_id}", 200, "Get a chat", {.needs = {.need = see_history}}),
    endpoint<&update, Chat>("PATCH", "/update-chat/{chat_id}", 200, "Annotate a chat",
                            {.needs = {.need = change_history}}),
    endpoint<&end>("PATCH", "/end-chat/{chat_id}", 204, "End a chat", {.needs = {.browser = true}}),
    endpoint<&remove>("DELETE", "/delete-chat/{chat_id}", 204, "Delete a chat", {.needs = {.need = change_history}}),
    endpoint<&list, Items<Chat>>("POST", "/v3/list-chats", 200, "List chats", {.needs = {.need = see_history}}),
    endpoint<&list_bare, std::vector<Chat>>("GET", "/list-chat", 200, "List chats",
                                            {.query = page_fields, .older = true, .needs = {.need = see_history}}),
    endpoint<&create_sms, Chat>("POST", "/create-sms-chat", 200, "Begin a chat by SMS (not available yet)"),
    endpoint<&rerun_analysis, Chat>("PUT", "/rerun-chat-analysis/{chat_id}", 200,
                                    "Analyse a chat again (not available yet)"),
};

}  // namespace

std::span<const Route> chat_routes() { return table; }

}  // namespace retell::api
