// The services' way to live calls: this process's call host, and the carrier that dials.
#pragma once
#include <atomic>
#include <functional>
#include <string>

#include "app/call_host.hpp"
#include "services/call_launcher.hpp"

namespace retell::app {

// Asks a carrier to call; runs on the first worker. Gives the carrier's id of the call.
using Dialler = std::function<core::Task<services::Dialled>(services::DialOrder order)>;

class Launcher final : public services::CallLauncher {
 public:
  Launcher(CallHost& host, core::Worker& dialling_worker) : host_(host), worker_(dialling_worker) {}
  void set_dialler(Dialler dialler) { dialler_ = std::move(dialler); }  // before the server starts

  void take_no_more() { closing_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool takes_calls() const override { return !closing_.load(std::memory_order_relaxed); }

  void expect(const std::string& token, engine::CallPlan plan, engine::CallEventSink sink,
              std::function<void()> on_missed, std::chrono::milliseconds within) override;
  void forget(const std::string& call_id) override;
  bool end(const std::string& call_id, engine::EndReason reason) override;
  [[nodiscard]] core::Task<services::Dialled> dial(services::DialOrder order) override;

 private:
  CallHost& host_;
  core::Worker& worker_;
  Dialler dialler_;
  std::atomic<bool> closing_{false};
};

}  // namespace retell::app
