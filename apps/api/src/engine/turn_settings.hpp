// What a call's plan means for its conversation core. Pure.
#pragma once
#include "engine/call_plan.hpp"
#include "engine/turn/settings.hpp"

namespace retell::engine {

[[nodiscard]] turn::ConversationSettings settings_of(const CallPlan& plan);

}  // namespace retell::engine
