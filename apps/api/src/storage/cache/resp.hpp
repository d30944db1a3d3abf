// Redis' serialisation protocol, versions 2 and 3. Pure.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"

namespace retell::storage::resp {

struct Value;
using Array = std::vector<Value>;
struct Failure {
  std::string message;  // "WRONGPASS invalid username-password pair"
};

struct Value {
  // Booleans are numbers, big numbers texts; maps are arrays of keys and values in turn, sets are arrays.
  std::variant<std::nullptr_t, std::int64_t, double, std::string, Failure, Array> what = nullptr;
  bool push = false;  // not an answer: something that the server tells of its own accord

  [[nodiscard]] const Failure* failure() const { return std::get_if<Failure>(&what); }
  [[nodiscard]] const std::int64_t* number() const { return std::get_if<std::int64_t>(&what); }
  [[nodiscard]] const std::string* text() const { return std::get_if<std::string>(&what); }
  [[nodiscard]] const Array* array() const { return std::get_if<Array>(&what); }
};

struct Parsed {
  Value value;
  std::size_t used = 0;  // bytes of the input
};

// The first value of `input`; nothing while it is incomplete. Errors: protocol.
[[nodiscard]] core::Result<std::optional<Parsed>> parse(std::string_view input);

// A command as an array of bulk strings.
[[nodiscard]] std::string command(const std::vector<std::string_view>& words);

inline constexpr std::size_t longest_text = std::size_t{64} << 20U;
inline constexpr std::size_t longest_array = 1'000'000;
inline constexpr int deepest = 8;

}  // namespace retell::storage::resp
