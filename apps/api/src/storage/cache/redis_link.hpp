// This process's way to Redis: one connection and the thread that it lives on, for all that is kept there.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <vector>

#include "core/metrics.hpp"
#include "core/service_thread.hpp"
#include "storage/cache/redis_client.hpp"

namespace retell::storage {

class RedisLink {
 public:
  RedisLink(RedisAddress address, RedisOptions options, core::Metrics& metrics, core::Logger log);
  ~RedisLink() { stop(); }

  // Runs on every new connection before anybody else may use it; false gives the connection up. Before start(). The
  // greeting that was added last is the one after which nothing else happens.
  void greet_with(std::function<core::Task<bool>()> greeting) { greetings_.push_back(std::move(greeting)); }
  void start();                                         // connects at once and in the background
  void stop() { thread_.stop(); }                       // no task of the thread runs any more
  [[nodiscard]] bool is_up() const { return usable_; }  // commands can be sent, as far as is known
  // Blocks until commands can be sent, or `within` is over: false. Another thread than the link's.
  [[nodiscard]] bool wait_until_up(std::chrono::milliseconds within) const;

  [[nodiscard]] core::ServiceThread& thread() { return thread_; }
  [[nodiscard]] RedisClient& client() { return client_; }  // on the thread

 private:
  [[nodiscard]] core::Task<bool> greet();
  void changed(bool up);

  core::Gauge up_;
  std::atomic<bool> usable_ = false;
  core::ServiceThread thread_{"cache"};
  RedisClient client_;
  std::vector<std::function<core::Task<bool>()>> greetings_;
};

// Of the counter that the parts share.
inline constexpr auto unshared_limits_help =
    "Requests that this process counted alone, and calls that were counted in the database, because Redis did not "
    "answer.";

}  // namespace retell::storage
