// The calls of one process. Any thread.
#pragma once
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "storage/cache/call_registry.hpp"

namespace retell::storage {

class MemoryCallRegistry final : public CallRegistry {
 public:
  explicit MemoryCallRegistry(int capacity) : capacity_(capacity) {}
  [[nodiscard]] core::Task<CallPlace> take(std::string organization_id, std::string call_id, int most) override;
  void release(std::string organization_id, std::string call_id) override;
  void leave(const std::string& organization_id, const std::string& call_id) override {
    release(organization_id, call_id);
  }
  [[nodiscard]] core::Task<CallCount> count(std::string organization_id) override;
  [[nodiscard]] bool apart() const override { return true; }
  [[nodiscard]] int capacity() const override { return capacity_; }

  void add(const std::string& organization_id, std::string call_id);  // whatever the limit

  struct Batch {  // of one organisation
    std::string organization_id = {};
    std::vector<std::string> calls = {};
  };
  // At most `most` of the calls that follow `last`, in the order of their ids; none at the end.
  [[nodiscard]] Batch after(const Batch& last, std::size_t most) const;

 private:
  int capacity_;
  mutable std::mutex mutex_;
  std::map<std::string, std::set<std::string>> calls_;  // by organisation; none is empty
};

}  // namespace retell::storage
