// Partial updates (RFC 7396).
#pragma once
#include <cstddef>
#include <limits>

#include "json/value.hpp"

namespace retell::json {

// Changes `target` as `patch` says: null removes a member, an object merges member by member, anything else replaces.
// `levels` bounds how deep objects merge: 1 merges only the top level and replaces each named member whole, which is
// how Retell's update endpoints treat settings (a new response_engine or variable map replaces the old one entirely).
void merge_patch(Value& target, const Value& patch, std::size_t levels = std::numeric_limits<std::size_t>::max());

}  // namespace retell::json
