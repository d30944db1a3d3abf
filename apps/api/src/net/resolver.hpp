// Names to addresses: looked up on threads of their own, so that one slow name holds up no other, and kept for 30 s.
// Internal to net/; used on one worker's thread.
#pragma once
#include <boost/asio/ip/address.hpp>
#include <boost/asio/thread_pool.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"

namespace retell::net {

class Resolver {
 public:
  explicit Resolver(core::Worker& worker);
  ~Resolver();  // waits for look-ups that are under way
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // In the system's order of preference; a literal address gives itself. When a look-up fails or takes too long, an
  // answer that was good before is used for up to five minutes.
  [[nodiscard]] core::Task<core::Result<std::vector<core::asio::ip::address>>> resolve(std::string host,
                                                                                       core::TimePoint deadline);

 private:
  struct Entry;
  struct State;
  core::asio::thread_pool threads_;
  std::shared_ptr<State> state_;  // shared with look-ups under way
};

}  // namespace retell::net
