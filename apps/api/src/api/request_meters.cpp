#include "api/request_meters.hpp"

#include <mutex>
#include <vector>

namespace retell::api {

void RequestMeters::answered(const std::string& route, unsigned status, double seconds) {
  if (count(route, status, seconds)) return;
  {
    static const std::vector<double> bounds = {0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};
    const std::lock_guard lock(mutex_);
    auto series = by_route_.find(route);
    if (series == by_route_.end()) {
      auto histogram = metrics_.histogram("retell_http_request_seconds", "Time to answer.", bounds, {{"route", route}});
      series = by_route_.emplace(route, Series{histogram}).first;
    }
    series->second.by_status[status] = metrics_.counter("retell_http_requests_total", "Requests answered.",
                                                        {{"route", route}, {"status", std::to_string(status)}});
  }
  (void)count(route, status, seconds);
}

bool RequestMeters::count(const std::string& route, unsigned status, double seconds) const {
  const std::shared_lock lock(mutex_);
  const auto series = by_route_.find(route);
  if (series == by_route_.end()) return false;
  const auto counter = series->second.by_status.find(status);
  if (counter == series->second.by_status.end()) return false;
  auto counted = counter->second;
  auto timed = series->second.seconds;
  counted.add();
  timed.observe(seconds);
  return true;
}

}  // namespace retell::api
