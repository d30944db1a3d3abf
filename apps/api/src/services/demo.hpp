// Two agents to talk to right after installation, one in English and one in Brazilian Portuguese.
#pragma once
#include <string>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/voice_catalog.hpp"
#include "storage/db/database.hpp"

namespace retell::services {

inline constexpr auto demo_agent_en = "agent_demo_en";
inline constexpr auto demo_agent_pt = "agent_demo_pt";

// Makes the demo agents that are missing; leaves alone those that exist, changed or not. Without voices: nothing.
[[nodiscard]] core::Task<core::Result<>> ensure_demo(storage::Database& database, const VoiceCatalog& voices,
                                                     const core::Clock& clock, std::string organization_id);

}  // namespace retell::services
