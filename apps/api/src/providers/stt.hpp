// Speech to text, streaming. Stt belongs to one call; its stream reports on the call's worker.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::providers {

struct SttOptions {
  core::Executor executor;  // events are delivered here, and every function is called here
  core::Logger log;
  std::string language = "en-US";     // BCP 47 as in Retell's `language`; "multi" for several
  std::string model;                  // the vendor's name; empty: the adapter's default
  int sample_rate = 16'000;           // of what send() gets: 8000 or 16000, mono int16
  std::vector<std::string> keywords;  // boosted words
};

struct RecognisedWord {
  std::string text;
  double start_s = 0;  // seconds of audio since the stream's start
  double end_s = 0;
};

// The text of the running segment so far; replaces the previous partial. May shrink or change.
struct SttPartial {
  std::string text;
};
// A segment is settled; its text is appended to what was said, and the running partial starts anew. May be empty.
struct SttFinal {
  std::string text;
  std::vector<RecognisedWord> words;  // empty when the vendor gives none
};
// Everything sent before finalize(token) has now been reported by SttFinal events.
struct SttFinalized {
  std::uint32_t token = 0;
};
// After a fatal error the stream reports nothing more and must be replaced.
struct SttError {
  core::Error error;
  bool fatal = true;
};
using SttEvent = std::variant<SttPartial, SttFinal, SttFinalized, SttError>;
using SttHandler = std::function<void(SttEvent)>;

// Destroying it cancels: no event is delivered during or after the destructor. Events are never delivered from inside
// open(), send() or finalize().
class SttStream {
 public:
  virtual ~SttStream() = default;
  virtual void send(std::span<const std::int16_t> samples) = 0;  // never blocks; the adapter bounds its own queue
  virtual void finalize(std::uint32_t token) = 0;                // flush now; answered by SttFinalized{token}
};

class Stt {
 public:
  virtual ~Stt() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // Connects while the call rings, so that the next open() finds a connection that stands. May be called again: what
  // has been lost meanwhile is connected anew. A failure is logged only. Destroying the Stt lets go of it. Optional.
  virtual void prewarm() {}
  [[nodiscard]] virtual std::unique_ptr<SttStream> open(SttHandler handler) = 0;
};

}  // namespace retell::providers
