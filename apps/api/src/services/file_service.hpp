// Files that customers upload: kept in the object store, read by links that need no key until they expire. Any thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "storage/objects/object_store.hpp"

namespace retell::services {

struct FileLinks {
  std::string public_url;  // what links begin with, without a slash at the end
  std::string secret;      // signs them
  std::chrono::milliseconds lifetime{86'400'000};
  bool redirect = true;  // browsers may fetch from the object store itself
};

class FileService {
 public:
  FileService(storage::ObjectStore& objects, FileLinks links, const core::Clock& clock)
      : objects_(objects), links_(std::move(links)), clock_(clock) {}

  // `name`: of a-z A-Z 0-9 . _ -, unguessable or not: a link is signed.
  [[nodiscard]] core::Task<core::Result<>> put(std::string name, std::string content);
  [[nodiscard]] core::Task<core::Result<std::string>> read(std::string name);  // the whole; not_found
  [[nodiscard]] core::Task<core::Result<std::string>> read(std::string name, std::uint64_t offset, std::size_t length);
  [[nodiscard]] core::Task<core::Result<std::uint64_t>> size(std::string name);  // not_found
  [[nodiscard]] core::Task<core::Result<>> remove(std::string name);             // fine when there is none

  // Good from now on for the links' lifetime.
  [[nodiscard]] std::string link(const std::string& name) const;
  [[nodiscard]] bool opens(std::string_view name, std::string_view expires, std::string_view signature) const;
  // Where a browser may fetch the file itself, for some minutes; nothing when it must come through us.
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> elsewhere(std::string name);

 private:
  storage::ObjectStore& objects_;
  FileLinks links_;
  const core::Clock& clock_;
};

}  // namespace retell::services
