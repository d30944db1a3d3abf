#include "api/reply.hpp"

#include <algorithm>

#include "json/text.hpp"

namespace retell::api {

net::HttpResponse json_text_reply(unsigned status, std::string json) {
  return text_reply(status, std::move(json), "application/json; charset=utf-8");
}

net::HttpResponse json_reply(unsigned status, const json::Value& value) {
  return json_text_reply(status, json::dump(value));
}

net::HttpResponse empty_reply(unsigned status) {
  net::HttpResponse response;
  response.status = status;
  return response;
}

net::HttpResponse text_reply(unsigned status, std::string text, std::string content_type) {
  net::HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", std::move(content_type));
  response.body = std::move(text);
  return response;
}

tl::unexpected<core::Error> not_offered(std::string message) {
  return core::fail(core::ErrorCode::unprocessable, std::move(message));
}

unsigned status_of(core::ErrorCode code) {
  using enum core::ErrorCode;
  switch (code) {
    case invalid:
      return 400;
    case unauthorized:
      return 401;
    case forbidden:
      return 403;
    case not_found:
      return 404;
    case conflict:
      return 409;
    case precondition:
      return 412;
    case too_large:
      return 413;
    case unprocessable:
      return 422;
    case rate_limited:
      return 429;
    case unavailable:
    case timeout:
      return 503;
    case cancelled:
    case protocol:
    case io:
    case internal:
      return 500;
  }
  return 500;
}

net::HttpResponse error_reply(const core::Error& error) {
  const auto status = status_of(error.code);
  const bool ours = status == 500;  // a bug or a broken disk: for the log, not for the caller
  auto response = json_reply(
      status, json::Object{{"status", "error"},
                           {"message", ours ? std::string("An unexpected server error occurred.") : error.message}});
  if (status == 401) response.headers.set("WWW-Authenticate", "Bearer");
  if (status == 429 || status == 503) {
    const auto seconds = std::max<std::int64_t>(1, (error.retry_after.count() + 999) / 1000);
    response.headers.set("Retry-After", std::to_string(seconds));
  }
  return response;
}

}  // namespace retell::api
