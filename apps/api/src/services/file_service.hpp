// Files that customers upload: kept in the object store, read by links that need no key. Any thread.
#pragma once
#include <cstdint>
#include <string>

#include "core/task.hpp"
#include "storage/objects/object_store.hpp"

namespace retell::services {

class FileService {
 public:
  // `public_url`: what links begin with, without a slash at the end.
  FileService(storage::ObjectStore& objects, std::string public_url, std::string secret)
      : objects_(objects), public_url_(std::move(public_url)), secret_(std::move(secret)) {}

  // `name`: of a-z A-Z 0-9 . _ -, unguessable or not: a link is signed.
  [[nodiscard]] core::Task<core::Result<>> put(std::string name, std::string content);
  [[nodiscard]] core::Task<core::Result<std::string>> read(std::string name);  // the whole; not_found
  [[nodiscard]] core::Task<core::Result<>> remove(std::string name);           // fine when there is none

  [[nodiscard]] std::string link(const std::string& name) const;  // it does not expire
  [[nodiscard]] bool opens(std::string_view name, std::string_view expires, std::string_view signature) const;

 private:
  storage::ObjectStore& objects_;
  std::string public_url_;
  std::string secret_;
};

}  // namespace retell::services
