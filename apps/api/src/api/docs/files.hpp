// The docs page (web-docs/), compiled into the binary. Any thread.
#pragma once
#include <span>
#include <string_view>

namespace retell::api::docs {

struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

}  // namespace retell::api::docs
