// JSON text in and out. Both directions are bounded and locale-free.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "json/value.hpp"

namespace retell::json {

struct ParseLimits {
  std::size_t bytes = std::size_t{2} << 20U;
  std::size_t depth = 64;  // nesting of arrays and objects; the deepest object of the API has about ten levels
};

// What parse says of a text that is the beginning of JSON, as one is that was cut off on its way.
inline constexpr std::string_view ends_in_the_middle = "not valid JSON: it ends in the middle";

// Parses one document. Errors: too_large when the text is over `limits.bytes`, invalid for anything that is not strict
// UTF-8 JSON or nests deeper than `limits.depth`.
[[nodiscard]] core::Result<Value> parse(std::string_view text, const ParseLimits& limits = {});

// Prints the way JavaScript's JSON.stringify does: no white space, non-ASCII left as UTF-8, no escaped slash, members
// in insertion order, 1.0 as "1" and never an exponent below 1e21. Webhook receivers that re-serialise the body before
// checking its signature (as Retell's own examples do) depend on this. Not-a-number and infinities become null.
[[nodiscard]] std::string dump(const Value& value);

// For bodies that are signed: exactly what JavaScript makes of it, JSON.stringify(JSON.parse(dump(value))). Members
// whose names are array indices come first, in ascending order, and whole numbers that no double holds are those that
// JavaScript reads. `dump` keeps both as they came.
[[nodiscard]] std::string dump_as_javascript(const Value& value);

}  // namespace retell::json
