// How JSON is read that this program stored itself: a record is not refused for what it has become.
#pragma once
#include "json/text.hpp"

namespace retell::storage {

inline constexpr json::ParseLimits stored_limits{.bytes = std::size_t{64} << 20U, .depth = 128};

}  // namespace retell::storage
