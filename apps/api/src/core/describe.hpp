// An error in one line, for people who do not see its field.
#pragma once
#include <string>

#include "core/result.hpp"

namespace retell::core {

// The message without the field that it may begin with: "must be from 0 to 2".
[[nodiscard]] inline std::string without_field(const Error& error) {
  const auto prefix = error.field + ": ";
  const bool repeats = !error.field.empty() && error.message.starts_with(prefix);
  return repeats ? error.message.substr(prefix.size()) : error.message;
}

// "volume: must be from 0 to 2", with the field once.
[[nodiscard]] inline std::string described(const Error& error) {
  const auto message = without_field(error);
  return error.field.empty() ? message : error.field + ": " + message;
}

}  // namespace retell::core
