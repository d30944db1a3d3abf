#include "services/call_requests.hpp"

#include "domain/rules.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

constexpr std::size_t longest_metadata = 50'000;  // Retell's limit, 50 kB

template <class Request>
core::Result<Request> checked(const json::Value& body, void (*more)(const Request&, json::Problems&) = nullptr) {
  auto request = json::read<Request>(body);
  if (!request) return request;
  json::Problems problems;
  if (request->metadata && json::dump(*request->metadata).size() > longest_metadata) {
    problems.add("metadata", "must be at most 50 kB");
  }
  if (more != nullptr) more(*request, problems);
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return request;
}

void check_numbers(const PhoneCallRequest& request, json::Problems& problems) {
  if (request.ignore_e164_validation.value_or(false)) return;
  constexpr auto expected = "must be a number in E.164 form, such as +14155550100";
  if (!domain::is_e164(request.from_number)) problems.add("from_number", expected);
  if (!domain::is_e164(request.to_number)) problems.add("to_number", expected);
}

void check_attributes(const UpdateCallRequest& request, json::Problems& problems) {
  if (!request.custom_attributes) return;
  for (const auto& member : *request.custom_attributes) {
    const auto& value = member.value();
    if (!value.is_string() && !value.is_number() && !value.is_bool()) {
      problems.add("custom_attributes." + std::string(member.key()), "expected a string, a number or a boolean");
    }
  }
}

}  // namespace

core::Result<WebCallRequest> read_web_call(const json::Value& body) {
  auto request = checked<WebCallRequest>(body);
  if (!request) return request;
  const auto given = [](const std::optional<std::string>& text) { return text && !text->empty(); };
  for (const auto& [field, value] :
       {std::pair("current_state", request->current_state), std::pair("current_node_id", request->current_node_id)}) {
    if (!given(value)) continue;
    return core::fail(
        core::ErrorCode::unprocessable,
        std::string(field) + ": to begin in the middle of a conversation is not available on this server yet", field);
  }
  return request;
}

core::Result<PhoneCallRequest> read_phone_call(const json::Value& body) {
  return checked<PhoneCallRequest>(body, &check_numbers);
}

core::Result<RegisterCallRequest> read_register_call(const json::Value& body) {
  return checked<RegisterCallRequest>(body);
}

core::Result<UpdateCallRequest> read_update_call(const json::Value& body) {
  auto request = checked<UpdateCallRequest>(body, &check_attributes);
  if (!request) return request;
  // Null, which removes, is no value to the reader of optional members.
  const auto nulled = [&](const char* name) {
    const auto* member = body.get_object().if_contains(name);
    return member != nullptr && member->is_null();
  };
  if (nulled("metadata")) request->metadata = json::Value(nullptr);
  if (nulled("custom_attributes")) request->custom_attributes = json::Object();
  return request;
}

std::optional<std::string> version_text(const std::optional<VersionReference>& version) {
  if (!version) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&*version)) return *text;
  return json::dump(json::write(std::get<double>(*version)));
}

}  // namespace retell::services
