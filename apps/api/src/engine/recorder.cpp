#include "engine/recorder.hpp"

#include <algorithm>
#include <memory>

#include "audio/wav.hpp"

namespace retell::engine {
namespace {

// Of sound in one write: what a crash may lose, and how rarely the disk is asked.
constexpr std::size_t batch_ms = 1000;
// The newest sound stays open for so long, for the caller's frames that come late. Later ones come too late.
constexpr std::size_t open_ms = 200;
// Batches that may wait for a slow disk (about 60 s, 4 MB at 16 kHz); then sound is lost, never the call.
constexpr std::size_t max_batches = 60;
// Frames can only be late, so a caller's channel that is ahead of the clock by more than this, or was behind it by more
// at every tick of five seconds, is misplaced: by frames lost on the way, or by the drift of two clocks.
constexpr std::size_t tolerance_ms = std::size_t{2} * audio::frame_ms;
constexpr int ticks_watched = 250;

}  // namespace

Recorder::Recorder(const core::Executor& executor, core::BlockingPool& files, std::string path, int sample_rate,
                   core::Logger log)
    : files_(files),
      path_(std::move(path)),
      rate_(sample_rate),
      log_(std::move(log)),
      batches_(executor, max_batches, core::Overflow::drop_oldest) {}

core::Task<void> Recorder::run() {
  if (path_.empty()) co_return;
  // Owned jointly with the work on the pool, which may outlive a cancelled call by one write.
  auto writer = std::make_shared<std::optional<audio::WavWriter>>();
  const auto opened = co_await files_.run([writer, path = path_, rate = rate_]() -> core::Result<> {
    auto made = audio::WavWriter::create(path, rate, 2);
    if (!made) return tl::unexpected(made.error());
    writer->emplace(std::move(*made));
    return {};
  });
  if (!opened) {
    failed_ = true;
    log_.error("the recording cannot be written: {}", opened.error().message);
    co_return;
  }
  while (auto batch = co_await batches_.pop()) {
    const auto written = co_await files_.run([writer, sound = std::move(*batch)] { return (*writer)->write(sound); });
    if (!written && !failed_) {
      failed_ = true;
      log_.error("the recording cannot be written: {}", written.error().message);
    }
  }
  const auto closed = co_await files_.run([writer] { return (*writer)->close(); });
  if (!closed) failed_ = true;
}

std::size_t Recorder::samples_of(std::size_t ms) const { return ms * static_cast<std::size_t>(rate_) / 1000; }

void Recorder::caller(const audio::AudioFrame& frame) {
  if (path_.empty()) return;
  const auto samples = frame.samples();
  caller_.insert(caller_.end(), samples.begin(), samples.end());
}

void Recorder::tick(const audio::AudioFrame& agent) {
  if (path_.empty()) return;
  const auto samples = agent.samples();
  agent_.insert(agent_.end(), samples.begin(), samples.end());
  align();
  const auto batch = samples_of(batch_ms);
  while (agent_.size() >= batch + samples_of(open_ms)) write(batch);
}

void Recorder::align() {
  const auto tolerance = samples_of(tolerance_ms);
  if (caller_.size() > agent_.size() + tolerance) {
    // A burst after a hole: what it holds first was said in the hole, and that is written already.
    const auto surplus = caller_.size() - agent_.size() - samples_of(audio::frame_ms);
    caller_.erase(caller_.begin(), caller_.begin() + static_cast<std::ptrdiff_t>(surplus));
  }
  const auto lag = agent_.size() - std::min(agent_.size(), caller_.size());
  least_lag_ = ticks_ == 0 ? lag : std::min(least_lag_, lag);
  if (++ticks_ < ticks_watched) return;
  ticks_ = 0;
  if (least_lag_ > tolerance) caller_.resize(caller_.size() + least_lag_);
}

void Recorder::write(std::size_t samples) {
  caller_.resize(std::max(caller_.size(), samples));  // a hole is silence
  std::vector<std::int16_t> batch;
  batch.reserve(2 * samples);
  for (std::size_t i = 0; i < samples; ++i) {
    batch.push_back(caller_[i]);
    batch.push_back(agent_[i]);
  }
  batches_.push(std::move(batch));
  caller_.erase(caller_.begin(), caller_.begin() + static_cast<std::ptrdiff_t>(samples));
  agent_.erase(agent_.begin(), agent_.begin() + static_cast<std::ptrdiff_t>(samples));
}

void Recorder::close() {
  if (!agent_.empty()) write(agent_.size());
  batches_.close();
}

}  // namespace retell::engine
