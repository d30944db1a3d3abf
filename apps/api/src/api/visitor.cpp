#include "api/visitor.hpp"

#include <vector>

namespace retell::api {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::string client_address(const net::HttpRequest& request, int proxies) {
  if (proxies <= 0) return request.remote_address;
  std::vector<std::string> chain;
  for (const auto& [name, value] : request.headers.all()) {
    constexpr std::string_view wanted = "x-forwarded-for";
    const bool same =
        name.size() == wanted.size() && std::equal(name.begin(), name.end(), wanted.begin(), [](char a, char b) {
          return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
        });
    if (!same) continue;
    std::string_view rest = value;
    for (;;) {
      const auto comma = rest.find(',');
      chain.emplace_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  const auto count = static_cast<std::size_t>(proxies);
  if (chain.size() < count || chain[chain.size() - count].empty()) return request.remote_address;
  return chain[chain.size() - count];
}

services::Visitor visitor_of(const net::HttpRequest& request, int proxies) {
  return {client_address(request, proxies), std::string(request.headers.get("User-Agent").value_or(""))};
}

}  // namespace retell::api
