// What the fakes have in common: a server on a free loopback port with threads of its own, and a fault that can be
// switched on while it runs.
#pragma once
#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/worker.hpp"
#include "net/http_server.hpp"

namespace retell::fakes {

inline constexpr int always = std::numeric_limits<int>::max();

// What goes wrong, for the next `times` requests or connections. Any thread.
template <class Fault>
class FaultSwitch {
 public:
  void set(Fault fault, int times = always) {
    const std::lock_guard lock(mutex_);
    fault_ = fault;
    times_ = times;
  }
  [[nodiscard]] Fault next() {
    const std::lock_guard lock(mutex_);
    if (times_ <= 0) return Fault{};
    if (times_ != always) --times_;
    return fault_;
  }

 private:
  std::mutex mutex_;
  Fault fault_{};
  int times_ = 0;
};

// A list that tests read while the server writes it; the first 10,000 entries are kept.
template <class T>
class Record {
 public:
  void add(T value) {
    const std::lock_guard lock(mutex_);
    if (values_.size() < 10'000) values_.push_back(std::move(value));
  }
  [[nodiscard]] std::vector<T> all() const {
    const std::lock_guard lock(mutex_);
    return values_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return values_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<T> values_;
};

class FakeServer {
 public:
  // Port 0: a free one.
  FakeServer(std::size_t threads, net::HttpHandler handler, net::UpgradeHandler upgrade, std::uint16_t port = 0);
  ~FakeServer();  // drops every connection
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;
  // "http" -> http://127.0.0.1:<port>
  [[nodiscard]] std::string url(std::string_view scheme) const;
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

 private:
  core::WorkerPool workers_;
  net::HttpServer server_;
  std::uint16_t port_ = 0;
};

// Never ends by itself: what a peer does that has died without a word.
[[nodiscard]] core::Task<void> sleep_for_ever();
[[nodiscard]] net::HttpResponse json_response(unsigned status, std::string body);
[[nodiscard]] net::HttpResponse not_found();

// Samples of a quiet 200 Hz tone, as little-endian bytes.
[[nodiscard]] std::string tone(int sample_rate, std::size_t samples);

}  // namespace retell::fakes
