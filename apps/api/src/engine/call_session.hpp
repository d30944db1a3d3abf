// One call, from the first frame to the closed record. Owns all stages; lives on one worker.
#pragma once
#include <memory>
#include <string>

#include "core/log.hpp"
#include "core/worker.hpp"
#include "engine/call_event.hpp"
#include "engine/call_plan.hpp"
#include "engine/media_clock.hpp"
#include "engine/media_transport.hpp"
#include "engine/speech_cache.hpp"
#include "net/client.hpp"
#include "providers/registry.hpp"

namespace retell::engine {

// What a worker offers to its calls; one per worker, outlives them.
struct EngineContext {
  core::Worker& worker;
  net::Client& net;
  MediaClock& clock;
  core::BlockingPool& files;  // recordings are written here
  const providers::Registry& registry;
  SpeechCache& speech_cache;
  bool allow_private_tools = false;  // custom tools may reach private addresses (development only)
};

class CallSession {
 public:
  // Connects to vendors at once and has the opening spoken ahead, so build it while the call rings. What fails then is
  // logged, and tried again when it is needed. `sink` is called on the worker.
  CallSession(EngineContext context, CallPlan plan, CallEventSink sink, core::Logger log);
  ~CallSession();  // a call that never came lets go of everything

  // Makes ready again what a vendor has let go of meanwhile; for every some seconds of a long ringing. Before run().
  void warm();

  // Runs the call over `transport`, which must outlive this task, until either side ends it; then the recording is
  // closed, CallEnded has been emitted, and the transport is hung up. Never throws but for cancellation.
  [[nodiscard]] core::Task<void> run(MediaTransport& transport);

  // Asks a running call to end; the agent's current words are cut. On the worker.
  void end(EndReason reason);
  // Ends politely: lets the agent finish its sentence (at most `grace`), says nothing new. On the worker.
  void drain(std::chrono::milliseconds grace);

  [[nodiscard]] const CallPlan& plan() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace retell::engine
