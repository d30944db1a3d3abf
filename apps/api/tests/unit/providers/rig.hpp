// A worker with its connections, and events collected from it for the test's thread.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <netinet/in.h>
#include <optional>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include "core/worker.hpp"
#include "net/client.hpp"
#include "providers/registry.hpp"

namespace retell::providers::test {

using namespace std::chrono_literals;  // NOLINT: a header of tests

inline constexpr auto patience = 10s;
// A vendor's limit that is not the matter of a test: the machine may be busy with other things.
inline constexpr auto no_matter = 8s;

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
  // Of vendors that connect ahead.
  std::size_t background_tasks() {
    std::size_t count = 0;
    on_worker([&] { count = worker_.background().size(); });
    return count;
  }

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

// A peer on a loopback port that takes one connection and never says a word.
class MutePeer {
 public:
  MutePeer() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    auto* name = reinterpret_cast<sockaddr*>(&address);
    const bool listens = ::bind(listener_, name, length) == 0 && ::listen(listener_, 1) == 0 &&
                         ::getsockname(listener_, name, &length) == 0;
    EXPECT_TRUE(listens);
    port_ = ntohs(address.sin_port);
  }
  ~MutePeer() {
    ::close(listener_);
    if (connection_ >= 0) ::close(connection_);
  }
  MutePeer(const MutePeer&) = delete;
  MutePeer& operator=(const MutePeer&) = delete;

  [[nodiscard]] std::string url(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port_);
  }
  // Waits until somebody has connected.
  [[nodiscard]] bool connected() {
    if (connection_ < 0 && readable(listener_)) connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    return connection_ >= 0;
  }
  // Waits until the other side has left; what it said is thrown away.
  [[nodiscard]] bool left() const {
    char heard[4096];
    while (readable(connection_)) {
      if (::recv(connection_, heard, sizeof(heard), 0) <= 0) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] static bool readable(int descriptor) {
    pollfd waited{descriptor, POLLIN, 0};
    return ::poll(&waited, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 1;
  }
  int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int connection_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace retell::providers::test
