#include "api/cors.hpp"

#include <algorithm>

namespace retell::api {
namespace {

// Header names as a browser asks for them; anything odd is not repeated.
bool is_name_list(std::string_view text) {
  return !text.empty() && text.size() <= 1'000 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ',' ||
           c == ' ';
  });
}

}  // namespace

bool Cors::is_preflight(const net::HttpRequest& request) {
  return request.method == "OPTIONS" && request.headers.has("Origin") &&
         request.headers.has("Access-Control-Request-Method");
}

std::string Cors::allowed(const net::HttpRequest& request) const {
  const auto origin = request.headers.get("Origin");
  if (!origin) return {};
  for (const auto& known : origins_) {
    if (known == "*") return "*";
    if (known == *origin) return known;
  }
  return {};
}

net::HttpResponse Cors::preflight(const net::HttpRequest& request) const {
  net::HttpResponse response;
  response.status = 204;
  decorate(request, response);
  if (!response.headers.has("Access-Control-Allow-Origin")) return response;
  response.headers.set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE");
  const auto asked = request.headers.get("Access-Control-Request-Headers").value_or("");
  response.headers.set("Access-Control-Allow-Headers",
                       is_name_list(asked) ? std::string(asked) : "Authorization, Content-Type");
  response.headers.set("Access-Control-Max-Age", "600");
  return response;
}

void Cors::decorate(const net::HttpRequest& request, net::HttpResponse& response) const {
  const auto origin = allowed(request);
  if (origin.empty()) return;
  response.headers.set("Access-Control-Allow-Origin", origin);
  if (origin != "*") response.headers.add("Vary", "Origin");
  response.headers.set("Access-Control-Expose-Headers", "X-Request-Id, Content-Range, Accept-Ranges");
}

}  // namespace retell::api
