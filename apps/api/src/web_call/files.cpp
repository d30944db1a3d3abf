#include "web_call/files.hpp"

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "web_call/embedded.hpp"

namespace retell::web_call {
namespace {

std::string_view type_of(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  return "image/svg+xml";
}

}  // namespace

std::optional<File> find(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  path.remove_prefix(1);
  if (path.empty()) path = "index.html";
  for (const auto& file : embedded_files()) {
    if (file.name != path) continue;
    const auto digest = crypto::to_hex(crypto::sha256(file.content));
    return File{file.content, type_of(file.name), '"' + digest.substr(0, 32) + '"'};
  }
  return std::nullopt;
}

std::vector<std::string> paths() {
  std::vector<std::string> all{"/"};
  for (const auto& file : embedded_files()) all.push_back("/" + std::string(file.name));
  return all;
}

}  // namespace retell::web_call
