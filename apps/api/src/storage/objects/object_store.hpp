// Named files: recordings and documents. A name is "folder/file.ext" of a-z A-Z 0-9 . _ - parts.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::storage {

// Any thread may call; the caller resumes on its own executor. Errors: invalid for a bad name, not_found, unavailable
// when a retry may help, io.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  [[nodiscard]] virtual core::Task<core::Result<>> put(std::string name, std::string content) = 0;
  // Takes over a finished local file, which is gone afterwards. Fine when it was taken over before, so that a crash
  // between this and what follows can be mended by doing both again.
  [[nodiscard]] virtual core::Task<core::Result<>> adopt(std::string name, std::string local_path) = 0;
  [[nodiscard]] virtual core::Task<core::Result<std::uint64_t>> size(std::string name) = 0;  // bytes
  // At most `length` bytes from `offset`; fewer at the end.
  [[nodiscard]] virtual core::Task<core::Result<std::string>> read(std::string name, std::uint64_t offset,
                                                                   std::size_t length) = 0;
  [[nodiscard]] virtual core::Task<core::Result<>> remove(std::string name) = 0;  // fine when there is none
  // An address that opens the object without credentials for `lifetime`; nothing when only we can read it.
  [[nodiscard]] virtual core::Task<core::Result<std::optional<std::string>>> link(std::string name,
                                                                                  std::chrono::seconds lifetime) = 0;

  // Files taken over that are not yet where they belong.
  [[nodiscard]] virtual std::vector<std::string> unsent() const { return {}; }
  // For a process that is about to end: what waits for a better moment is tried now.
  virtual void hurry() {}
};

// Whether a name is safe: relative, no "..", nothing hidden, at most 200 characters.
[[nodiscard]] bool is_object_name(std::string_view name);

}  // namespace retell::storage
