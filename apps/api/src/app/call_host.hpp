// Where calls live: the calls that are expected (a token was given out, no media yet) and those that are running.
// Any thread, unless a function says otherwise.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/call_metrics.hpp"
#include "core/metrics.hpp"
#include "core/worker.hpp"
#include "engine/call_session.hpp"

namespace retell::app {

// A call that waits for its media connection.
struct ExpectedCall {
  engine::CallPlan plan;
  engine::CallEventSink sink;       // called on the call's worker
  std::function<void()> on_missed;  // nobody connected in time; called on the first worker
};

struct CallHostOptions {
  int max_calls = 1000;              // live calls of this process; more are refused
  bool allow_private_tools = false;  // see engine::EngineContext
  std::string ca_file;               // see net::ClientOptions
};

class CallHost {
 public:
  CallHost(core::WorkerPool& workers, core::BlockingPool& files, const providers::Registry& registry,
           CallHostOptions options, core::Metrics& metrics, core::Logger log);
  ~CallHost();

  void start();  // clocks and the sweep of missed calls; after WorkerPool::start
  void stop();   // after the last call ended and before WorkerPool::stop

  // Gives a token, good once and for `within`, under which the media connection will ask for this call.
  [[nodiscard]] std::string expect(ExpectedCall call, std::chrono::milliseconds within);
  [[nodiscard]] std::optional<ExpectedCall> claim(std::string_view token);
  void forget(std::string_view call_id);  // an expected call that will not come; on_missed is not called

  // Runs a claimed call to its end on `worker`, which is the one of its connection. On that worker.
  [[nodiscard]] core::Task<void> run(ExpectedCall call, engine::MediaTransport& transport, core::Worker& worker);

  bool end(const std::string& call_id, engine::EndReason reason);  // false when no such call is live here
  void drain(std::chrono::milliseconds grace);                     // asks every live call to end politely
  [[nodiscard]] int live() const { return live_.load(std::memory_order_relaxed); }
  [[nodiscard]] int expected() const;
  [[nodiscard]] bool full() const { return live() >= options_.max_calls; }

  [[nodiscard]] net::Client& client(const core::Worker& worker);        // used on that worker only
  [[nodiscard]] engine::MediaClock& clock(const core::Worker& worker);  // the same

 private:
  struct Seat;
  struct Pending {
    ExpectedCall call;
    core::TimePoint deadline;
  };
  [[nodiscard]] core::Task<void> sweep();
  [[nodiscard]] Seat& seat(const core::Worker& worker) { return *seats_.at(worker.index()); }

  core::WorkerPool& workers_;
  core::BlockingPool& files_;
  const providers::Registry& registry_;
  CallHostOptions options_;
  core::Logger log_;
  core::Gauge live_gauge_;
  core::Counter missed_;
  CallMetrics call_metrics_;
  std::vector<std::unique_ptr<Seat>> seats_;  // one a worker

  mutable std::mutex mutex_;                             // guards the two maps
  std::map<std::string, Pending, std::less<>> pending_;  // by token
  std::unordered_map<std::string, std::size_t> where_;   // live call id -> worker
  std::atomic<int> live_{0};
};

}  // namespace retell::app
