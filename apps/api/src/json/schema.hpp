// JSON Schema (draft 2020-12 vocabulary, as OpenAPI 3.1 uses it) from the same descriptors that read and write.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "json/traits.hpp"
#include "json/value.hpp"

namespace retell::json {

// Definitions of the structs met so far. Each described struct is defined once, under its own name, and referred to.
class SchemaBook {
 public:
  // `reference`: what stands before a name ("#/components/schemas/"). Empty: no references, everything in place.
  explicit SchemaBook(std::string reference = {}) : reference_(std::move(reference)) {}

  using Make = Object (*)(SchemaBook&);
  // The schema of the type with this full C++ name, which `make` writes out. `suffix` tells variants of it apart.
  [[nodiscard]] Value refer(std::string_view type, std::string_view suffix, Make make);
  [[nodiscard]] const Object& definitions() const { return definitions_; }

 private:
  std::string reference_;
  std::map<std::string, std::string> names_;  // full type name and suffix to the name of its definition
  Object definitions_;
};

template <class T>
[[nodiscard]] Value schema(SchemaBook& book);

namespace detail {

// "retell::domain::Agent"; both compilers that build this print the argument last, as "[T = …]" or "[with T = …]".
template <class T>
constexpr std::string_view type_name() {
  constexpr std::string_view text = __PRETTY_FUNCTION__;
  constexpr auto begin = text.rfind("T = ") + 4;
  return text.substr(begin, text.size() - 1 - begin);
}

[[nodiscard]] Value nullable(Value schema);

// Whether a patch is meant: nothing is required then.
template <class T, bool Patch>
Object struct_schema(SchemaBook& book) {
  Object properties;
  Array required;
  if constexpr (Tagged<T>) {
    properties.emplace(tag_member, Object{{"const", T::json_tag}});
    required.emplace_back(tag_member);
  }
  mp::mp_for_each<members<T>>([&](auto member) {
    using Field = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
    properties.emplace(wire_name(member), schema<Field>(book));
    if constexpr (!Patch && !Optional<Field> && !HasDefaults<T>) required.emplace_back(wire_name(member));
  });
  Object out{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) out.emplace("required", std::move(required));
  return out;
}

}  // namespace detail

template <class T>
Value schema(SchemaBook& book) {
  using namespace detail;
  if constexpr (Optional<T>) {
    return nullable(schema<typename T::value_type>(book));
  } else if constexpr (std::is_same_v<T, Value>) {
    return Object{};
  } else if constexpr (std::is_same_v<T, Object>) {
    return {{"type", "object"}};
  } else if constexpr (std::is_same_v<T, Array>) {
    return {{"type", "array"}};
  } else if constexpr (std::is_same_v<T, std::string>) {
    return {{"type", "string"}};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_floating_point_v<T>) {
    return {{"type", "number"}};
  } else if constexpr (std::is_integral_v<T>) {
    return {{"type", "integer"}};
  } else if constexpr (std::is_enum_v<T>) {
    Array names;
    for (const auto& entry : enum_entries<T>()) names.emplace_back(entry.name);
    return {{"type", "string"}, {"enum", std::move(names)}};
  } else if constexpr (Vector<T>) {
    return {{"type", "array"}, {"items", schema<typename T::value_type>(book)}};
  } else if constexpr (StringMap<T>) {
    return {{"type", "object"}, {"additionalProperties", schema<typename T::mapped_type>(book)}};
  } else if constexpr (Variant<T>) {
    Array options;
    mp::mp_for_each<mp::mp_iota_c<std::variant_size_v<T>>>(
        [&](auto index) { options.push_back(schema<std::variant_alternative_t<index, T>>(book)); });
    return {{"oneOf", std::move(options)}};
  } else if constexpr (requires { T::json_schema(); }) {
    return T::json_schema();  // of its own making
  } else {
    static_assert(Described<T>, "describe the struct with BOOST_DESCRIBE_STRUCT");
    return book.refer(type_name<T>(), "", &struct_schema<T, false>);
  }
}

// The same struct where every member may be left out, as in a partial update.
template <class T>
[[nodiscard]] Value patch_schema(SchemaBook& book) {
  return book.refer(detail::type_name<T>(), "Patch", &detail::struct_schema<T, true>);
}

// On its own, with everything in place.
template <class T>
[[nodiscard]] Value schema() {
  SchemaBook book;
  return schema<T>(book);
}

}  // namespace retell::json
