// What the makers of calls have in common. Internal to CallService.
#pragma once
#include "services/call_service.hpp"

namespace retell::services {

struct CallService::Wish {
  domain::Call call;  // with what the request says; an empty call_id is made
  std::string agent_id;
  std::string token = {};  // for its media connection; empty: one is made
  std::optional<std::string> version = {};
  std::optional<AgentOverride> agent_override = {};
  std::chrono::milliseconds join_time{30'000};
  domain::DisconnectionReason when_missed = domain::DisconnectionReason::error_user_not_joined;
};

}  // namespace retell::services
