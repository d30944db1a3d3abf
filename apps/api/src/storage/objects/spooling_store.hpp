// A remote store with a spool on disk before it: finished files are safe at once, travel when the remote answers, and
// are removed here only when it has them. The spool is the record of what is still to be sent, so that neither a
// restart nor an outage of the remote or of the database loses a file.
#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "core/metrics.hpp"
#include "core/service_thread.hpp"
#include "storage/objects/object_store.hpp"

namespace retell::storage {

class SpoolingStore final : public ObjectStore {
 public:
  // `files` must outlive the store. What an earlier process left in the spool is taken up at once.
  SpoolingStore(std::unique_ptr<ObjectStore> remote, std::filesystem::path spool, core::BlockingPool& files,
                core::Metrics& metrics, core::Logger log);
  ~SpoolingStore() override;  // what is not sent by then stays in the spool

  [[nodiscard]] core::Task<core::Result<>> put(std::string name, std::string content) override;
  [[nodiscard]] core::Task<core::Result<>> adopt(std::string name, std::string local_path) override;
  [[nodiscard]] core::Task<core::Result<std::uint64_t>> size(std::string name) override;
  [[nodiscard]] core::Task<core::Result<std::string>> read(std::string name, std::uint64_t offset,
                                                           std::size_t length) override;
  [[nodiscard]] core::Task<core::Result<>> remove(std::string name) override;
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> link(std::string name,
                                                                          std::chrono::seconds lifetime) override;

  [[nodiscard]] std::vector<std::string> unsent() const override;
  void hurry() override;

  [[nodiscard]] std::size_t waiting() const;  // files in the spool; any thread

 private:
  struct Waiting {
    core::TimePoint next;
    int attempts = 0;
    bool sending = false;
    bool removed = false;  // while it was being sent
  };
  [[nodiscard]] std::filesystem::path path_of(const std::string& name) const;
  void add(const std::string& name);
  [[nodiscard]] bool spooled(const std::string& name) const;
  [[nodiscard]] core::Task<void> run();
  [[nodiscard]] core::Task<void> send(std::string name);

  core::ServiceThread thread_{"spool"};  // destroyed last: what the remote still answers comes back here
  std::unique_ptr<ObjectStore> remote_;
  std::filesystem::path spool_;
  core::BlockingPool& files_;
  core::Logger log_;
  core::Gauge waiting_gauge_;
  core::Counter sent_;
  core::Counter failed_;
  mutable std::mutex mutex_;
  std::map<std::string, Waiting> waiting_;  // by name
};

}  // namespace retell::storage
