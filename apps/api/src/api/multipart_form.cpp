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

// `many`: the schema is that of the items of a list.
json::Value value_of(const net::Part& part, const json::Value& schema, bool many, json::Problems& problems) {
  if (part.is_file) return json::Object{};
  if (takes(schema, "string")) return json::Value(part.content);
  auto parsed = json::parse(part.content);
  if (parsed) return std::move(*parsed);
  if (takes(schema, "object")) {
    std::string expected = many ? "expected JSON, an array of objects" : "expected JSON, an object";
    if (const auto* members = schema.as_object().if_contains("properties")) {
      std::string names;
      for (const auto& member : members->as_object()) {
        names += names.empty() ? "" : ", ";
        names += member.key();
      }
      expected += " with " + names;
    }
    problems.add(part.name, std::move(expected));
  }
  return json::Value(part.content);
}

}  // namespace

core::Task<core::Result<MultipartForm>> MultipartForm::parse(const Request& request) {
  const auto& http = request.http();
  std::string type(http.headers.get("Content-Type").value_or(""));
  MultipartForm form;
  form.file_ = http.body_file.get();
  core::Result<std::vector<net::Part>> parts;
  if (form.file_ == nullptr) {
    parts = net::parse_multipart(type, http.body);
  } else {
    auto work = [type = std::move(type)](std::string_view body) { return net::parse_multipart(type, body); };
    parts = co_await form.file_->with_whole(std::move(work));
  }
  if (!parts) co_return tl::unexpected(parts.error());
  std::size_t fields = 0;
  for (const auto& part : *parts) {
    if (part.is_file) continue;
    fields += part.content.size();
    if (fields <= longest_field) continue;
    co_return core::fail(
        core::ErrorCode::too_large,
        part.name + ": all fields but the files must be at most " + std::to_string(longest_field) + " bytes together",
        part.name);
  }
  form.parts_ = std::move(*parts);
  co_return form;
}

std::vector<net::Part> MultipartForm::files(std::string_view name) const {
  std::vector<net::Part> found;
  for (const auto& part : parts_) {
    if (part.is_file && part.name == name) found.push_back(part);
  }
  return found;
}

json::Value MultipartForm::fields(const json::Value& schema, json::Problems& problems) const {
  json::Object out;
  const auto& properties = schema.at("properties").as_object();
  for (const auto& part : parts_) {
    const auto* member = properties.if_contains(part.name);
    if (member == nullptr) continue;
    const bool many = takes(*member, "array");
    auto value = value_of(part, many ? member->at("items") : *member, many, problems);
    if (many) {
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
