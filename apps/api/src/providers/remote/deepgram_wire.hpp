// Deepgram's live transcription (/v1/listen) as text: the URL with its parameters, and its messages. Pure; any bytes
// are safe.
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "providers/stt.hpp"

namespace retell::providers::remote {

struct DeepgramOptions;

[[nodiscard]] std::string deepgram_url(const DeepgramOptions& vendor, const SttOptions& call);
// Retell's BCP 47 tag as Deepgram names the language; "multi" for several at once.
[[nodiscard]] std::string deepgram_language(std::string_view tag);

// A piece of the transcript: the words between `start_s` and `end_s` of the stream's audio.
struct DeepgramResult {
  double start_s = 0;
  double end_s = 0;
  bool is_final = false;
  bool from_finalize = false;
  std::string text;
  std::vector<RecognisedWord> words;
};
struct DeepgramNotice {};  // metadata and the like: a sign of life
struct DeepgramFailure {
  std::string words;
};
using DeepgramMessage = std::variant<DeepgramResult, DeepgramNotice, DeepgramFailure>;

// protocol when it is not what Deepgram sends.
[[nodiscard]] core::Result<DeepgramMessage> read_deepgram(std::string_view data);

// Keeps what has been settled apart from what comes late or twice.
class DeepgramSegments {
 public:
  // Whether the result tells something new. A final that overlaps what is settled is cut to its new words; a partial
  // that begins before it is old.
  [[nodiscard]] bool take(DeepgramResult& result);
  void settle_until(double seconds);  // everything up to here counts as said

 private:
  double settled_s_ = 0;
};

}  // namespace retell::providers::remote
