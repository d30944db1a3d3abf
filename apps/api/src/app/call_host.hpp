// Where calls live: the calls that are expected (a token was given out, no media yet) and those that are running.
// An expected call is given to the least loaded worker at once and made ready there: its vendors are connected and its
// opening is spoken ahead while the caller still hears it ring.
// Any thread, unless a function says otherwise.
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "app/call_metrics.hpp"
#include "app/expected_calls.hpp"
#include "core/metrics.hpp"
#include "core/worker.hpp"
#include "engine/call_session.hpp"

namespace retell::app {

// The session of an expected call. What it reports goes to `sink`, which the one who claims the call may replace.
struct ReadyCall {
  std::shared_ptr<engine::CallEventSink> sink;
  std::unique_ptr<engine::CallSession> session;
};

// A call whose media connection has come.
struct ClaimedCall {
  engine::CallPlan plan;
  engine::CallEventSink sink;
  Berth berth;
  ReadyCall ready;  // without a session when the call was not made ready on this worker
};

struct CallHostOptions {
  bool allow_private_tools = false;  // see engine::EngineContext
  net::ClientOptions client = {};    // of every worker's connections
  // How long an expected call holds its vendors' connections: the usual ringing (30 s) and the carrier's own time.
  // Who answers later is connected anew, from the moment at which the media connection is asked for.
  std::chrono::milliseconds ready_for{45'000};
  // As many on each worker as answer within that time when a worker is as busy as it can be; more are made ready when
  // their media connection is asked for.
  std::size_t max_ready = 256;
  // So often what a vendor has dropped meanwhile is made ready again.
  std::chrono::milliseconds renew_every{10'000};
  HeardWaits* waits = nullptr;  // see CallMetrics; outlives the host
};

class CallHost {
 public:
  CallHost(core::WorkerPool& workers, core::BlockingPool& files, const providers::Registry& registry,
           CallHostOptions options, core::Metrics& metrics, core::Logger log);
  ~CallHost();

  void start();  // clocks and the sweep of missed calls; after WorkerPool::start
  void stop();   // after the last call ended and before WorkerPool::stop

  // `token`: under which the media connection will ask for this call; good once and for `within`.
  void expect(const std::string& token, ExpectedCall call, std::chrono::milliseconds within);
  // A media connection is being opened for this token: gives the worker that it belongs on, where its call is made
  // ready again if it has let go of its vendors. Null when no such call is expected.
  [[nodiscard]] core::Worker* arriving(std::string_view token);
  // Takes the call for the media connection that lives on `worker`. On that worker.
  [[nodiscard]] std::optional<ClaimedCall> claim(std::string_view token, core::Worker& worker);
  void forget(std::string_view call_id);  // an expected call that will not come; on_missed is not called

  // Runs a claimed call to its end. On the worker that claimed it.
  [[nodiscard]] core::Task<void> run(ClaimedCall call, engine::MediaTransport& transport);

  bool end(const std::string& call_id, engine::EndReason reason);  // false when no such call is live here
  void drain(std::chrono::milliseconds grace);                     // asks every live call to end politely
  [[nodiscard]] int live() const { return live_.load(std::memory_order_relaxed); }
  [[nodiscard]] int expected() const;

  [[nodiscard]] net::Client& client(const core::Worker& worker);        // used on that worker only
  [[nodiscard]] engine::MediaClock& clock(const core::Worker& worker);  // the same

 private:
  struct Seat;

  [[nodiscard]] core::Task<void> sweep();
  [[nodiscard]] core::Task<void> renew(Seat& seat);
  [[nodiscard]] Seat& seat(const core::Worker& worker) { return *seats_.at(worker.index()); }
  // With the lock. Only while the worker has fewer than so many ready.
  void make_ready_later(const std::string& token, const core::Worker& worker, std::size_t while_fewer);
  void make_ready(Seat& seat, const std::string& token);
  [[nodiscard]] ReadyCall session_for(Seat& seat, engine::CallPlan plan, engine::CallEventSink sink);
  void let_go(const ExpectedCalls::Taken& taken);  // with the lock: what the worker has ready for it

  core::WorkerPool& workers_;
  core::BlockingPool& files_;
  const providers::Registry& registry_;
  CallHostOptions options_;
  core::Logger log_;
  core::Gauge live_gauge_;
  core::Counter missed_;
  engine::SpeechCache speech_;
  CallMetrics call_metrics_;
  std::vector<std::unique_ptr<Seat>> seats_;  // one a worker

  mutable std::mutex mutex_;  // guards the next two
  ExpectedCalls expected_;
  std::unordered_map<std::string, std::size_t> where_;  // live call id -> worker
  std::atomic<int> live_{0};
};

}  // namespace retell::app
