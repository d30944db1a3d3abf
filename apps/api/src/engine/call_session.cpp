#include "engine/call_session.hpp"

#include "engine/call_runtime.hpp"

namespace retell::engine {

CallSession::CallSession(EngineContext context, CallPlan plan, CallEventSink sink, core::Logger log)
    : impl_(std::make_unique<Impl>(context, std::move(plan), std::move(sink), std::move(log))) {}
CallSession::~CallSession() = default;

void CallSession::warm() { impl_->warm(); }
core::Task<void> CallSession::run(MediaTransport& transport) { return impl_->run(transport); }
void CallSession::end(EndReason reason) { impl_->end(reason); }
void CallSession::drain(std::chrono::milliseconds grace) { impl_->drain(grace); }
const CallPlan& CallSession::plan() const { return impl_->plan(); }

const char* disconnection_reason(EndReason reason) {
  switch (reason) {
    case EndReason::user_hangup:
      return "user_hangup";
    case EndReason::agent_hangup:
      return "agent_hangup";
    case EndReason::inactivity:
      return "inactivity";
    case EndReason::max_duration_reached:
      return "max_duration_reached";
    case EndReason::concurrency_limit_reached:
      return "concurrency_limit_reached";
    case EndReason::error_stt:
      return "error_asr";
    case EndReason::error_tts:
    case EndReason::error_llm:
    case EndReason::error_transport:
      return "error_retell";
    case EndReason::error_unknown:
      return "error_unknown";
    case EndReason::server_shutdown:
      return "agent_hangup";
    case EndReason::manual_stop:
      return "manual_stopped";
  }
  return "error_unknown";
}

}  // namespace retell::engine
