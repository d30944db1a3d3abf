// Deepgram's live transcription over a WebSocket: one socket for the call. The call's worker.
#pragma once
#include <chrono>
#include <string>

#include "providers/registry.hpp"

namespace retell::providers::remote {

struct Account;

struct DeepgramOptions {
  std::string base_url = "wss://api.deepgram.com";
  std::string api_key;  // secret
  std::string model = "nova-3";
  bool smart_format = true;
  std::chrono::milliseconds endpointing{300};  // silence after which Deepgram settles a segment; turns are ours
  std::chrono::milliseconds connect_timeout{3'000};
  // Deepgram closes a stream without audio after 10 s (its error NET-0001); it asks for KeepAlive every 3 to 5 s.
  std::chrono::milliseconds keep_alive{4'000};
  // With interim results on it speaks about once for every second of audio, silent or not: this much audio, sent over
  // at least this long, without any word from it means that the connection is dead.
  std::chrono::milliseconds liveness{5'000};
  // When there is nothing left to settle, Finalize may stay unanswered.
  std::chrono::milliseconds finalize_timeout{800};
  std::chrono::milliseconds piece{60};  // of audio in one message
};

[[nodiscard]] SttFactory deepgram_stt(DeepgramOptions options);
void add_deepgram(Registry& registry, const Account& account);  // see vendors.hpp

}  // namespace retell::providers::remote
