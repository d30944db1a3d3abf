#include "services/import/source.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "json/text.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

constexpr std::size_t largest_file = std::size_t{64} << 20U;
constexpr std::size_t largest_answer = std::size_t{64} << 20U;
constexpr json::ParseLimits answer_limits{.bytes = largest_answer, .depth = 128};
constexpr std::chrono::milliseconds longest_wait = 60s;

std::chrono::milliseconds wait_after(const net::HttpResponse* answer, int tries) {
  const auto doubled = std::min<std::chrono::milliseconds>(500ms * (1 << std::min(tries, 5)), 8s);
  if (answer == nullptr) return doubled;
  const auto header = answer->headers.get("Retry-After");
  if (!header) return doubled;
  int seconds = 0;
  const auto [end, problem] = std::from_chars(header->data(), header->data() + header->size(), seconds);
  if (problem != std::errc() || seconds < 0) return doubled;
  return std::clamp<std::chrono::milliseconds>(std::chrono::seconds(seconds), 100ms, longest_wait);
}

bool may_pass(const net::HttpResponse& answer) {
  return answer.status == 408 || answer.status == 425 || answer.status == 429 || answer.status >= 500;
}

bool may_pass(const core::Error& error) {
  return error.code == ErrorCode::io || error.code == ErrorCode::timeout || error.code == ErrorCode::unavailable ||
         error.code == ErrorCode::protocol;
}

std::string message_of(const net::HttpResponse& answer) {
  const auto body = json::parse(answer.body);
  if (body && body->is_object()) {
    if (const auto* message = body->get_object().if_contains("message"); message != nullptr && message->is_string()) {
      return std::string(message->get_string());
    }
  }
  return "status " + std::to_string(answer.status);
}

tl::unexpected<core::Error> refusal(const net::HttpResponse& answer) {
  const auto message = message_of(answer);
  switch (answer.status) {
    case 401:
      return fail(ErrorCode::unauthorized, "the source refuses the key: " + message);
    case 402:
    case 403:
      return fail(ErrorCode::forbidden, "the source does not allow it: " + message);
    case 404:
    case 405:
    case 422:
      return fail(ErrorCode::not_found, message);
    default:
      return fail(ErrorCode::protocol, "the source answered " + std::to_string(answer.status) + ": " + message);
  }
}

const json::Value* member(const json::Value& value, std::string_view name) {
  return value.is_object() ? value.get_object().if_contains({name.data(), name.size()}) : nullptr;
}

// The cursor may be a text or, of versions, a number.
std::string cursor_text(const json::Value* cursor) {
  if (cursor == nullptr || cursor->is_null()) return {};
  return cursor->is_string() ? std::string(cursor->get_string()) : json::dump(*cursor);
}

}  // namespace

ImportSource::ImportSource(std::string base_url, std::string api_key, Send send, Wait wait, core::Logger log,
                           bool allow_private)
    : base_url_(std::move(base_url)),
      api_key_(std::move(api_key)),
      send_(std::move(send)),
      wait_(std::move(wait)),
      log_(std::move(log)),
      allow_private_(allow_private) {
  while (base_url_.ends_with('/')) base_url_.pop_back();
}

core::Task<core::Result<json::Value>> ImportSource::ask(std::string method, std::string path) {
  for (int tries = 0;; ++tries) {
    net::ClientRequest request;
    request.method = method;
    request.url = base_url_ + path;
    request.reach = net::Reach::any;  // the operator named the source
    request.max_body = largest_answer;
    request.headers.set("Authorization", "Bearer " + api_key_);
    if (method == "POST") {
      request.headers.set("Content-Type", "application/json");
      request.body = "{}";
    }
    const auto answer = co_await send_(std::move(request));
    std::string why;
    if (!answer) {
      if (!may_pass(answer.error())) co_return tl::unexpected(answer.error());
      why = "the source cannot be read: " + answer.error().message;
    } else if (answer->status >= 200 && answer->status < 300) {
      auto page = json::parse(answer->body, answer_limits);
      if (page) co_return page;
      // A page that broke off may come whole at the next try. Any other would be the same again.
      if (page.error().message != json::ends_in_the_middle) {
        co_return fail(ErrorCode::protocol, path + ": the source's answer cannot be read: " + page.error().message);
      }
      why = "the source cannot be read: its answers end in the middle";
    } else {
      if (!may_pass(*answer)) co_return refusal(*answer);
      why = "the source answers " + message_of(*answer);
    }
    if (tries + 1 >= most_tries) co_return fail(ErrorCode::unavailable, std::move(why));
    const auto wait = wait_after(answer ? &*answer : nullptr, tries);
    log_.info("the source is busy or broke off; again in {} ms", wait.count());
    co_await wait_(wait);
  }
}

core::Task<core::Result<json::Value>> ImportSource::get(std::string path) {
  co_return co_await ask("GET", std::move(path));
}

core::Task<core::Result<std::vector<json::Value>>> ImportSource::list(SourceList what) {
  std::vector<json::Value> all;
  std::set<std::string> seen;
  std::string cursor;
  for (;;) {
    auto path = what.path + (what.path.find('?') == std::string::npos ? "?" : "&") + "limit=100";
    if (!cursor.empty()) path += "&pagination_key=" + net::percent_encode(cursor);
    auto page = co_await ask(what.method, path);
    if (!page && page.error().code == ErrorCode::not_found && !what.older_path.empty() && cursor.empty()) {
      page = co_await ask("GET", what.older_path + "?limit=1000");
    }
    if (!page) co_return tl::unexpected(page.error());
    if (page->is_array()) {
      for (auto& item : page->get_array()) all.push_back(std::move(item));
      co_return all;
    }
    const auto* items = member(*page, "items");
    if (items == nullptr || !items->is_array()) {
      co_return fail(ErrorCode::protocol, what.path + ": the source's page has no items");
    }
    for (const auto& item : items->get_array()) all.push_back(item);
    const auto* more = member(*page, "has_more");
    if (more == nullptr || !more->is_bool() || !more->get_bool()) co_return all;
    cursor = cursor_text(member(*page, "pagination_key"));
    if (cursor.empty() || !seen.insert(cursor).second) {
      co_return fail(ErrorCode::protocol, what.path + ": the source's pages lead nowhere");
    }
  }
}

core::Task<core::Result<std::string>> ImportSource::download(std::string url) {
  if (url.starts_with('/')) url = base_url_ + url;
  for (int tries = 0;; ++tries) {
    net::ClientRequest request;
    request.url = url;
    // Where an answer points to is not what the operator named, unless it is the source itself.
    const bool ours = url.starts_with(base_url_ + "/");
    request.reach = ours || allow_private_ ? net::Reach::any : net::Reach::public_only;
    request.max_body = largest_file;
    auto answer = co_await send_(std::move(request));
    if (answer && answer->status >= 200 && answer->status < 300) co_return std::move(answer->body);
    const bool again = answer ? may_pass(*answer) : may_pass(answer.error());
    if (!again || tries + 1 >= most_tries) {
      if (!answer) co_return tl::unexpected(answer.error());
      co_return refusal(*answer);
    }
    co_await wait_(wait_after(answer ? &*answer : nullptr, tries));
  }
}

}  // namespace retell::services
