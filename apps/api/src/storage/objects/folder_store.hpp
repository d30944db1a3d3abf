// Objects as files below one folder.
#pragma once
#include <filesystem>
#include <string>

#include "core/worker.hpp"
#include "storage/objects/object_store.hpp"

namespace retell::storage {

class FolderStore final : public ObjectStore {
 public:
  // `files` must outlive the store; all disk work happens there.
  FolderStore(std::filesystem::path root, core::BlockingPool& files) : root_(std::move(root)), files_(files) {}

  [[nodiscard]] core::Task<core::Result<>> put(std::string name, std::string content) override;
  [[nodiscard]] core::Task<core::Result<>> adopt(std::string name, std::string local_path) override;
  [[nodiscard]] core::Task<core::Result<std::uint64_t>> size(std::string name) override;
  [[nodiscard]] core::Task<core::Result<std::string>> read(std::string name, std::uint64_t offset,
                                                           std::size_t length) override;
  [[nodiscard]] core::Task<core::Result<>> remove(std::string name) override;
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> link(std::string name,
                                                                          std::chrono::seconds lifetime) override;

 private:
  std::filesystem::path root_;
  core::BlockingPool& files_;
};

}  // namespace retell::storage
