// Replies of handlers, and the one place where an error becomes a status.
#pragma once
#include "core/result.hpp"
#include "json/value.hpp"
#include "net/http_message.hpp"
#include "storage/stores/page.hpp"

namespace retell::api {

using Outcome = core::Result<net::HttpResponse>;

[[nodiscard]] net::HttpResponse json_reply(unsigned status, const json::Value& value);
[[nodiscard]] net::HttpResponse json_text_reply(unsigned status, std::string json);
[[nodiscard]] net::HttpResponse empty_reply(unsigned status);  // 204, and the 200 of publish
[[nodiscard]] net::HttpResponse text_reply(unsigned status, std::string text, std::string content_type = "text/plain");

// {"status":"error","message":…}; what is ours alone (io, internal) is not shown.
[[nodiscard]] net::HttpResponse error_reply(const core::Error& error);
[[nodiscard]] unsigned status_of(core::ErrorCode code);

// What this server does not do, said so: 422, which clients take as final (409 and 5xx they would try again).
[[nodiscard]] tl::unexpected<core::Error> not_offered(std::string message);

// {"items":[…],"has_more":…,"pagination_key":…}
template <class T, class Print>
[[nodiscard]] json::Object envelope(const storage::Page<T>& page, Print print) {
  json::Array items;
  for (const auto& item : page.items) items.push_back(print(item));
  json::Object out{{"items", std::move(items)}, {"has_more", page.has_more}};
  if (!page.next.empty()) out["pagination_key"] = page.next;
  return out;
}

}  // namespace retell::api
