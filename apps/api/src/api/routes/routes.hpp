// The route tables, one for each resource: an endpoint is a line there and a handler beside it.
#pragma once
#include <array>
#include <span>

#include "api/router.hpp"

namespace retell::api {

[[nodiscard]] std::span<const Route> agent_routes();
[[nodiscard]] std::span<const Route> agent_version_routes();
[[nodiscard]] std::span<const Route> llm_routes();
[[nodiscard]] std::span<const Route> voice_routes();
[[nodiscard]] std::span<const Route> call_routes();
[[nodiscard]] std::span<const Route> call_list_routes();
[[nodiscard]] std::span<const Route> phone_number_routes();
[[nodiscard]] std::span<const Route> recording_routes();
[[nodiscard]] std::span<const Route> system_routes();

[[nodiscard]] inline auto all_routes() {
  return std::array{agent_routes(),     agent_version_routes(), llm_routes(),       voice_routes(), call_routes(),
                    call_list_routes(), phone_number_routes(),  recording_routes(), system_routes()};
}

}  // namespace retell::api
