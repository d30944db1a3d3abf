// Keeps a task on Amazon ECS protected from scale-in while it has calls. On a thread of its own: an agent that does not
// answer holds up nobody.
#pragma once
#include <functional>
#include <string>

#include "app/ecs_agent.hpp"
#include "app/scale_in_guard.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "core/service_thread.hpp"

namespace retell::app {

class TaskProtection {
 public:
  // `calls`: how many there are, asked on the thread.
  TaskProtection(std::string agent_uri, std::function<int()> calls, ScaleInGuardOptions options, core::Metrics& metrics,
                 core::Logger log);
  ~TaskProtection() { thread_.stop(); }
  TaskProtection(const TaskProtection&) = delete;
  TaskProtection& operator=(const TaskProtection&) = delete;

 private:
  [[nodiscard]] core::Task<void> run();
  void note(const ProtectionOrder& order, const ProtectionAnswer& answer, int calls);

  std::function<int()> calls_;
  ScaleInGuard guard_;
  core::Logger log_;
  core::Gauge protected_;
  core::Counter done_;
  core::Counter refused_;
  core::Counter failed_;
  core::ServiceThread thread_{"ecs"};
  net::Client client_;
  EcsAgent agent_;
};

}  // namespace retell::app
