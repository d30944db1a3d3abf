#include "engine/recorder.hpp"

#include <memory>

#include "audio/wav.hpp"

namespace retell::engine {
namespace {

// Of sound in one write: what a crash may lose, and how rarely the disk is asked.
constexpr std::size_t batch_ms = 1000;
// Batches that may wait for a slow disk (about 60 s, 4 MB at 16 kHz); then sound is lost, never the call.
constexpr std::size_t max_batches = 60;

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

void Recorder::caller(const audio::AudioFrame& frame) {
  if (!path_.empty()) waiting_.push(frame);
}

void Recorder::put(const audio::AudioFrame& agent) {
  const audio::AudioFrame silence(rate_);
  const auto left = waiting_.empty() ? silence.samples() : waiting_.front().samples();
  const auto right = agent.samples();
  const auto begin = batch_.size();
  batch_.resize(begin + 2 * left.size());
  auto* out = batch_.data() + begin;
  for (std::size_t i = 0; i < left.size(); ++i) {
    out[2 * i] = left[i];
    out[2 * i + 1] = right[i];
  }
  samples_ += left.size();
  if (!waiting_.empty()) waiting_.pop();
}

void Recorder::tick(const audio::AudioFrame& agent, std::uint32_t missed) {
  if (path_.empty()) return;
  const audio::AudioFrame silence(rate_);
  for (std::uint32_t i = 0; i < missed; ++i) put(silence);
  put(agent);
  if (batch_.size() >= 2 * batch_ms * static_cast<std::size_t>(rate_) / 1000) {
    const auto capacity = batch_.capacity();
    batches_.push(std::move(batch_));
    batch_ = {};
    batch_.reserve(capacity);
  }
}

void Recorder::close() {
  if (!batch_.empty()) batches_.push(std::move(batch_));
  batch_ = {};
  batches_.close();
}

}  // namespace retell::engine
