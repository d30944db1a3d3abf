// JSON to C++ structs. Every problem is reported with the path of its field; nothing is thrown.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "core/result.hpp"
#include "json/errors.hpp"
#include "json/traits.hpp"
#include "json/value.hpp"

namespace retell::json {

template <class T>
void read_into(const Value& from, T& to, const Path& where, Problems& problems);

namespace detail {

template <class T>
void read_integer(const Value& from, T& to, const Path& where, Problems& problems) {
  boost::system::error_code inexact;
  if (from.is_number()) {
    const auto number = from.to_number<T>(inexact);
    if (!inexact) {
      to = number;
      return;
    }
  }
  problems.add(where, "expected an integer");
}

template <class E>
void read_enum(const Value& from, E& to, const Path& where, Problems& problems) {
  if (const auto* text = from.if_string()) {
    if (const auto value = enum_value<E>(std::string_view(text->data(), text->size()))) {
      to = *value;
      return;
    }
  }
  std::string message = "expected one of ";
  bool first = true;
  for (const auto& entry : enum_entries<E>()) {
    if (!first) message += ", ";
    first = false;
    message.append(entry.name);
  }
  problems.add(where, std::move(message));
}

template <class T>
void read_struct(const Value& from, T& to, const Path& where, Problems& problems) {
  const auto* object = from.if_object();
  if (object == nullptr) {
    problems.add(where, "expected an object");
    return;
  }
  mp::mp_for_each<members<T>>([&](auto member) {
    auto& field = to.*member.pointer;
    using Field = std::remove_reference_t<decltype(field)>;
    constexpr auto name = wire_name(decltype(member){});
    if (const auto* value = object->if_contains({name.data(), name.size()})) {
      read_into(*value, field, Path(where, name), problems);
    } else if constexpr (!Optional<Field> && !HasDefaults<T>) {
      problems.add(Path(where, name), "is required");
    }
  });
  if constexpr (KeepsUnknown<T>) {
    for (const auto& pair : *object) {
      bool known = Tagged<T> && std::string_view(pair.key()) == tag_member;
      mp::mp_for_each<members<T>>(
          [&](auto member) { known = known || std::string_view(pair.key()) == wire_name(member); });
      if (!known) to.unknown[pair.key()] = pair.value();
    }
  }
}

template <class T>
void read_tagged(const Value& from, T& to, const Path& where, Problems& problems) {
  const auto* object = from.if_object();
  if (object == nullptr) {
    problems.add(where, "expected an object");
    return;
  }
  const auto* tag = object->if_contains({tag_member.data(), tag_member.size()});
  bool found = false;
  std::string expected;
  mp::mp_for_each<mp::mp_iota_c<std::variant_size_v<T>>>([&](auto index) {
    using Alternative = std::variant_alternative_t<index, T>;
    expected += (expected.empty() ? "" : ", ") + std::string(Alternative::json_tag);
    if (tag != nullptr && tag->is_string() && std::string_view(tag->get_string()) == Alternative::json_tag) {
      found = true;
      read_into(from, to.template emplace<index>(), where, problems);
    }
  });
  if (!found) problems.add(Path(where, tag_member), "expected one of " + expected);
}

// Whether a value of this kind can only have been meant for T.
template <class T>
bool kind_fits(const Value& value) {
  if constexpr (std::is_same_v<T, std::string> || std::is_enum_v<T>)
    return value.is_string();
  else if constexpr (std::is_same_v<T, bool>)
    return value.is_bool();
  else if constexpr (std::is_arithmetic_v<T>)
    return value.is_number();
  else if constexpr (Vector<T>)
    return value.is_array();
  else
    return value.is_object();
}

template <class T>
constexpr std::string_view kind_name() {
  if constexpr (std::is_same_v<T, std::string> || std::is_enum_v<T>)
    return "a string";
  else if constexpr (std::is_same_v<T, bool>)
    return "a boolean";
  else if constexpr (std::is_arithmetic_v<T>)
    return "a number";
  else if constexpr (Vector<T>)
    return "an array";
  else
    return "an object";
}

template <class T>
void read_untagged(const Value& from, T& to, const Path& where, Problems& problems) {
  bool found = false;
  mp::mp_for_each<mp::mp_iota_c<std::variant_size_v<T>>>([&](auto index) {
    if (!found && kind_fits<std::variant_alternative_t<index, T>>(from)) {
      found = true;
      read_into(from, to.template emplace<index>(), where, problems);
    }
  });
  if (found) return;
  std::string message = "expected ";
  mp::mp_for_each<mp::mp_iota_c<std::variant_size_v<T>>>([&](auto index) {
    if (index > 0) message += " or ";
    message += kind_name<std::variant_alternative_t<index, T>>();
  });
  problems.add(where, std::move(message));
}

}  // namespace detail

template <class T>
void read_into(const Value& from, T& to, const Path& where, Problems& problems) {
  using namespace detail;
  if constexpr (Optional<T>) {
    if (from.is_null())
      to.reset();
    else
      read_into(from, to.emplace(), where, problems);
  } else if constexpr (std::is_same_v<T, Value>) {
    to = from;
  } else if constexpr (std::is_same_v<T, Object>) {
    if (const auto* object = from.if_object())
      to = *object;
    else
      problems.add(where, "expected an object");
  } else if constexpr (std::is_same_v<T, Array>) {
    if (const auto* array = from.if_array())
      to = *array;
    else
      problems.add(where, "expected an array");
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (const auto* text = from.if_string())
      to.assign(text->data(), text->size());
    else
      problems.add(where, "expected a string");
  } else if constexpr (std::is_same_v<T, bool>) {
    if (const auto* flag = from.if_bool())
      to = *flag;
    else
      problems.add(where, "expected a boolean");
  } else if constexpr (std::is_floating_point_v<T>) {
    if (from.is_number())
      to = from.to_number<T>();
    else
      problems.add(where, "expected a number");
  } else if constexpr (std::is_integral_v<T>) {
    read_integer(from, to, where, problems);
  } else if constexpr (std::is_enum_v<T>) {
    read_enum(from, to, where, problems);
  } else if constexpr (Vector<T>) {
    const auto* array = from.if_array();
    if (array == nullptr) {
      problems.add(where, "expected an array");
      return;
    }
    to.clear();
    to.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) read_into((*array)[i], to.emplace_back(), Path(where, i), problems);
  } else if constexpr (StringMap<T>) {
    const auto* object = from.if_object();
    if (object == nullptr) {
      problems.add(where, "expected an object");
      return;
    }
    to.clear();
    for (const auto& pair : *object) {
      read_into(pair.value(), to[std::string(pair.key())], Path(where, pair.key()), problems);
    }
  } else if constexpr (TaggedVariant<T>) {
    read_tagged(from, to, where, problems);
  } else if constexpr (Variant<T>) {
    read_untagged(from, to, where, problems);
  } else {
    static_assert(Described<T>, "describe the struct with BOOST_DESCRIBE_STRUCT");
    read_struct(from, to, where, problems);
  }
}

// The whole document as a T, or one error (invalid) naming every problem found.
template <class T>
[[nodiscard]] core::Result<T> read(const Value& from) {
  T out{};
  Problems problems;
  read_into(from, out, Path(), problems);
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return out;
}

}  // namespace retell::json
