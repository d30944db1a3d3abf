// The Amazon ECS agent beside a task, of which the task asks to be protected from scale-in.
#pragma once
#include <string>

#include "app/scale_in_guard.hpp"
#include "core/task.hpp"
#include "net/client.hpp"

namespace retell::app {

class EcsAgent {
 public:
  // `uri`: what ECS puts into $ECS_AGENT_URI. `client` must outlive the agent; used on its thread.
  EcsAgent(std::string uri, net::Client& client) : uri_(std::move(uri)), client_(client) {}
  // Ends within 10 s.
  [[nodiscard]] core::Task<ProtectionAnswer> ask(ProtectionOrder order);

 private:
  std::string uri_;
  net::Client& client_;
};

// Exposed for tests. What an answer of the agent's means.
[[nodiscard]] ProtectionAnswer read_protection_answer(unsigned status, const std::string& body, bool wanted);

}  // namespace retell::app
