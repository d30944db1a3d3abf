// The two-channel recording of a call: caller left, agent right, placed by the media clock. Sound is gathered on the
// call's worker and written in batches on the file pool, so that a crash leaves a playable file and no tick ever waits
// for the disk.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "audio/frame.hpp"
#include "audio/frame_ring.hpp"
#include "core/log.hpp"
#include "core/mailbox.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"

namespace retell::engine {

class Recorder {
 public:
  // `path` empty: nothing is recorded.
  Recorder(const core::Executor& executor, core::BlockingPool& files, std::string path, int sample_rate,
           core::Logger log);

  // The writer; runs until close() and the last batch is on disk. Give it to the call's task group.
  [[nodiscard]] core::Task<void> run();

  void caller(const audio::AudioFrame& frame);  // as it arrives
  // One tick of the clock: the agent's frame of these 20 ms beside the caller's. `missed` ticks before it are filled
  // with silence, so that positions stay true to time.
  void tick(const audio::AudioFrame& agent, std::uint32_t missed);
  void close();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] double seconds() const { return static_cast<double>(samples_) / rate_; }

 private:
  // The caller's frames come in bursts after network trouble. More than this waiting is drift or a backlog of the past:
  // the oldest are given up, so that the channels stay aligned.
  static constexpr std::size_t max_waiting = 10;

  void put(const audio::AudioFrame& agent);

  core::BlockingPool& files_;
  std::string path_;
  int rate_;
  core::Logger log_;
  audio::FrameRing<max_waiting> waiting_;  // the caller's frames not yet placed
  std::vector<std::int16_t> batch_;        // interleaved
  std::uint64_t samples_ = 0;              // of one channel, placed so far
  core::Mailbox<std::vector<std::int16_t>> batches_;
  bool failed_ = false;
};

}  // namespace retell::engine
