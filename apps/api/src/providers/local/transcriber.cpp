#include "providers/local/transcriber.hpp"

#include <future>

namespace retell::providers::local {

namespace {

TranscriptionJob silence() {
  TranscriptionJob job;
  job.samples.assign(16'000, 0.0F);
  job.language = "en";
  job.abandon = std::make_shared<std::atomic<bool>>(false);
  job.done = [](const core::Result<std::string>&) {};
  return job;
}

}  // namespace

core::Result<> Transcriber::warm_up() {
  prepared_.store(true);
  auto promise = std::make_shared<std::promise<core::Result<>>>();
  auto warm = promise->get_future();
  auto job = silence();
  job.done = [promise](core::Result<std::string> result) {
    promise->set_value(result ? core::Result<>() : tl::unexpected(result.error()));
  };
  if (!submit(std::move(job), Priority::caller_waits)) {
    return core::fail(core::ErrorCode::unavailable, "the transcriber's queue is full");
  }
  return warm.get();
}

void Transcriber::prepare() {
  if (prepared_.exchange(true)) return;
  // With a full queue the model is loaded, or about to be.
  (void)submit(silence(), Priority::in_passing);
}

}  // namespace retell::providers::local
