#include "fakes/fake_ecs_agent.hpp"

#include "json/text.hpp"

namespace retell::fakes {
namespace {

constexpr auto arn = "arn:aws:ecs:us-east-1:123456789012:task/retell-prod-cluster/0123456789abcdef";

net::HttpResponse failure(const std::string& reason, const std::string& detail) {
  return json_response(200, R"({"requestID":"1","failure":{"Arn":")" + std::string(arn) + R"(","Reason":")" + reason +
                                R"(","Detail":)" + (detail.empty() ? "null" : '"' + detail + '"') + "}}");
}

net::HttpResponse error(const std::string& code, const std::string& message) {
  return json_response(400, R"({"requestID":"1","error":{"Arn":")" + std::string(arn) + R"(","Code":")" + code +
                                R"(","Message":")" + message + "\"}}");
}

}  // namespace

FakeEcsAgent::FakeEcsAgent()
    : server_(1, [this](net::HttpRequest request, core::Worker&) { return handle(std::move(request)); }, {}) {}

core::Task<net::HttpResponse> FakeEcsAgent::handle(net::HttpRequest request) {
  const auto wish = json::parse(request.body).value_or(json::Value());
  const auto* members = wish.if_object();
  const auto* on = members == nullptr ? nullptr : members->if_contains("ProtectionEnabled");
  const auto* minutes = members == nullptr ? nullptr : members->if_contains("ExpiresInMinutes");
  const bool in_range =
      minutes == nullptr || (minutes->is_int64() && minutes->as_int64() >= 1 && minutes->as_int64() <= 2'880);
  if (request.method != "PUT" || request.path != "/api/0123456789abcdef/task-protection/v1/state" || on == nullptr ||
      !on->is_bool() || !in_range) {
    requests.add("wrong: " + request.method + " " + request.path + " " + request.body);
    co_return error("InvalidParameterException", "x");
  }
  requests.add(on->as_bool() ? "on " + std::to_string(minutes == nullptr ? 120 : minutes->as_int64()) : "off");
  switch (fault.next()) {
    case Fault::blocked:
      co_return failure("DEPLOYMENT_BLOCKED", "Unable to protect the task.");
    case Fault::not_valid:
      co_return failure("TASK_NOT_VALID", "");
    case Fault::access_denied:
      co_return error("AccessDeniedException", "not authorized to perform ecs:UpdateTaskProtection");
    case Fault::server_error:
      co_return json_response(500, "oops");
    case Fault::half_open:
      co_await sleep_for_ever();
      break;
    case Fault::garbage:
      co_return json_response(200, "[]");
    case Fault::none:
      break;
  }
  is_protected = on->as_bool();
  co_return json_response(200, R"({"requestID":"1","protection":{"TaskArn":")" + std::string(arn) +
                                   R"(","ProtectionEnabled":)" + (is_protected ? "true" : "false") +
                                   (is_protected ? R"(,"ExpirationDate":"2027-01-15T08:00:00Z")" : "") + "}}");
}

}  // namespace retell::fakes
