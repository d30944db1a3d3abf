// A worker with its connections, and events collected from it for the test's thread.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/worker.hpp"
#include "net/client.hpp"
#include "providers/registry.hpp"

namespace retell::providers::test {

using namespace std::chrono_literals;  // NOLINT: a header of tests

inline constexpr auto patience = 10s;

class Rig {
 public:
  Rig() {
    worker_.start();
    on_worker([this] { client_.emplace(worker_, net::ClientOptions{}, core::Logger{}); });
  }
  ~Rig() {
    worker_.stop();
    client_.reset();
  }
  Rig(const Rig&) = delete;
  Rig& operator=(const Rig&) = delete;

  // Runs `action` on the worker's thread and waits for it.
  template <class F>
  void on_worker(F action) {
    std::promise<void> done;
    core::asio::post(worker_.context(), [&] {
      action();
      done.set_value();
    });
    ASSERT_EQ(done.get_future().wait_for(patience), std::future_status::ready);
  }
  Place place() { return {worker_, *client_}; }
  core::Worker& worker() { return worker_; }

 private:
  core::Worker worker_{0};
  std::optional<net::Client> client_;
};

// What a stream has reported, in order. `T` is an event without views into a handler's call.
template <class T>
class Events {
 public:
  void add(T event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    changed_.notify_all();
  }
  // Waits until `enough(events)`; gives them all, and fails the test when it takes too long.
  template <class Enough>
  std::vector<T> until(Enough enough) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [&] { return enough(events_); })) ADD_FAILURE() << "events did not come";
    return events_;
  }
  template <class Alternative>
  std::vector<T> until_first() {
    return until([](const auto& all) {
      return std::any_of(all.begin(), all.end(), [](const auto& e) { return std::holds_alternative<Alternative>(e); });
    });
  }
  std::vector<T> now() {
    const std::lock_guard lock(mutex_);
    return events_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> events_;
};

// The events of one kind.
template <class Alternative, class T>
std::vector<Alternative> only(const std::vector<T>& events) {
  std::vector<Alternative> found;
  for (const auto& event : events) {
    if (const auto* one = std::get_if<Alternative>(&event)) found.push_back(*one);
  }
  return found;
}

// Waits for what happens on another thread.
inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

}  // namespace retell::providers::test
