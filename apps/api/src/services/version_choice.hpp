// How the API names a version: a number, "latest", "latest_published", or an environment tag.
#pragma once
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "storage/stores/agent_store.hpp"

namespace retell::services {

// Nothing means the latest. unprocessable for anything else, tags included: none can be set yet.
[[nodiscard]] core::Result<storage::VersionChoice> parse_version(std::optional<std::string_view> text);

}  // namespace retell::services
