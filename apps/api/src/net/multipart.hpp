// multipart/form-data (RFC 7578): the fields and files of an upload. Pure.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace retell::net {

struct Part {
  std::string name;
  bool is_file = false;        // it came with a file name, which may be empty
  std::string file_name = {};  // without folders
  std::string content_type = {};
  std::string_view content = {};  // lies in the body that was parsed
};

// The parts of `body` in order. invalid when the content type is another or names no boundary, or the body breaks the
// form; too_large for more than `most` parts. `body` must outlive the parts.
[[nodiscard]] core::Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body,
                                                              std::size_t most = 100);

}  // namespace retell::net
