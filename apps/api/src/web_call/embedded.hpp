// What the build makes of the folder web-call/. Internal to this module.
#pragma once
#include <span>
#include <string_view>

namespace retell::web_call {

struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace retell::web_call
