// ElevenLabs' speech over one WebSocket for the call. Each chunk is a context of its own on it, because only a context
// has an end that the vendor announces; the next chunk is synthesised while one is being received. The call's worker.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

#include "providers/registry.hpp"

namespace retell::providers::remote {

struct Account;

struct ElevenLabsOptions {
  std::string base_url = "wss://api.elevenlabs.io";
  std::string api_key;  // secret
  std::string model = "eleven_flash_v2_5";
  std::chrono::milliseconds connect_timeout{2'500};
  std::chrono::milliseconds first_audio_timeout{3'000};  // of a chunk, from asking for it, connecting included
  std::chrono::milliseconds liveness{2'000};             // between two pieces of a chunk's audio
  std::chrono::seconds inactivity{180};  // the longest the vendor allows before it closes an idle socket
  std::size_t ahead = 2;                 // chunks being synthesised at a time; the vendor allows 5 on a socket
};

[[nodiscard]] TtsFactory elevenlabs_tts(ElevenLabsOptions options);
void add_elevenlabs(Registry& registry, const Account& account);  // see vendors.hpp

}  // namespace retell::providers::remote
