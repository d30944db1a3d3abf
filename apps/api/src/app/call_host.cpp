#include "app/call_host.hpp"

#include <boost/asio/post.hpp>

#include "core/ids.hpp"
#include "core/race.hpp"

namespace retell::app {

using namespace std::chrono_literals;

// What one worker offers its calls; all of it is used on that worker's thread.
struct CallHost::Seat {
  Seat(core::Worker& w, const net::ClientOptions& options, const core::Logger& log)
      : worker(w), client(w, options, log), clock(w.executor()) {}
  core::Worker& worker;
  net::Client client;
  engine::MediaClock clock;
  engine::SpeechCache speech;
  std::unordered_map<std::string, engine::CallSession*> sessions;
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
      call_metrics_(metrics) {
  net::ClientOptions client;
  client.ca_file = options_.ca_file;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    seats_.push_back(std::make_unique<Seat>(workers_.at(i), client, log_));
  }
}

CallHost::~CallHost() = default;

void CallHost::start() {
  for (auto& seat : seats_) {
    boost::asio::post(seat->worker.executor(), [&clock = seat->clock] { clock.start(); });
  }
  boost::asio::post(workers_.at(0).executor(), [this] { workers_.at(0).background().spawn("missed calls", sweep()); });
}

void CallHost::stop() {
  for (auto& seat : seats_) {
    boost::asio::post(seat->worker.executor(), [&clock = seat->clock] { clock.stop(); });
  }
}

std::string CallHost::expect(ExpectedCall call, std::chrono::milliseconds within) {
  auto token = core::make_id("", 24);
  const std::lock_guard lock(mutex_);
  pending_.emplace(token, Pending{std::move(call), std::chrono::steady_clock::now() + within});
  return token;
}

std::optional<ExpectedCall> CallHost::claim(std::string_view token) {
  const std::lock_guard lock(mutex_);
  const auto found = pending_.find(token);
  if (found == pending_.end() || found->second.deadline < std::chrono::steady_clock::now()) return std::nullopt;
  auto call = std::move(found->second.call);
  pending_.erase(found);
  return call;
}

void CallHost::forget(std::string_view call_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(pending_, [&](const auto& entry) { return entry.second.call.plan.call_id == call_id; });
}

int CallHost::expected() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(pending_.size());
}

core::Task<void> CallHost::sweep() {
  for (;;) {
    co_await core::sleep_for(500ms);
    std::vector<ExpectedCall> late;
    {
      const std::lock_guard lock(mutex_);
      const auto now = std::chrono::steady_clock::now();
      for (auto it = pending_.begin(); it != pending_.end();) {
        if (it->second.deadline < now) {
          late.push_back(std::move(it->second.call));
          it = pending_.erase(it);
        } else {
          ++it;
        }
      }
    }
    for (auto& call : late) {
      log_.with("call_id", call.plan.call_id).warn("nobody connected in time");
      missed_.add();
      if (call.on_missed) call.on_missed();
    }
  }
}

core::Task<void> CallHost::run(ExpectedCall call, engine::MediaTransport& transport, core::Worker& worker) {
  auto& here = seat(worker);
  const auto call_id = call.plan.call_id;
  engine::EngineContext context{
      here.worker, here.client, here.clock, files_, registry_, here.speech, options_.allow_private_tools};
  auto sink = [this, inner = std::move(call.sink)](const engine::CallEvent& event) {
    call_metrics_.note(event);
    inner(event);
  };
  engine::CallSession session(context, std::move(call.plan), std::move(sink), log_.with("call_id", call_id));

  // Registered for as long as the session lives, whatever way this coroutine ends.
  struct Registration {
    CallHost& host;
    Seat& seat;
    const std::string& id;
    Registration(CallHost& h, Seat& s, const std::string& call, engine::CallSession& session)
        : host(h), seat(s), id(call) {
      seat.sessions.emplace(id, &session);
      seat.worker.load.fetch_add(1, std::memory_order_relaxed);
      host.live_gauge_.set(host.live_.fetch_add(1) + 1);
      const std::lock_guard lock(host.mutex_);
      host.where_.emplace(id, seat.worker.index());
    }
    ~Registration() {
      seat.sessions.erase(id);
      seat.worker.load.fetch_sub(1, std::memory_order_relaxed);
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
