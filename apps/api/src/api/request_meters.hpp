// Counts and times of requests, by route. Finding a series in the registry costs more than some requests do, so that
// each is looked for once. Any thread.
#pragma once
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/metrics.hpp"

namespace retell::api {

class RequestMeters {
 public:
  explicit RequestMeters(core::Metrics& metrics) : metrics_(metrics) {}

  // `route` is a pattern, not a path: the number of series is bounded.
  void answered(const std::string& route, unsigned status, double seconds);

 private:
  struct Series {
    core::Histogram seconds;
    std::unordered_map<unsigned, core::Counter> by_status = {};
  };
  [[nodiscard]] bool count(const std::string& route, unsigned status, double seconds) const;

  core::Metrics& metrics_;
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, Series> by_route_;
};

}  // namespace retell::api
