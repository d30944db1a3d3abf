// What a local recogniser has to do: turn one stretch of speech into text. Segments, partials and finals of the Stt
// seam are made of that once, in SegmentStt. Any thread.
#pragma once
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "providers/local/engine_threads.hpp"

namespace retell::providers::local {

struct TranscriptionJob {
  std::vector<float> samples;                  // 16 kHz mono, -1..1, at most 30 s
  double voice_s = 0;                          // seconds of it from the first to the last sound; 0: all
  std::string language;                        // ISO 639-1; empty: let the model tell
  std::string prompt;                          // words to expect
  std::shared_ptr<std::atomic<bool>> abandon;  // set by whoever no longer wants the answer; looked at every few ms
  // On the engine's thread. `cancelled` when abandoned.
  std::function<void(core::Result<std::string>)> done;
};

class Transcriber {
 public:
  virtual ~Transcriber() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // False when the queue is full.
  [[nodiscard]] virtual bool submit(TranscriptionJob job, Priority priority) = 0;
  [[nodiscard]] virtual bool has_idle() const = 0;  // whether a job would start at once
  [[nodiscard]] virtual std::size_t threads() const = 0;
  // Loads and decodes a second of silence, so that the first caller does not wait for it. Blocks.
  [[nodiscard]] core::Result<> warm_up();
  // The same without waiting for it, once; for a call that rings.
  void prepare();

  std::atomic<int> streams{0};  // open ones; for admission

 private:
  std::atomic<bool> prepared_{false};
};

}  // namespace retell::providers::local
