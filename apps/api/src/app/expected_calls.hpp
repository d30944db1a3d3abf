// The calls whose media connection is expected: found by token, by call id, and those first whose time is over first,
// so that neither a look at the clock nor a call that is taken back walks through all of them. No thread of its own:
// who owns it guards it.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/clock.hpp"
#include "core/worker.hpp"
#include "engine/call_session.hpp"

namespace retell::app {

// A call that waits for its media connection.
struct ExpectedCall {
  engine::CallPlan plan;
  engine::CallEventSink sink;       // called on the call's worker
  std::function<void()> on_missed;  // nobody connected in time; called on the first worker
};

// A call's place among those that a worker carries, for as long as this exists.
class Berth {
 public:
  explicit Berth(core::Worker& worker) : worker_(&worker) { worker.load.fetch_add(1, std::memory_order_relaxed); }
  Berth(Berth&& other) noexcept : worker_(std::exchange(other.worker_, nullptr)) {}
  Berth& operator=(Berth&& other) noexcept {
    std::swap(worker_, other.worker_);
    return *this;
  }
  ~Berth() {
    if (worker_ != nullptr) worker_->load.fetch_sub(1, std::memory_order_relaxed);
  }
  [[nodiscard]] core::Worker& worker() const { return *worker_; }

 private:
  core::Worker* worker_;
};

class ExpectedCalls {
 public:
  struct Pending {
    ExpectedCall call;
    core::TimePoint deadline;
    Berth berth;
  };
  struct Taken {
    std::string token;
    Pending pending;
  };

  // False when there is a call with this token already.
  bool add(const std::string& token, Pending pending);
  // Null when there is none; good until the next change.
  [[nodiscard]] const Pending* find(std::string_view token) const;
  [[nodiscard]] std::optional<Taken> take(std::string_view token);
  // One of them, if a call has several tokens.
  [[nodiscard]] std::optional<Taken> take_call(std::string_view call_id);
  // Of those whose deadline lies before `now` the one that waits longest.
  [[nodiscard]] std::optional<Taken> take_late(core::TimePoint now);
  [[nodiscard]] std::size_t size() const { return by_token_.size(); }

 private:
  struct Entry;
  using ByToken = std::map<std::string, Entry, std::less<>>;
  // Both give the token; a call's id is its plan's own.
  using ByDeadline = std::multimap<core::TimePoint, std::string_view>;
  using ByCall = std::unordered_multimap<std::string_view, std::string_view>;
  struct Entry {
    Pending pending;
    ByDeadline::iterator deadline;
    ByCall::iterator call;
  };
  [[nodiscard]] Taken take(ByToken::iterator entry);

  ByToken by_token_;
  ByDeadline by_deadline_;
  ByCall by_call_;
};

}  // namespace retell::app
