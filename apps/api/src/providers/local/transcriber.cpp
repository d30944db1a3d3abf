#include "providers/local/transcriber.hpp"

#include <future>

namespace retell::providers::local {

core::Result<> Transcriber::warm_up() {
  auto promise = std::make_shared<std::promise<core::Result<>>>();
  auto warm = promise->get_future();
  TranscriptionJob job;
  job.samples.assign(16'000, 0.0F);
  job.language = "en";
  job.abandon = std::make_shared<std::atomic<bool>>(false);
  job.done = [promise](core::Result<std::string> result) {
    promise->set_value(result ? core::Result<>() : tl::unexpected(result.error()));
  };
  if (!submit(std::move(job), Priority::caller_waits)) {
    return core::fail(core::ErrorCode::unavailable, "the transcriber's queue is full");
  }
  return warm.get();
}

}  // namespace retell::providers::local
