// The two-channel recording of a call: caller left, agent right. The media clock counts the samples of both; the
// caller's frames keep the places that their own count gives them, so that frames which come late, or in bursts, are
// heard where they were said. Sound is gathered on the call's worker and written in batches on the file pool: a crash
// leaves a playable file and no tick ever waits for the disk.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "audio/frame.hpp"
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
  void tick(const audio::AudioFrame& agent);    // one for every 20 ms of the clock, also for those that it missed
  void close();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  void align();
  void write(std::size_t samples);
  [[nodiscard]] std::size_t samples_of(std::size_t ms) const;

  core::BlockingPool& files_;
  std::string path_;
  int rate_;
  core::Logger log_;
  // What is not written yet; both begin at the same sample of the call.
  std::vector<std::int16_t> caller_;
  std::vector<std::int16_t> agent_;
  std::size_t least_lag_ = 0;  // of the caller's channel behind the clock, in samples, since `ticks_` was 0
  int ticks_ = 0;
  core::Mailbox<std::vector<std::int16_t>> batches_;
  bool failed_ = false;
};

}  // namespace retell::engine
