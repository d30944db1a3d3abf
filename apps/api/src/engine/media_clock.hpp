// The worker's 20 ms pulse: one timer with absolute deadlines that ticks every 5 ms and serves a quarter of the calls
// each time, so that a thousand calls cost one timer and their work is spread over the frame.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"

namespace retell::engine {

class MediaClock {
 public:
  // One of the four 5 ms slots of a frame; gives up its place when destroyed. Not copied.
  class Subscriber {
   public:
    virtual ~Subscriber() = default;
    // Every 20 ms. `deadline` is when this frame was due, `now` when it is served; after a stall the missed frames are
    // skipped (`missed` of them), never sent in a burst.
    virtual void on_frame(core::TimePoint deadline, core::TimePoint now, std::uint32_t missed) = 0;
  };

  explicit MediaClock(const core::Executor& executor);
  ~MediaClock();
  MediaClock(const MediaClock&) = delete;
  MediaClock& operator=(const MediaClock&) = delete;

  void start();
  void stop();
  void add(Subscriber& subscriber);     // into the slot with the fewest calls
  void remove(Subscriber& subscriber);  // also from inside on_frame

  [[nodiscard]] std::size_t size() const;

  struct Lateness {
    std::uint64_t ticks = 0;
    std::uint64_t late_ticks = 0;  // more than 10 ms after their deadline
    double worst_ms = 0;
  };
  [[nodiscard]] Lateness lateness() const;  // since start; for metrics and admission

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace retell::engine
