// JSON Schema (draft 2020-12 vocabulary, as OpenAPI 3.1 uses it) from the same descriptors that read and write.
#pragma once
#include "json/traits.hpp"
#include "json/value.hpp"

namespace retell::json {

template <class T>
[[nodiscard]] Value schema() {
  using namespace detail;
  if constexpr (Optional<T>) {
    return schema<typename T::value_type>();
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
    return {{"type", "array"}, {"items", schema<typename T::value_type>()}};
  } else if constexpr (StringMap<T>) {
    return {{"type", "object"}, {"additionalProperties", schema<typename T::mapped_type>()}};
  } else if constexpr (Variant<T>) {
    Array options;
    mp::mp_for_each<mp::mp_iota_c<std::variant_size_v<T>>>(
        [&](auto index) { options.push_back(schema<std::variant_alternative_t<index, T>>()); });
    return {{"oneOf", std::move(options)}};
  } else {
    static_assert(Described<T>, "describe the struct with BOOST_DESCRIBE_STRUCT");
    Object properties;
    Array required;
    if constexpr (Tagged<T>) {
      properties.emplace(tag_member, Object{{"const", T::json_tag}});
      required.emplace_back(tag_member);
    }
    mp::mp_for_each<members<T>>([&](auto member) {
      using Field = std::remove_cvref_t<decltype(std::declval<T&>().*member.pointer)>;
      properties.emplace(member.name, schema<Field>());
      if constexpr (!Optional<Field> && !HasDefaults<T>) required.emplace_back(member.name);
    });
    Object out{{"type", "object"}, {"properties", std::move(properties)}};
    if (!required.empty()) out.emplace("required", std::move(required));
    return out;
  }
}

}  // namespace retell::json
