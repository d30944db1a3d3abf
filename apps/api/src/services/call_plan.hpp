// From an agent's settings to what the engine needs to run one call. Pure.
#pragma once
#include <optional>
#include <string>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"
#include "domain/agent.hpp"
#include "domain/call.hpp"
#include "domain/llm.hpp"
#include "engine/call_plan.hpp"
#include "services/voice_catalog.hpp"

namespace retell::services {

// An agent with everything that it refers to, overrides applied.
struct ResolvedAgent {
  domain::Agent agent;
  domain::RetellLlm llm;
  CatalogVoice voice;
  std::optional<std::string> tag = {};  // of the environment that named the agent's version
  domain::TextMap tag_variables = {};
};

struct PlanContext {
  const config::Config& config;
  core::WallTime now;
  std::string organization_id;
  std::string signing_key;     // for requests to custom tools
  std::string recording_path;  // empty: no recording
};

// Whether the engine knows the tool.
[[nodiscard]] bool has_plan(const domain::Tool& tool);

// Fills in Retell's defaults and all {{variables}}. Tools without a plan are left out.
[[nodiscard]] engine::CallPlan make_call_plan(const ResolvedAgent& resolved, const domain::Call& call,
                                              const PlanContext& context);

}  // namespace retell::services
