// What services/ need of the part of the program that holds live calls; implemented by app/.
#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "core/result.hpp"
#include "core/task.hpp"
#include "domain/call.hpp"
#include "domain/tools.hpp"
#include "engine/call_event.hpp"
#include "engine/call_plan.hpp"

namespace retell::services {

struct DialOrder {
  std::string call_id;
  std::string token;  // under which the carrier's media connection will ask for the call
  std::string from_number;
  std::string to_number;
  std::chrono::milliseconds ring{30'000};
  domain::TextMap sip_headers = {};
};

// Why a call could not be placed: for who asked for it, and as its record says it.
struct DialFailure {
  core::Error error;
  domain::DisconnectionReason reason = domain::DisconnectionReason::dial_failed;
};
using Dialled = tl::expected<std::string, DialFailure>;  // the carrier's id of the call

// Any thread.
class CallLauncher {
 public:
  virtual ~CallLauncher() = default;
  [[nodiscard]] virtual bool takes_calls() const = 0;  // false once the server is going down
  // Keeps the call ready for the media connection that shows this token, which is good once and for `within`. `sink` is
  // called on the call's worker; `on_missed` when nobody connected in time.
  virtual void expect(const std::string& token, engine::CallPlan plan, engine::CallEventSink sink,
                      std::function<void()> on_missed, std::chrono::milliseconds within) = 0;
  virtual void forget(const std::string& call_id) = 0;  // a call kept ready that will not come; on_missed is not called
  // Ends a running call; false when it does not run here.
  virtual bool end(const std::string& call_id, engine::EndReason reason) = 0;
  // Asks the carrier to call. unprocessable when there is no carrier, or when it refuses what it was asked for.
  [[nodiscard]] virtual core::Task<Dialled> dial(DialOrder order) = 0;
};

}  // namespace retell::services
