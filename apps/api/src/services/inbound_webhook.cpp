#include "services/inbound_webhook.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>

#include <array>

#include "core/race.hpp"
#include "crypto/retell_signature.hpp"
#include "json/read.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

constexpr std::array<std::chrono::milliseconds, 3> waits = {250ms, 500ms, 1s};
constexpr std::size_t longest_answer = std::size_t{256} << 10U;

struct Inside {
  std::optional<json::Value> reject = {};
  std::optional<std::string> override_agent_id = {};
  std::optional<VersionReference> override_agent_version = {};
  std::optional<AgentOverride> agent_override = {};
  std::optional<domain::TextMap> dynamic_variables = {};
  std::optional<json::Value> metadata = {};
};
BOOST_DESCRIBE_STRUCT(Inside, (),
                      (reject, override_agent_id, override_agent_version, agent_override, dynamic_variables, metadata))

struct Reply {
  std::optional<Inside> call_inbound = {};
};
BOOST_DESCRIBE_STRUCT(Reply, (), (call_inbound))

std::string question_body(const InboundQuestion& question, std::int64_t now_ms) {
  json::Object call{{"call_id", question.call_id}};
  if (question.agent_id) call["agent_id"] = *question.agent_id;
  if (question.agent_version) {
    // As it was set: a number, or the name of a tag.
    const auto number = json::parse(*question.agent_version);
    call["agent_version"] = number && number->is_int64() ? *number : json::Value(*question.agent_version);
  }
  call["from_number"] = question.from_number;
  call["to_number"] = question.to_number;
  if (!question.custom_sip_headers.empty()) {
    json::Object headers;
    for (const auto& [name, value] : question.custom_sip_headers) headers[name] = value;
    call["custom_sip_headers"] = std::move(headers);
  }
  return json::dump_as_javascript(
      json::Object{{"event", "call_inbound"}, {"event_timestamp", now_ms}, {"call_inbound", std::move(call)}});
}

}  // namespace

core::Result<InboundAnswer> read_inbound_answer(std::string_view body) {
  const auto document = json::parse(body, {.bytes = longest_answer});
  if (!document) return tl::unexpected(document.error());
  auto reply = json::read<Reply>(*document);
  if (!reply) return tl::unexpected(reply.error());
  InboundAnswer answer;
  if (!reply->call_inbound) return answer;
  auto& inside = *reply->call_inbound;
  answer.reject = inside.reject && inside.reject->is_bool() && inside.reject->get_bool();
  answer.override_agent_id = std::move(inside.override_agent_id);
  answer.override_agent_version = std::move(inside.override_agent_version);
  answer.agent_override = std::move(inside.agent_override);
  answer.dynamic_variables = std::move(inside.dynamic_variables);
  answer.metadata = std::move(inside.metadata);
  return answer;
}

core::Task<core::Result<InboundAnswer>> InboundWebhook::ask(InboundQuestion question) {
  // The caller's cancellation would be emitted on another thread than the request's: it waits instead, and not long.
  co_return co_await core::asio::co_spawn(
      executor_, ask_here(std::move(question)),
      core::asio::bind_cancellation_slot(core::asio::cancellation_slot(), core::asio::use_awaitable));
}

core::Task<core::Result<InboundAnswer>> InboundWebhook::ask_here(InboundQuestion question) {
  const auto begun = clock_.now();
  const auto body = question_body(question, core::epoch_ms(clock_.wall()));
  const auto left = [&] {
    return std::chrono::duration_cast<std::chrono::milliseconds>(options_.patience - (clock_.now() - begun));
  };
  for (std::size_t tries = 0;; ++tries) {
    auto answer = co_await attempt(question, body, std::min(options_.one_try, left()));
    if (answer) co_return answer;
    log_.with("call_id", question.call_id).warn("the inbound webhook: {}", answer.error().message);
    const auto code = answer.error().code;
    const bool final = code == ErrorCode::forbidden || code == ErrorCode::precondition;
    if (final || tries >= waits.size() || left() <= waits.at(tries)) co_return answer;
    co_await core::sleep_for(waits.at(tries));
  }
}

core::Task<core::Result<InboundAnswer>> InboundWebhook::attempt(const InboundQuestion& question,
                                                                const std::string& body,
                                                                std::chrono::milliseconds limit) {
  const auto key = co_await keys_.signing_key(question.organization_id);
  if (!key) co_return tl::unexpected(key.error());
  net::ClientRequest request;
  request.method = "POST";
  request.url = question.url;
  request.headers.set("Content-Type", "application/json");
  request.headers.set("X-Retell-Signature", crypto::sign_retell(body, *key, core::epoch_ms(clock_.wall())));
  request.body = body;
  request.reach = options_.allow_private ? net::Reach::any : net::Reach::public_only;
  request.connect_timeout = std::min<std::chrono::milliseconds>(limit, 5s);
  request.first_byte_timeout = limit;
  request.idle_timeout = limit;
  request.max_body = longest_answer;
  const auto answer = co_await core::with_timeout(send_(std::move(request)), limit, "the receiver");
  if (!answer) co_return tl::unexpected(answer.error());
  if (answer->status < 200 || answer->status > 299) {
    co_return fail(ErrorCode::unavailable, "the receiver answered " + std::to_string(answer->status));
  }
  co_return read_inbound_answer(answer->body);
}

}  // namespace retell::services
