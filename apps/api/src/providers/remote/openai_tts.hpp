// OpenAI's speech endpoint, and servers that copy it: one streamed request a chunk, 24 kHz samples resampled to the
// call's rate. No word times. The call's worker.
#pragma once
#include <chrono>
#include <string>

#include "providers/registry.hpp"

namespace retell::providers::remote {

struct Account;

struct OpenAiTtsOptions {
  std::string name = "openai";
  std::string base_url = "https://api.openai.com/v1";
  std::string api_key;  // secret; empty: no Authorization header
  std::string model = "gpt-4o-mini-tts";
  std::string voice = "alloy";  // when a call names none
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds first_audio_timeout{3'000};  // of a chunk
  std::chrono::milliseconds liveness{2'000};             // between two parts of its audio
};

[[nodiscard]] TtsFactory openai_tts(OpenAiTtsOptions options);
void add_openai_tts(Registry& registry, const Account& account);  // see vendors.hpp

}  // namespace retell::providers::remote
