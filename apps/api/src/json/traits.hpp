// How C++ types map to JSON; shared by the reader, the writer and the schema.
//
//   struct described by BOOST_DESCRIBE_STRUCT   object; std::optional members may be missing or null
//     static constexpr bool json_defaults = true   every missing member keeps its C++ default
//     json::Object unknown;  (not described)       members this program does not know are kept and written back
//   enum                                        string: its Describe names, or those of `wire_names(E)` found by ADL
//   std::variant of structs with json_tag       object told apart by its "type" member
//   std::variant of plain types                 told apart by the kind of the JSON value
//   std::vector, std::map<std::string, T>       array, object
//   json::Value, json::Object, json::Array      kept as they are
//   a member `name_`                            "name", for names that C++ keeps for itself
#pragma once
#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "json/value.hpp"

namespace retell::json::detail {

namespace describe = boost::describe;
namespace mp = boost::mp11;

template <class T>
concept Described = std::is_class_v<T> && describe::has_describe_members<T>::value;

template <class T>
using members = describe::describe_members<T, describe::mod_public | describe::mod_inherited>;

template <class T>
concept KeepsUnknown = requires(T& t) {
  { t.unknown } -> std::same_as<Object&>;
};

template <class T>
concept HasDefaults = requires { T::json_defaults; };

template <class T>
concept Tagged = requires {
  { T::json_tag } -> std::convertible_to<std::string_view>;
};

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <template <class...> class Template, class... Args>
inline constexpr bool is_a<Template<Args...>, Template> = true;

template <class T>
concept Optional = is_a<T, std::optional>;
template <class T>
concept Vector = is_a<T, std::vector>;
template <class T>
concept Variant = is_a<T, std::variant>;
template <class T>
concept StringMap = is_a<T, std::map> && std::same_as<typename T::key_type, std::string>;
template <class T>
concept TaggedVariant = Variant<T> && Tagged<std::variant_alternative_t<0, T>>;

// The member that tells alternatives apart.
inline constexpr std::string_view tag_member = "type";

// The JSON name of a described member. One that is a word of C++ ends in '_' here: `operator_` is "operator".
template <class Member>
constexpr std::string_view wire_name(Member member) {
  std::string_view name = member.name;
  if (name.ends_with('_')) name.remove_suffix(1);
  return name;
}

template <class E>
struct EnumEntry {
  E value;
  std::string_view name;
};

template <class E>
concept HasWireNames = requires { wire_names(E{}); };

// Every value of the enum with its spelling in JSON.
template <class E>
  requires std::is_enum_v<E>
constexpr auto enum_entries() {
  if constexpr (HasWireNames<E>) {
    constexpr auto names = wire_names(E{});
    std::array<EnumEntry<E>, names.size()> entries{};
    for (std::size_t i = 0; i < names.size(); ++i) entries[i] = {names[i].first, names[i].second};
    return entries;
  } else {
    using all = describe::describe_enumerators<E>;
    std::array<EnumEntry<E>, mp::mp_size<all>::value> entries{};
    std::size_t i = 0;
    mp::mp_for_each<all>([&](auto entry) { entries[i++] = {entry.value, entry.name}; });
    return entries;
  }
}

}  // namespace retell::json::detail

namespace retell::json {

// The wire spelling of an enum value.
template <class E>
constexpr std::string_view enum_name(E value) {
  for (const auto& entry : detail::enum_entries<E>()) {
    if (entry.value == value) return entry.name;
  }
  return {};
}

// The enum value of a wire spelling, or nothing.
template <class E>
constexpr std::optional<E> enum_value(std::string_view name) {
  for (const auto& entry : detail::enum_entries<E>()) {
    if (entry.name == name) return entry.value;
  }
  return std::nullopt;
}

}  // namespace retell::json
