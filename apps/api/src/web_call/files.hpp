// The call page (web-call/), compiled into the binary. Any thread.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace retell::web_call {

struct File {
  std::string_view content;  // lives as long as the program
  std::string_view type;     // Content-Type
  std::string etag;          // quoted, of the content
};

// "/" and "/index.html", "/app.js", ...; nothing for a path that the page does not have.
[[nodiscard]] std::optional<File> find(std::string_view path);
[[nodiscard]] std::vector<std::string> paths();  // all of them, each with its leading slash, and "/"

// For every file of the page: nothing from elsewhere, no inline script or style.
inline constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace retell::web_call
