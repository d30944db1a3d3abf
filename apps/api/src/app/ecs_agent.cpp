#include "app/ecs_agent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "json/text.hpp"

namespace retell::app {
namespace {

using Kind = ProtectionAnswer::Kind;

std::string text_of(const json::Object& object, std::string_view name) {
  const auto* found = object.if_contains(name);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

const json::Object* part_of(const json::Value& document, std::string_view name) {
  const auto* object = document.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains(name);
  return found == nullptr ? nullptr : found->if_object();
}

std::string joined(const std::string& reason, const std::string& detail) {
  return detail.empty() ? reason : reason + ": " + detail;
}

// What asking again will hardly change: the task is none of a service's, its role lacks the permission, or this agent
// knows no protection.
bool is_hopeless(std::string_view reason) {
  constexpr std::array reasons = {std::string_view("TASK_NOT_VALID"), std::string_view("AccessDeniedException"),
                                  std::string_view("InvalidParameterException"),
                                  std::string_view("ResourceNotFoundException"),
                                  std::string_view("UnsupportedFeatureException")};
  return std::find(reasons.begin(), reasons.end(), reason) != reasons.end();
}

}  // namespace

ProtectionAnswer read_protection_answer(unsigned status, const std::string& body, bool wanted) {
  const auto document = json::parse(body).value_or(json::Value());
  if (const auto* failure = part_of(document, "failure")) {
    const auto reason = text_of(*failure, "Reason");
    return {is_hopeless(reason) ? Kind::hopeless : Kind::refused, joined(reason, text_of(*failure, "Detail"))};
  }
  if (const auto* error = part_of(document, "error")) {
    const auto code = text_of(*error, "Code");
    return {is_hopeless(code) ? Kind::hopeless : Kind::failed, joined(code, text_of(*error, "Message"))};
  }
  const auto* protection = part_of(document, "protection");
  const auto* enabled = protection == nullptr ? nullptr : protection->if_contains("ProtectionEnabled");
  if (status == 200 && enabled != nullptr && *enabled == json::Value(wanted)) return {};
  if (status == 200) return {Kind::failed, "the agent's answer is not understood"};
  return {status == 404 ? Kind::hopeless : Kind::failed, fmt::format("the agent answered with status {}", status)};
}

core::Task<ProtectionAnswer> EcsAgent::ask(ProtectionOrder order) {
  json::Object wish{{"ProtectionEnabled", order.on}};
  if (order.on) wish.emplace("ExpiresInMinutes", order.lease.count());
  net::ClientRequest request;
  request.method = "PUT";
  request.url = uri_ + "/task-protection/v1/state";
  request.headers.set("Content-Type", "application/json");
  request.body = json::dump(wish);
  // The agent's address is link-local (169.254.170.2). It is the operator's, from the environment alone; what customers
  // name goes out with public_only and never gets there.
  request.reach = net::Reach::any;
  request.connect_timeout = std::chrono::seconds(2);
  request.first_byte_timeout = std::chrono::seconds(6);  // it asks ECS itself, for at most 4 s
  request.idle_timeout = std::chrono::seconds(2);
  request.max_body = std::size_t{64} << 10U;
  const auto answer = co_await client_.send(std::move(request));
  if (!answer) co_return ProtectionAnswer{Kind::failed, answer.error().message};
  co_return read_protection_answer(answer->status, answer->body, order.on);
}

}  // namespace retell::app
