// C++ structs to JSON. Empty optionals are left out; members keep their declared order.
#pragma once
#include <cmath>
#include <cstdint>

#include "json/traits.hpp"
#include "json/value.hpp"

namespace retell::json {

template <class T>
[[nodiscard]] Value write(const T& from);

namespace detail {

template <class T>
Value write_struct(const T& from) {
  Object object;
  if constexpr (Tagged<T>) object.emplace(tag_member, T::json_tag);
  mp::mp_for_each<members<T>>([&](auto member) {
    const auto& field = from.*member.pointer;
    if constexpr (Optional<std::remove_cvref_t<decltype(field)>>) {
      if (field) object.emplace(wire_name(member), write(*field));
    } else {
      object.emplace(wire_name(member), write(field));
    }
  });
  if constexpr (KeepsUnknown<T>) {
    for (const auto& pair : from.unknown) object.emplace(pair.key(), pair.value());
  }
  return object;
}

}  // namespace detail

template <class T>
Value write(const T& from) {
  using namespace detail;
  if constexpr (std::is_floating_point_v<T>) {
    // JSON knows one kind of number: a whole one is written as such, so that it compares equal to what came in.
    constexpr double exact = 9'007'199'254'740'992.0;  // 2^53
    if (from == std::trunc(from) && std::fabs(from) <= exact) return Value(static_cast<std::int64_t>(from));
  }
  if constexpr (std::is_arithmetic_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Value> ||
                std::is_same_v<T, Object> || std::is_same_v<T, Array>) {
    return Value(from);
  } else if constexpr (Optional<T>) {
    return from ? write(*from) : Value(nullptr);
  } else if constexpr (std::is_enum_v<T>) {
    return Value(enum_name(from));
  } else if constexpr (Vector<T>) {
    Array array;
    array.reserve(from.size());
    for (const auto& item : from) array.push_back(write(item));
    return array;
  } else if constexpr (StringMap<T>) {
    Object object;
    object.reserve(from.size());
    for (const auto& [key, value] : from) object.emplace(key, write(value));
    return object;
  } else if constexpr (Variant<T>) {
    return std::visit([](const auto& alternative) { return write(alternative); }, from);
  } else {
    static_assert(Described<T>, "describe the struct with BOOST_DESCRIBE_STRUCT");
    return write_struct(from);
  }
}

}  // namespace retell::json
