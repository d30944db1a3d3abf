// ElevenLabs' multi-context synthesis (/v1/text-to-speech/{voice}/multi-stream-input) as text: URL, what we say, what
// comes back, and word times from the times of characters. Pure; any bytes are safe.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "providers/tts.hpp"

namespace retell::providers::remote {

struct ElevenLabsOptions;

[[nodiscard]] std::string elevenlabs_url(const ElevenLabsOptions& vendor, const TtsOptions& call);
// Opens a context with the voice's settings: a blank, as the vendor asks.
[[nodiscard]] std::string elevenlabs_begin(std::string_view context, const TtsOptions& call);
[[nodiscard]] std::string elevenlabs_text(std::string_view context, std::string_view text);  // and flush
// The context ends when all that was flushed has been sent back.
[[nodiscard]] std::string elevenlabs_close(std::string_view context);

struct CharacterTime {
  std::string text;  // one character of the chunk's text
  int start_ms = 0;  // from the message's own first sample
  int duration_ms = 0;
};

struct ElevenLabsMessage {
  std::string context;
  std::string audio;  // decoded
  std::vector<CharacterTime> characters;
  bool is_final = false;
  std::string failure;  // the vendor's words; empty when all is well
};

// protocol when it is not what ElevenLabs sends.
[[nodiscard]] core::Result<ElevenLabsMessage> read_elevenlabs(std::string_view data);

// Puts words together from characters that come in several parts, cut anywhere.
class WordTimer {
 public:
  // `offset_ms`: audio of the chunk before this part. Gives the words that are whole now.
  [[nodiscard]] std::vector<SpokenWord> add(const std::vector<CharacterTime>& part, int offset_ms);
  [[nodiscard]] std::vector<SpokenWord> finish();  // the last word

 private:
  SpokenWord word_;
};

}  // namespace retell::providers::remote
