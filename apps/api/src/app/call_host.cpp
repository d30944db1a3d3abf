#include "app/call_host.hpp"

#include <boost/asio/post.hpp>

#include <limits>

#include "core/race.hpp"

namespace retell::app {

using namespace std::chrono_literals;

namespace {

constexpr auto sweep_gap = 500ms;
// Together 500 calls a second: a tenth of what a core can create, and 30,000 are given up within a minute.
constexpr auto gap_while_many_are_late = 20ms;
constexpr int given_up_at_once = 10;

}  // namespace

// What one worker offers its calls; all of it is used on that worker's thread.
struct CallHost::Seat {
  Seat(core::Worker& w, const net::ClientOptions& options, const core::Logger& log)
      : worker(w), client(w, options, log), clock(w.executor()) {}
  struct Ready {
    ReadyCall call;
    core::TimePoint until;
  };
  core::Worker& worker;
  net::Client client;
  engine::MediaClock clock;
  std::unordered_map<std::string, Ready> ready;                    // expected calls, by token
  std::unordered_map<std::string, engine::CallSession*> sessions;  // running ones, by id
};

CallHost::CallHost(core::WorkerPool& workers, core::BlockingPool& files, const providers::Registry& registry,
                   CallHostOptions options, core::Metrics& metrics, core::Logger log)
    : workers_(workers),
      files_(files),
      registry_(registry),
      options_(std::move(options)),
      log_(std::move(log)),
      live_gauge_(metrics.gauge("retell_live_calls", "Calls that are running.")),
      missed_(metrics.counter("retell_missed_calls_total", "Expected calls whose media never came.")),
      call_metrics_(metrics, options_.waits) {
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    seats_.push_back(std::make_unique<Seat>(workers_.at(i), options_.client, log_));
  }
}

CallHost::~CallHost() = default;

void CallHost::start() {
  for (auto& seat : seats_) {
    boost::asio::post(seat->worker.executor(), [this, &here = *seat] {
      here.clock.start();
      here.worker.background().spawn("calls kept ready", renew(here));
    });
  }
  boost::asio::post(workers_.at(0).executor(), [this] { workers_.at(0).background().spawn("missed calls", sweep()); });
}

void CallHost::stop() {
  for (auto& seat : seats_) {
    boost::asio::post(seat->worker.executor(), [&here = *seat] {
      here.clock.stop();
      here.ready.clear();
    });
  }
}

void CallHost::expect(const std::string& token, ExpectedCall call, std::chrono::milliseconds within) {
  const std::lock_guard lock(mutex_);
  // Chosen under the lock, so that calls which are expected at the same moment are spread.
  Berth berth(workers_.least_loaded());
  const auto deadline = std::chrono::steady_clock::now() + within;
  const auto& worker = berth.worker();
  if (expected_.add(token, {std::move(call), deadline, std::move(berth)}))
    make_ready_later(token, worker, options_.max_ready);
}

// Posted with the lock held: what is posted when the call is taken away comes later.
void CallHost::make_ready_later(const std::string& token, const core::Worker& worker, std::size_t while_fewer) {
  auto& here = seat(worker);
  boost::asio::post(here.worker.executor(), [this, &here, token, while_fewer] {
    if (here.ready.size() < while_fewer) make_ready(here, token);
  });
}

void CallHost::make_ready(Seat& here, const std::string& token) {
  if (here.ready.contains(token)) return;
  std::optional<std::pair<engine::CallPlan, engine::CallEventSink>> call;
  {
    const std::lock_guard lock(mutex_);
    const auto* found = expected_.find(token);
    if (found == nullptr) return;
    call.emplace(found->call.plan, found->call.sink);
  }
  const auto call_id = call->first.call_id;
  try {
    auto made = session_for(here, std::move(call->first), std::move(call->second));
    here.ready.emplace(token, Seat::Ready{std::move(made), std::chrono::steady_clock::now() + options_.ready_for});
  } catch (const std::exception& error) {
    log_.with("call_id", call_id).error("the call could not be made ready: {}", error.what());
  }
}

ReadyCall CallHost::session_for(Seat& here, engine::CallPlan plan, engine::CallEventSink sink) {
  engine::EngineContext context{
      here.worker, here.client, here.clock, files_, registry_, speech_, options_.allow_private_tools};
  auto log = log_.with("call_id", plan.call_id);
  auto out = std::make_shared<engine::CallEventSink>(std::move(sink));
  auto report = [this, out](const engine::CallEvent& event) {
    call_metrics_.note(event);
    (*out)(event);
  };
  auto session = std::make_unique<engine::CallSession>(context, std::move(plan), std::move(report), std::move(log));
  return {std::move(out), std::move(session)};
}

core::Task<void> CallHost::renew(Seat& here) {
  for (;;) {
    co_await core::sleep_for(options_.renew_every);
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(here.ready, [&](const auto& entry) { return entry.second.until <= now; });
    for (auto& [token, ready] : here.ready) {
      try {
        ready.call.session->warm();
      } catch (const std::exception& error) {  // a bug in one call is none in the others
        log_.with("call_id", ready.call.session->plan().call_id).error("the call is not kept ready: {}", error.what());
      }
    }
  }
}

void CallHost::let_go(const ExpectedCalls::Taken& taken) {
  auto& here = seat(taken.pending.berth.worker());
  boost::asio::post(here.worker.executor(), [&here, token = taken.token] { here.ready.erase(token); });
}

core::Worker* CallHost::arriving(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto* found = expected_.find(token);
  if (found == nullptr) return nullptr;
  auto& worker = found->berth.worker();
  make_ready_later(std::string(token), worker, std::numeric_limits<std::size_t>::max());
  return &worker;
}

std::optional<ClaimedCall> CallHost::claim(std::string_view token, core::Worker& worker) {
  auto& here = seat(worker);
  std::optional<ClaimedCall> claimed;
  {
    const std::lock_guard lock(mutex_);
    const auto* found = expected_.find(token);
    if (found == nullptr || found->deadline < std::chrono::steady_clock::now()) return std::nullopt;
    auto taken = expected_.take(token);
    auto& [call, deadline, berth] = taken->pending;
    const bool here_already = &berth.worker() == &worker;
    if (!here_already) let_go(*taken);
    claimed.emplace(std::move(call.plan), std::move(call.sink), here_already ? std::move(berth) : Berth(worker),
                    ReadyCall{});
  }
  if (const auto ready = here.ready.find(std::string(token)); ready != here.ready.end()) {
    claimed->ready = std::move(ready->second.call);
    here.ready.erase(ready);
  }
  return claimed;
}

void CallHost::forget(std::string_view call_id) {
  const std::lock_guard lock(mutex_);
  while (const auto taken = expected_.take_call(call_id)) let_go(*taken);
}

int CallHost::expected() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(expected_.size());
}

// A few at a time: each is written down in the database, and after thousands that nobody joined other requests would
// otherwise wait until all of that is done.
core::Task<void> CallHost::sweep() {
  for (int given_up = 0;;) {
    co_await core::sleep_for(given_up < given_up_at_once ? sweep_gap : gap_while_many_are_late);
    const auto now = std::chrono::steady_clock::now();
    for (given_up = 0; given_up < given_up_at_once; ++given_up) {
      std::optional<ExpectedCalls::Taken> late;
      {
        const std::lock_guard lock(mutex_);
        late = expected_.take_late(now);
        if (late) let_go(*late);
      }
      if (!late) break;
      const auto& call = late->pending.call;
      log_.with("call_id", call.plan.call_id).warn("nobody connected in time");
      missed_.add();
      if (call.on_missed) call.on_missed();
    }
  }
}

core::Task<void> CallHost::run(ClaimedCall call, engine::MediaTransport& transport) {
  auto& here = seat(call.berth.worker());
  const auto call_id = call.plan.call_id;
  if (call.ready.session) {
    *call.ready.sink = std::move(call.sink);
  } else {
    call.ready = session_for(here, std::move(call.plan), std::move(call.sink));
  }
  auto& session = *call.ready.session;

  // Registered for as long as the session lives, whatever way this coroutine ends.
  struct Registration {
    CallHost& host;
    Seat& seat;
    const std::string& id;
    Registration(CallHost& h, Seat& s, const std::string& call, engine::CallSession& session)
        : host(h), seat(s), id(call) {
      seat.sessions.emplace(id, &session);
      host.live_gauge_.set(host.live_.fetch_add(1) + 1);
      const std::lock_guard lock(host.mutex_);
      host.where_.emplace(id, seat.worker.index());
    }
    ~Registration() {
      seat.sessions.erase(id);
      host.live_gauge_.set(host.live_.fetch_sub(1) - 1);
      const std::lock_guard lock(host.mutex_);
      host.where_.erase(id);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
  };
  const Registration registration(*this, here, call_id, session);
  co_await session.run(transport);
}

bool CallHost::end(const std::string& call_id, engine::EndReason reason) {
  std::size_t index = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = where_.find(call_id);
    if (found == where_.end()) return false;
    index = found->second;
  }
  boost::asio::post(workers_.at(index).executor(), [this, index, call_id, reason] {
    auto& sessions = seats_.at(index)->sessions;
    // It may have ended meanwhile.
    if (const auto found = sessions.find(call_id); found != sessions.end()) found->second->end(reason);
  });
  return true;
}

void CallHost::drain(std::chrono::milliseconds grace) {
  for (auto& seat : seats_) {
    boost::asio::post(seat->worker.executor(), [seat = seat.get(), grace] {
      for (auto& [id, session] : seat->sessions) session->drain(grace);
    });
  }
}

net::Client& CallHost::client(const core::Worker& worker) { return seat(worker).client; }
engine::MediaClock& CallHost::clock(const core::Worker& worker) { return seat(worker).clock; }

}  // namespace retell::app
