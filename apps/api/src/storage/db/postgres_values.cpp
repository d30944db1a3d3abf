#include "storage/db/postgres_values.hpp"

#include <fmt/format.h>

#include <charconv>
#include <libpq-fe.h>

namespace retell::storage {
namespace {

// The numbers of PostgreSQL's built-in types (pg_type.dat); they never change.
constexpr Oid oid_bool = 16;
constexpr Oid oid_int8 = 20;
constexpr Oid oid_int2 = 21;
constexpr Oid oid_int4 = 23;
constexpr Oid oid_float4 = 700;
constexpr Oid oid_float8 = 701;
constexpr Oid oid_numeric = 1700;

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  return problem == std::errc() && end == text.data() + text.size();
}

Cell to_cell(std::string_view text, Oid type) {
  switch (type) {
    case oid_bool:
      return std::int64_t{text == "t" ? 1 : 0};
    case oid_int8:
    case oid_int4:
    case oid_int2:
    case oid_numeric: {  // what SUM gives of whole numbers
      std::int64_t whole = 0;
      if (read(text, whole)) return whole;
      double number = 0;
      if (read(text, number)) return number;
      return std::string(text);
    }
    case oid_float8:
    case oid_float4: {
      double number = 0;
      if (read(text, number)) return number;
      return std::string(text);
    }
    default:
      return std::string(text);
  }
}

}  // namespace

PostgresTexts::PostgresTexts(const std::vector<Param>& params) {
  numbers_.reserve(params.size());  // the addresses of the texts stay
  values_.reserve(params.size());
  lengths_.reserve(params.size());
  const auto add = [&](const std::string& text) {
    values_.push_back(text.c_str());
    lengths_.push_back(static_cast<int>(text.size()));
  };
  for (const auto& param : params) {
    const auto& cell = param.cell();
    if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
      add(numbers_.emplace_back(std::to_string(*whole)));
    } else if (const auto* number = std::get_if<double>(&cell)) {
      add(numbers_.emplace_back(fmt::format("{}", *number)));  // the shortest text that gives the same number
    } else if (const auto* text = std::get_if<std::string>(&cell)) {
      valid_ = valid_ && text->find('\0') == std::string::npos;
      add(*text);
    } else {
      values_.push_back(nullptr);
      lengths_.push_back(0);
    }
  }
}

Rows to_rows(const pg_result* result) {
  const int count = PQntuples(result);
  const int columns = PQnfields(result);
  std::vector<Oid> types;
  for (int column = 0; column < columns; ++column) types.push_back(PQftype(result, column));
  Rows rows;
  rows.reserve(static_cast<std::size_t>(count));
  for (int row = 0; row < count; ++row) {
    std::vector<Cell> cells;
    cells.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) == 1) {
        cells.emplace_back(nullptr);
      } else {
        const auto length = static_cast<std::size_t>(PQgetlength(result, row, column));
        cells.push_back(to_cell({PQgetvalue(result, row, column), length}, types[static_cast<std::size_t>(column)]));
      }
    }
    rows.emplace_back(std::move(cells));
  }
  return rows;
}

}  // namespace retell::storage
