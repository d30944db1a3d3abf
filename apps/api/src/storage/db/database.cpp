#include "storage/db/database.hpp"

namespace retell::storage {

bool Row::is_null(std::size_t column) const { return std::holds_alternative<std::nullptr_t>(cells_.at(column)); }

std::int64_t Row::integer(std::size_t column) const { return maybe_integer(column).value_or(0); }

std::string Row::text(std::size_t column) const { return maybe_text(column).value_or(""); }

std::optional<std::int64_t> Row::maybe_integer(std::size_t column) const {
  const auto* value = std::get_if<std::int64_t>(&cells_.at(column));
  return value == nullptr ? std::nullopt : std::optional(*value);
}

std::optional<std::string> Row::maybe_text(std::size_t column) const {
  const auto* value = std::get_if<std::string>(&cells_.at(column));
  return value == nullptr ? std::nullopt : std::optional(*value);
}

}  // namespace retell::storage
