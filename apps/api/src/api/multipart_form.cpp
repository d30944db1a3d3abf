#include "api/multipart_form.hpp"

#include "json/text.hpp"

namespace retell::api {
namespace {

// Whether a schema, or one of its types, is this one.
bool takes(const json::Value& schema, std::string_view type) {
  const auto* object = schema.if_object();
  const auto* known = object == nullptr ? nullptr : object->if_contains("type");
  if (known == nullptr) return false;
  if (const auto* text = known->if_string()) return std::string_view(text->data(), text->size()) == type;
  for (const auto& one : known->as_array()) {
    if (one.is_string() && std::string_view(one.get_string()) == type) return true;
  }
  return false;
}

json::Value value_of(const net::Part& part, const json::Value& schema) {
  if (part.is_file) return json::Object{};
  if (takes(schema, "string")) return json::Value(part.content);
  if (auto parsed = json::parse(part.content)) return std::move(*parsed);
  return json::Value(part.content);
}

}  // namespace

core::Result<MultipartForm> MultipartForm::parse(const Request& request) {
  const auto type = request.http().headers.get("Content-Type").value_or("");
  auto parts = net::parse_multipart(type, request.http().body);
  if (!parts) return tl::unexpected(parts.error());
  MultipartForm form;
  form.parts_ = std::move(*parts);
  return form;
}

std::vector<net::Part> MultipartForm::files(std::string_view name) const {
  std::vector<net::Part> found;
  for (const auto& part : parts_) {
    if (part.is_file && part.name == name) found.push_back(part);
  }
  return found;
}

json::Value MultipartForm::fields(const json::Value& schema) const {
  json::Object out;
  const auto& properties = schema.at("properties").as_object();
  for (const auto& part : parts_) {
    const auto* member = properties.if_contains(part.name);
    if (member == nullptr) continue;
    auto value = value_of(part, takes(*member, "array") ? member->at("items") : *member);
    if (takes(*member, "array")) {
      auto& list = out[part.name];
      // All of them in one part, or one in each.
      if (list.is_null() && value.is_array()) {
        list = std::move(value);
        continue;
      }
      if (!list.is_array()) list = json::Array{};
      if (takes(member->at("items"), "string") && value.is_string()) {
        if (auto all = json::parse(part.content); all && all->is_array()) {
          list = std::move(*all);
          continue;
        }
      }
      list.get_array().push_back(std::move(value));
    } else {
      out[part.name] = std::move(value);
    }
  }
  return out;
}

}  // namespace retell::api
