// The endpoint tables, one for each resource: an endpoint is a line there and a handler beside it.
#pragma once
#include <array>
#include <span>

#include "api/router.hpp"

namespace retell::api {

[[nodiscard]] std::span<const Route> agent_routes();
[[nodiscard]] std::span<const Route> agent_version_routes();
[[nodiscard]] std::span<const Route> chat_agent_routes();
[[nodiscard]] std::span<const Route> llm_routes();
[[nodiscard]] std::span<const Route> flow_routes();
[[nodiscard]] std::span<const Route> flow_component_routes();
[[nodiscard]] std::span<const Route> call_routes();
[[nodiscard]] std::span<const Route> call_list_routes();
[[nodiscard]] std::span<const Route> live_call_routes();
[[nodiscard]] std::span<const Route> phone_number_routes();
[[nodiscard]] std::span<const Route> voice_routes();
[[nodiscard]] std::span<const Route> batch_call_routes();
[[nodiscard]] std::span<const Route> chat_routes();
[[nodiscard]] std::span<const Route> contact_routes();
[[nodiscard]] std::span<const Route> knowledge_base_routes();
[[nodiscard]] std::span<const Route> test_routes();
[[nodiscard]] std::span<const Route> file_routes();
[[nodiscard]] std::span<const Route> elsewhere_routes();
[[nodiscard]] std::span<const Route> recording_routes();
[[nodiscard]] std::span<const Route> workspace_routes();
[[nodiscard]] std::span<const Route> user_routes();
[[nodiscard]] std::span<const Route> session_routes();
[[nodiscard]] std::span<const Route> api_key_routes();
[[nodiscard]] std::span<const Route> webhook_routes();
[[nodiscard]] std::span<const Route> audit_routes();
[[nodiscard]] std::span<const Route> system_routes();
[[nodiscard]] std::span<const Route> docs_routes();

// In the order of the documentation.
[[nodiscard]] inline auto all_resources() {
  using domain::Area;
  return std::to_array<Resource>({
      {"Agents", Area::agent, agent_routes()},
      {"Agent versions", Area::agent, agent_version_routes()},
      {"Chat agents", Area::agent, chat_agent_routes()},
      {"Retell LLMs", Area::agent, llm_routes()},
      {"Conversation flows", Area::agent, flow_routes()},
      {"Flow components", Area::agent, flow_component_routes()},
      {"Calls", Area::call, call_routes()},
      {"Call lists", Area::history, call_list_routes()},
      {"Live calls", Area::call, live_call_routes()},
      {"Batch calls", Area::call, batch_call_routes()},
      {"Chats", Area::call, chat_routes()},
      {"Phone numbers", Area::phone, phone_number_routes()},
      {"Voices", Area::agent, voice_routes()},
      {"Knowledge bases", Area::agent, knowledge_base_routes()},
      {"Tests", Area::testing, test_routes()},
      {"Contacts", Area::history, contact_routes()},
      {"Files", Area::agent, file_routes()},
      {"Recordings", Area::history, recording_routes()},
      {"Not offered here", Area::agent, elsewhere_routes()},
      {"Workspaces", Area::workspace, workspace_routes()},
      {"People", Area::member, user_routes()},
      {"Sessions", Area::member, session_routes()},
      {"API keys", Area::api_key, api_key_routes()},
      {"Webhooks", Area::webhook, webhook_routes()},
      {"Audit log", Area::audit, audit_routes()},
      {"Server", Area::workspace, system_routes()},
      {"Documentation", Area::workspace, docs_routes()},
  });
}

}  // namespace retell::api
