#include "transports/twilio/rest.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

#include "crypto/encoding.hpp"

namespace retell::transports::twilio {
namespace {

namespace bj = boost::json;
using Reason = domain::DisconnectionReason;

// Twilio's error codes (its "Error and warning dictionary") that mean something other than "failed" to a caller.
struct KnownError {
  int code;
  Reason reason;
};
constexpr std::array known_errors{
    KnownError{13223, Reason::invalid_destination},                   // invalid phone number format
    KnownError{13224, Reason::invalid_destination},                   // number not reachable or not valid
    KnownError{21211, Reason::invalid_destination},                   // invalid 'To' number
    KnownError{21214, Reason::invalid_destination},                   // 'To' cannot be reached
    KnownError{21217, Reason::invalid_destination},                   // does not appear to be valid
    KnownError{21201, Reason::invalid_destination},                   // no 'To' given
    KnownError{21210, Reason::telephony_provider_permission_denied},  // 'From' not verified
    KnownError{21212, Reason::telephony_provider_permission_denied},  // invalid 'From' number
    KnownError{21215, Reason::telephony_provider_permission_denied},  // geo permission
    KnownError{21216, Reason::telephony_provider_permission_denied},  // account not allowed to call
    KnownError{21219, Reason::telephony_provider_permission_denied},  // 'To' not verified (trial account)
    KnownError{20003, Reason::telephony_provider_permission_denied},  // wrong credentials
    KnownError{20429, Reason::telephony_provider_unavailable},        // too many requests
};

constexpr auto refused_credentials = "twilio.20003";  // also of answers that name no code

using Fields = std::vector<std::pair<std::string, std::string>>;

std::string encoded(const Fields& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += (text.empty() ? "" : "&") + net::percent_encode(name) + "=" + net::percent_encode(value);
  }
  return text;
}

net::ClientRequest ask(const RestOptions& options, const std::string& method, const std::string& path) {
  net::ClientRequest request;
  request.method = method;
  auto base = options.base_url;
  while (base.ends_with('/')) base.pop_back();
  request.url = base + "/2010-04-01/Accounts/" + net::percent_encode(options.account_sid) + path;
  request.headers.set("Authorization", "Basic " + crypto::to_base64(options.account_sid + ":" + options.auth_token));
  request.headers.set("Accept", "application/json");
  request.reach = net::Reach::any;  // the address is the operator's
  request.first_byte_timeout = std::chrono::seconds(15);
  request.max_body = 1UL << 20U;
  return request;
}

net::ClientRequest post_form(const RestOptions& options, const std::string& path, const Fields& fields) {
  auto request = ask(options, "POST", path);
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.body = encoded(fields);
  return request;
}

// What must not happen twice goes out once, on a connection of its own: see net::Client::send.
net::ClientRequest post_once(const RestOptions& options, const std::string& path, const Fields& fields) {
  auto request = post_form(options, path, fields);
  request.headers.set("Connection", "close");
  return request;
}

// The codes tell our caller what to do, who is neither unauthorized nor asked for something that is not there when the
// carrier says so of us: what it refuses as it is set is unprocessable.
core::Error rest_error(unsigned status, const bj::object* body) {
  core::Error error;
  error.code = status == 429   ? core::ErrorCode::rate_limited
               : status >= 500 ? core::ErrorCode::unavailable
                               : core::ErrorCode::unprocessable;
  error.message = "Twilio answered " + std::to_string(status);
  if (status == 401 || status == 403) {
    error.field = refused_credentials;
    error.message = "the carrier refuses the credentials or what they may do: " + error.message;
  } else if (status == 404) {
    error.message = "the carrier knows no such account, call or number: " + error.message;
  }
  if (body == nullptr) return error;
  if (const auto* code = body->if_contains("code"); code != nullptr && code->is_int64()) {
    error.field = "twilio." + std::to_string(code->as_int64());
    error.message += " (" + std::to_string(code->as_int64()) + ")";
  }
  if (const auto* message = body->if_contains("message"); message != nullptr && message->is_string()) {
    error.message += ": " + std::string(std::string_view(message->get_string()).substr(0, 500));
  }
  return error;
}

core::Result<bj::value> read_answer(const net::HttpResponse& response) {
  boost::system::error_code failed;
  auto value = bj::parse(response.body, failed);
  const auto* object = failed ? nullptr : value.if_object();
  if (response.status < 200 || response.status > 299) return tl::unexpected(rest_error(response.status, object));
  if (object == nullptr) return core::fail(core::ErrorCode::protocol, "Twilio's answer is no JSON object");
  return value;
}

core::Result<std::string> read_sid(const net::HttpResponse& response) {
  const auto answer = read_answer(response);
  if (!answer) return tl::unexpected(answer.error());
  const auto* sid = answer->get_object().if_contains("sid");
  if (sid == nullptr || !sid->is_string()) {
    return core::fail(core::ErrorCode::protocol, "Twilio's answer holds no id", "sid");
  }
  return std::string(std::string_view(sid->get_string()));
}

// The texts of this name in a list's entries.
core::Result<std::vector<std::string>> read_list(const net::HttpResponse& response, std::string_view list,
                                                 std::string_view name) {
  const auto answer = read_answer(response);
  if (!answer) return tl::unexpected(answer.error());
  const auto* entries = answer->get_object().if_contains(list);
  if (entries == nullptr || !entries->is_array()) {
    return core::fail(core::ErrorCode::protocol, "Twilio's answer holds no " + std::string(list));
  }
  std::vector<std::string> texts;
  for (const auto& entry : entries->get_array()) {
    const auto* text = entry.is_object() ? entry.get_object().if_contains(name) : nullptr;
    if (text != nullptr && text->is_string()) texts.emplace_back(std::string_view(text->get_string()));
  }
  return texts;
}

constexpr auto not_to_be_had = "twilio.21422";

}  // namespace

net::ClientRequest search_numbers_request(const RestOptions& options, const NumberSearch& search) {
  Fields fields;
  if (!search.area_code.empty()) fields.emplace_back("AreaCode", search.area_code);
  fields.emplace_back("VoiceEnabled", "true");
  fields.emplace_back("PageSize", "20");
  return ask(options, "GET",
             "/AvailablePhoneNumbers/" + net::percent_encode(search.country) +
                 (search.toll_free ? "/TollFree.json?" : "/Local.json?") + encoded(fields));
}

net::ClientRequest buy_number_request(const RestOptions& options, const NumberOrder& order) {
  return post_once(options, "/IncomingPhoneNumbers.json",
                   {{"PhoneNumber", order.phone_number},
                    {"FriendlyName", order.friendly_name},
                    {"VoiceUrl", order.voice_url},
                    {"VoiceMethod", "POST"}});
}

net::ClientRequest find_numbers_request(const RestOptions& options, const std::string& friendly_name) {
  return ask(options, "GET",
             "/IncomingPhoneNumbers.json?" + encoded({{"FriendlyName", friendly_name}, {"PageSize", "20"}}));
}

net::ClientRequest release_number_request(const RestOptions& options, const std::string& number_sid) {
  return ask(options, "DELETE", "/IncomingPhoneNumbers/" + net::percent_encode(number_sid) + ".json");
}

net::ClientRequest create_call_request(const RestOptions& options, const OutboundCall& call) {
  Fields fields{{"To", call.to},
                {"From", call.from},
                {"Twiml", call.twiml},
                {"Timeout", std::to_string(std::clamp<std::chrono::seconds::rep>(call.ring.count(), 5, 600))}};
  if (!call.status_url.empty()) {
    fields.emplace_back("StatusCallback", call.status_url);
    fields.emplace_back("StatusCallbackMethod", "POST");
    fields.emplace_back("StatusCallbackEvent", "completed");  // also tells busy, no-answer, failed, canceled
  }
  return post_once(options, "/Calls.json", fields);
}

net::ClientRequest end_call_request(const RestOptions& options, const std::string& call_sid) {
  return post_form(options, "/Calls/" + net::percent_encode(call_sid) + ".json", {{"Status", "completed"}});
}

core::Result<std::string> read_created_call(const net::HttpResponse& response) { return read_sid(response); }

domain::DisconnectionReason disconnection_reason(const core::Error& error) {
  for (const auto& known : known_errors) {
    if (error.field == "twilio." + std::to_string(known.code)) return known.reason;
  }
  switch (error.code) {
    case core::ErrorCode::rate_limited:
    case core::ErrorCode::unavailable:
    case core::ErrorCode::timeout:
    case core::ErrorCode::io:
      return Reason::telephony_provider_unavailable;
    default:
      return Reason::dial_failed;
  }
}

core::Task<core::Result<std::string>> RestClient::create_call(OutboundCall call) {
  const auto response = co_await client_.send(create_call_request(options_, call));
  if (!response) co_return tl::unexpected(response.error());
  co_return read_created_call(*response);
}

core::Task<core::Result<>> RestClient::end_call(std::string call_sid) {
  const auto response = co_await client_.send(end_call_request(options_, call_sid));
  if (!response) co_return tl::unexpected(response.error());
  const auto answer = read_answer(*response);
  // 21220: the call is not in progress, so what was asked for is so already.
  if (!answer && answer.error().field != "twilio.21220") co_return tl::unexpected(answer.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::vector<std::string>>> RestClient::search_numbers(NumberSearch search) {
  const auto response = co_await client_.send(search_numbers_request(options_, search));
  if (!response) co_return tl::unexpected(response.error());
  co_return read_list(*response, "available_phone_numbers", "phone_number");
}

core::Task<core::Result<std::optional<std::string>>> RestClient::buy_number(NumberOrder order) {
  const auto response = co_await client_.send(buy_number_request(options_, order));
  if (!response) co_return tl::unexpected(response.error());
  auto sid = read_sid(*response);
  if (sid) co_return std::move(*sid);
  if (sid.error().field == not_to_be_had) co_return std::nullopt;
  // Twilio was asked: it may have bought the number before something broke there.
  if (sid.error().code == core::ErrorCode::unavailable) sid.error().code = core::ErrorCode::protocol;
  co_return tl::unexpected(sid.error());
}

core::Task<core::Result<std::vector<std::string>>> RestClient::find_numbers(std::string friendly_name) {
  const auto response = co_await client_.send(find_numbers_request(options_, friendly_name));
  if (!response) co_return tl::unexpected(response.error());
  co_return read_list(*response, "incoming_phone_numbers", "sid");
}

core::Task<core::Result<>> RestClient::release_number(std::string number_sid) {
  const auto response = co_await client_.send(release_number_request(options_, number_sid));
  if (!response) co_return tl::unexpected(response.error());
  if (response->status == 204 || response->status == 404) co_return core::Result<>{};
  const auto answer = read_answer(*response);
  if (!answer) co_return tl::unexpected(answer.error());
  co_return core::Result<>{};
}

}  // namespace retell::transports::twilio
