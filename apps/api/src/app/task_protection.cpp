#include "app/task_protection.hpp"

#include <utility>

namespace retell::app {
namespace {

// A call waits for nothing of this, and a scale-in takes longer to decide.
constexpr std::chrono::milliseconds look_again{500};

constexpr auto requests_name = "retell_task_protection_requests_total";
constexpr auto requests_help = "Requests to the ECS agent to protect this task from scale-in, or to no longer do so.";

}  // namespace

TaskProtection::TaskProtection(std::string agent_uri, std::function<int()> calls, ScaleInGuardOptions options,
                               core::Metrics& metrics, core::Logger log)
    : calls_(std::move(calls)),
      guard_(options),
      log_(std::move(log)),
      protected_(metrics.gauge("retell_task_protected", "Whether ECS protects this task from scale-in.")),
      done_(metrics.counter(requests_name, requests_help, {{"outcome", "done"}})),
      refused_(metrics.counter(requests_name, requests_help, {{"outcome", "refused"}})),
      failed_(metrics.counter(requests_name, requests_help, {{"outcome", "failed"}})),
      client_(thread_.worker(), {}, log_),
      agent_(std::move(agent_uri), client_) {
  thread_.start("task protection", [this] { return run(); });
}

core::Task<void> TaskProtection::run() {
  for (;;) {
    const int calls = calls_();
    if (const auto order = guard_.step(std::chrono::steady_clock::now(), calls)) {
      const auto answer = co_await agent_.ask(*order);
      note(*order, answer, calls);
    }
    protected_.set(guard_.is_protected(std::chrono::steady_clock::now()) ? 1 : 0);
    co_await core::sleep_for(look_again);
  }
}

void TaskProtection::note(const ProtectionOrder& order, const ProtectionAnswer& answer, int calls) {
  using Kind = ProtectionAnswer::Kind;
  const bool tell = guard_.answered(std::chrono::steady_clock::now(), order, answer);
  const auto* wish = order.on ? "protected from scale-in" : "released for scale-in";
  if (answer.kind == Kind::done) {
    done_.add();
    if (tell) log_.info("the task is {} again when it asks for it", wish);
    log_.debug("the task is {}", wish);
    return;
  }
  (answer.kind == Kind::failed ? failed_ : refused_).add();
  if (!tell) return;
  if (order.on) {
    log_.warn(
        "ECS does not protect this task, which has {} calls ({}): a scale-in or deployment stops it all the same, with "
        "the time to drain that it has; tried again",
        calls, answer.why);
  } else {
    log_.warn("ECS does not release this task for scale-in ({}): tried again, and the protection runs out by itself",
              answer.why);
  }
}

}  // namespace retell::app
