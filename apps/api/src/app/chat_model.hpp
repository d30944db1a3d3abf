// Chats over the language models that calls use too.
#pragma once
#include "app/call_host.hpp"
#include "providers/registry.hpp"
#include "services/chat_model.hpp"

namespace retell::app {

class RegistryChatModel final : public services::ChatModel {
 public:
  // All must outlive it. Completions run on `worker`.
  RegistryChatModel(const providers::Registry& registry, CallHost& host, core::Worker& worker, core::Logger log)
      : registry_(registry), host_(host), worker_(worker), log_(std::move(log)) {}

  [[nodiscard]] core::Task<core::Result<services::ChatReply>> complete(services::ChatPrompt prompt) override;

 private:
  [[nodiscard]] core::Task<core::Result<services::ChatReply>> run(std::string vendor, providers::LlmRequest request);

  const providers::Registry& registry_;
  CallHost& host_;
  core::Worker& worker_;
  core::Logger log_;
};

}  // namespace retell::app
