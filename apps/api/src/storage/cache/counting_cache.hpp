// Counts what a cache is worth: hits and misses by the kind of group, which is its name up to the first colon.
#pragma once
#include <map>
#include <mutex>
#include <string>

#include "core/metrics.hpp"
#include "storage/cache/cache.hpp"

namespace retell::storage {

class CountingCache final : public Cache {
 public:
  CountingCache(Cache& inner, core::Metrics& metrics) : inner_(inner), metrics_(metrics) {}
  [[nodiscard]] core::Task<CacheLookup> get(std::string group, std::string name) override;
  void set(std::string group, std::string name, std::string value, std::chrono::milliseconds lifetime,
           std::string token) override {
    inner_.set(std::move(group), std::move(name), std::move(value), lifetime, std::move(token));
  }
  [[nodiscard]] core::Task<void> invalidate(std::string group) override { return inner_.invalidate(std::move(group)); }

 private:
  struct Kind {
    core::Counter hits;
    core::Counter misses;
  };
  Cache& inner_;
  core::Metrics& metrics_;
  std::mutex mutex_;
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace retell::storage
