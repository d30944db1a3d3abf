// The API's own description: the OpenAPI document and a page that shows it.
#include "api/docs/files.hpp"
#include "api/openapi.hpp"
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

core::Task<Outcome> document(Api&, const Request&) {
  co_return text_reply(200, openapi_text(), "application/json; charset=utf-8");
}

std::string type_of(std::string_view name) {
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  return "text/html; charset=utf-8";
}

net::HttpResponse file(std::string_view name) {
  for (const auto& known : docs::embedded_files()) {
    if (known.name != name) continue;
    auto response = text_reply(200, std::string(known.content), type_of(name));
    response.headers.set("Cache-Control", "no-cache");
    response.headers.set("Content-Security-Policy",
                         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
                         "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    return response;
  }
  return error_reply({core::ErrorCode::not_found, "There is no such page."});
}

core::Task<Outcome> page(Api&, const Request&) { co_return file("docs.html"); }
core::Task<Outcome> part(Api&, const Request& request) { co_return file(request.parameter(0)); }

constexpr Route table[] = {
    endpoint<&document>("GET", "/openapi.json", 200, "This document", {.auth = Auth::none}),
    endpoint<&page>("GET", "/docs", 200, "The page that shows this document", {.auth = Auth::none}),
    endpoint<&part>("GET", "/docs/files/{file}", 200, "Its script and style", {.auth = Auth::none}),
};

}  // namespace

std::span<const Route> docs_routes() { return table; }

}  // namespace retell::api
