// How the API names a version: a number, "latest", "latest_published", or an environment tag.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "storage/stores/engine_store.hpp"

namespace retell::services {

// Nothing means the latest. Whether a tag exists shows when the agent is looked for; unprocessable for what can be no
// name of a version.
[[nodiscard]] core::Result<storage::VersionChoice> parse_version(std::optional<std::string_view> text);

// What to say when the version of `record` ("Agent agent_1") was not found; `there`: whether it has any.
[[nodiscard]] std::string not_found_text(const std::string& record, const storage::VersionChoice& version, bool there);

// What to say when a version of an engine ("Retell LLM llm_1") is to be changed that is frozen, and how to go on.
[[nodiscard]] std::string published_text(const std::string& engine, std::int32_t version);

}  // namespace retell::services
