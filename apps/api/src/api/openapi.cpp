#include "api/openapi.hpp"

#include "api/routes/routes.hpp"
#include "json/text.hpp"

namespace retell::api {
namespace {

using json::Array;
using json::Object;
using json::Value;

constexpr auto components = "#/components/schemas/";

std::string lower(std::string_view text) {
  std::string out(text);
  for (auto& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// "/v2/get-call/{call_id}" is "v2-get-call"; the method tells the few apart that share a path.
std::string operation_id(const Route& route) {
  std::string id = lower(route.method);
  std::string_view rest = route.pattern;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const auto segment = rest.substr(0, rest.find('/'));
    if (!segment.starts_with('{')) id += "-" + std::string(segment);
    rest.remove_prefix(segment.size());
  }
  // Of our own paths, a resource and its list differ by nothing else.
  if (route.pattern.starts_with("/v1/") && route.pattern.ends_with('}')) id += "-one";
  return id;
}

Array parameters(const Route& route) {
  Array all;
  for (std::size_t at = route.pattern.find('{'); at != std::string_view::npos; at = route.pattern.find('{', at + 1)) {
    const auto name = route.pattern.substr(at + 1, route.pattern.find('}', at) - at - 1);
    all.push_back(Object{{"name", name}, {"in", "path"}, {"required", true}, {"schema", Object{{"type", "string"}}}});
  }
  for (const auto& field : route.about.query) {
    all.push_back(Object{{"name", field.name},
                         {"in", "query"},
                         {"required", field.required},
                         {"description", field.meaning},
                         {"schema", Object{{"type", field.type}}}});
  }
  return all;
}

Object content(std::string_view type, Value schema) { return Object{{type, Object{{"schema", std::move(schema)}}}}; }

Object responses(const Route& route, json::SchemaBook& book) {
  Object success{{"description", "Success."}};
  if (route.about.reply != nullptr) success["content"] = content(route.about.reply_type, route.about.reply(book));
  Object all{{std::to_string(route.success), std::move(success)}};
  const Object error{{"$ref", "#/components/responses/Error"}};
  for (const auto* code : {"400", "401", "403", "422"}) {
    if (route.auth == Auth::none && std::string_view(code) != "400") continue;
    all[code] = error;
  }
  if (route.auth != Auth::none) all["429"] = Object{{"$ref", "#/components/responses/TooMany"}};
  all["default"] = error;
  return all;
}

// The scope that a key needs, or who else may use the endpoint.
std::string access(const Resource& resource, const Route& route) {
  if (route.needs.person) return "For people who are signed in.";
  if (route.needs.anyone) return "For every key and person.";
  const auto need = need_of(resource, route);
  auto text = "Needs " + std::string(json::enum_name(need.access)) + " access to `" +
              std::string(domain::area_name(need.area)) + "`.";
  if (route.needs.browser) text += " Public keys may use it.";
  return text;
}

Object operation(const Resource& resource, const Route& route, json::SchemaBook& book) {
  Object out{{"operationId", operation_id(route)},
             {"summary", route.about.summary},
             {"tags", Array{resource.name}},
             {"parameters", parameters(route)}};
  if (route.about.body != nullptr) {
    auto schema = route.about.body(book);
    out["requestBody"] = Object{{"required", true}, {"content", content(route.about.body_type, std::move(schema))}};
  }
  out["responses"] = responses(route, book);
  if (route.auth == Auth::none)
    out["security"] = Array{};
  else
    out["description"] = access(resource, route);
  if (route.about.older) out["deprecated"] = true;
  return out;
}

Object error_response() {
  return Object{{"description", "What was wrong."},
                {"content", content("application/json", Object{{"$ref", std::string(components) + "Error"}})}};
}

Object too_many_response() {
  auto out = error_response();
  out["description"] = "More requests, or calls at once, than the workspace may have.";
  out["headers"] = Object{{"Retry-After", Object{{"description", "When to ask again, in seconds."},
                                                 {"required", true},
                                                 {"schema", Object{{"type", "integer"}, {"minimum", 1}}}}}};
  return out;
}

}  // namespace

json::Object openapi_document(std::span<const Resource> resources) {
  json::SchemaBook book{components};
  Object paths;
  Array tags;
  for (const auto& resource : resources) {
    tags.push_back(Object{{"name", resource.name}});
    for (const auto& route : resource.routes) {
      auto& path = paths[route.pattern];
      if (!path.is_object()) path = Object{};
      path.get_object()[lower(route.method)] = operation(resource, route, book);
    }
  }
  auto schemas = book.definitions();
  schemas["Error"] =
      Object{{"type", "object"},
             {"properties", Object{{"status", Object{{"const", "error"}}}, {"message", Object{{"type", "string"}}}}},
             {"required", Array{"status", "message"}}};
  return Object{
      {"openapi", "3.1.0"},
      {"info", Object{{"title", "Retell MVP"},
                      {"version", "1"},
                      {"description",
                       "Retell AI's REST API, served by your own machine. Point the published client's "
                       "baseURL here and nothing else changes."}}},
      {"security", Array{Object{{"key", Array{}}}}},
      {"tags", std::move(tags)},
      {"paths", std::move(paths)},
      {"components", Object{{"securitySchemes", Object{{"key", Object{{"type", "http"}, {"scheme", "bearer"}}}}},
                            {"responses", Object{{"Error", error_response()}, {"TooMany", too_many_response()}}},
                            {"schemas", std::move(schemas)}}}};
}

const std::string& openapi_text() {
  static const std::string text = json::dump(openapi_document(all_resources()));
  return text;
}

}  // namespace retell::api
