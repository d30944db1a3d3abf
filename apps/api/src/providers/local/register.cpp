#include "providers/local/register.hpp"

#ifdef RETELL_LOCAL_MODELS
#include "providers/local/local_inference.hpp"
#endif

namespace retell::providers::local {
namespace {

constexpr const char* stt_names[] = {"local", "whisper", "pocketsphinx"};
constexpr const char* tts_names[] = {"local", "piper", "flite", "espeak"};
constexpr const char* llm_names[] = {"local", "llama"};

#ifndef RETELL_LOCAL_MODELS
tl::unexpected<core::Error> absent() {
  return core::fail(core::ErrorCode::unprocessable,
                    "this build has no engines of its own (RETELL_LOCAL_MODELS=OFF); name another provider");
}
#endif

}  // namespace

#ifdef RETELL_LOCAL_MODELS
void register_local(Registry& registry, LocalInference* inference) {
  for (const std::string name : stt_names) {
    registry.add_stt(
        name, [inference, name](const Place&, SttOptions options) { return inference->stt(name, std::move(options)); });
  }
  for (const std::string name : tts_names) {
    registry.add_tts(
        name, [inference, name](const Place&, TtsOptions options) { return inference->tts(name, std::move(options)); });
  }
  for (const auto* name : llm_names) {
    registry.add_llm(name,
                     [inference](const Place&, LlmOptions options) { return inference->llm(std::move(options)); });
  }
  registry.add_end_of_turn("smart_turn", [inference](const Place&, core::Executor executor) {
    return inference->end_of_turn(std::move(executor));
  });
}
#else
void register_local(Registry& registry, LocalInference* /*inference*/) {
  for (const auto* name : stt_names) {
    registry.add_stt(name,
                     [](const Place&, const SttOptions&) -> core::Result<std::unique_ptr<Stt>> { return absent(); });
  }
  for (const auto* name : tts_names) {
    registry.add_tts(name,
                     [](const Place&, const TtsOptions&) -> core::Result<std::unique_ptr<Tts>> { return absent(); });
  }
  for (const auto* name : llm_names) {
    registry.add_llm(name,
                     [](const Place&, const LlmOptions&) -> core::Result<std::unique_ptr<Llm>> { return absent(); });
  }
  registry.add_end_of_turn(
      "smart_turn", [](const Place&, core::Executor) -> core::Result<std::unique_ptr<EndOfTurn>> { return absent(); });
}
#endif

}  // namespace retell::providers::local
