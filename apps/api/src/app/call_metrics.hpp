// What calls report, as series of /metrics. Any thread.
#pragma once
#include "app/heard_waits.hpp"
#include "core/metrics.hpp"
#include "engine/call_event.hpp"

namespace retell::app {

class CallMetrics {
 public:
  // `waits`: also gets every answer's wait by itself; may be null.
  explicit CallMetrics(core::Metrics& metrics, HeardWaits* waits = nullptr);
  void note(const engine::CallEvent& event);

 private:
  void note_end(const engine::CallEnded& ended);
  void note_waits(const std::vector<engine::TurnLatency>& turns);
  void note_media(const engine::MediaCounters& media);

  core::Metrics& metrics_;
  HeardWaits* waits_;
  core::Histogram duration_;
  core::Histogram heard_;
  core::Histogram worst_gap_;
  core::Counter frames_in_;
  core::Counter frames_out_;
  core::Counter late_frames_;
  core::Counter cleared_bytes_;
  core::Counter stale_events_;
  core::Counter prompt_tokens_;
  core::Counter completion_tokens_;
};

}  // namespace retell::app
