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
[[nodiscard]] std::span<const Route> system_routes();
[[nodiscard]] std::span<const Route> docs_routes();

// In the order of the documentation.
[[nodiscard]] inline auto all_resources() {
  return std::to_array<Resource>({
      {"Agents", agent_routes()},
      {"Agent versions", agent_version_routes()},
      {"Chat agents", chat_agent_routes()},
      {"Retell LLMs", llm_routes()},
      {"Conversation flows", flow_routes()},
      {"Flow components", flow_component_routes()},
      {"Calls", call_routes()},
      {"Call lists", call_list_routes()},
      {"Live calls", live_call_routes()},
      {"Batch calls", batch_call_routes()},
      {"Chats", chat_routes()},
      {"Phone numbers", phone_number_routes()},
      {"Voices", voice_routes()},
      {"Knowledge bases", knowledge_base_routes()},
      {"Tests", test_routes()},
      {"Contacts", contact_routes()},
      {"Files", file_routes()},
      {"Recordings", recording_routes()},
      {"Not offered here", elsewhere_routes()},
      {"Server", system_routes()},
      {"Documentation", docs_routes()},
  });
}

}  // namespace retell::api
