#include "json/schema.hpp"

#include <algorithm>

namespace retell::json {
namespace {

std::string short_name(std::string_view type) {
  const auto scope = type.rfind("::");
  return std::string(scope == std::string_view::npos ? type : type.substr(scope + 2));
}

}  // namespace

Value SchemaBook::refer(std::string_view type, std::string_view suffix, Make make) {
  if (reference_.empty()) return make(*this);
  const auto full = std::string(type) + std::string(suffix);
  auto known = names_.find(full);
  if (known == names_.end()) {
    const auto wanted = short_name(type) + std::string(suffix);
    auto name = wanted;
    for (int number = 2; definitions_.contains(name); ++number) name = wanted + std::to_string(number);
    known = names_.emplace(full, name).first;
    definitions_[name] = Object{};  // the place is taken before the struct's own members are looked at
    auto made = make(*this);
    definitions_[name] = std::move(made);
  }
  return Object{{"$ref", reference_ + known->second}};
}

Value detail::nullable(Value schema) {
  auto& object = schema.as_object();
  if (object.empty()) return schema;  // anything, null as well
  const auto* type = object.if_contains("type");
  if (type != nullptr && type->is_string() && !object.contains("enum")) {
    object["type"] = Array{*type, "null"};
    return schema;
  }
  return Object{{"anyOf", Array{std::move(schema), Object{{"type", "null"}}}}};
}

}  // namespace retell::json
