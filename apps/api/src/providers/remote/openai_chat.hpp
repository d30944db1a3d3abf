// Any server that speaks OpenAI's chat completions: OpenAI, Groq, OpenRouter, vLLM, Ollama, llama.cpp's server. The
// call's worker; one HTTP request a completion, over the worker's pooled connections.
#pragma once
#include <boost/json/object.hpp>

#include <chrono>
#include <cstdint>
#include <string>

#include "net/http_message.hpp"
#include "providers/registry.hpp"

namespace retell::providers::remote {

struct Account;

struct OpenAiChatOptions {
  std::string name = "openai";                         // in the registry, logs and errors
  std::string base_url = "https://api.openai.com/v1";  // what "/chat/completions" is appended to
  std::string api_key;                                 // secret; empty: no Authorization header
  std::string model = "gpt-4.1-mini";                  // when a call names none
  net::Headers headers = {};                           // further ones, such as OpenRouter's HTTP-Referer
  boost::json::object extra = {};                      // members added to every request
  // Which field limits the answer's length. automatic: max_completion_tokens for api.openai.com, else max_tokens.
  enum class LimitField : std::uint8_t { automatic, max_tokens, max_completion_tokens };
  LimitField limit_field = LimitField::automatic;
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds first_token_timeout{5'000};  // over all attempts; then the engine turns to a fallback
  std::chrono::milliseconds idle_timeout{4'000};         // between two chunks after that
  int attempts = 3;                                      // before the first token, within its time-out
};

[[nodiscard]] LlmFactory openai_chat(OpenAiChatOptions options);
void add_openai_chat(Registry& registry, const Account& account);  // see vendors.hpp

}  // namespace retell::providers::remote
