#include "api/endpoint.hpp"

namespace retell::api {

domain::Need need_of(const Resource& resource, const Route& route) {
  if (route.needs.need) return *route.needs.need;
  const bool reads = route.method == "GET" || route.pattern.find("/list-") != std::string_view::npos;
  return {resource.area, reads ? domain::Access::read : domain::Access::edit};
}

namespace detail {

core::Task<Outcome> refuse(core::Error error) { co_return tl::unexpected<core::Error>(std::move(error)); }

json::Value page_schema(json::Value item) {
  return json::Object{
      {"type", "object"},
      {"properties", json::Object{{"items", json::Object{{"type", "array"}, {"items", std::move(item)}}},
                                  {"has_more", json::Object{{"type", "boolean"}}},
                                  {"pagination_key", json::Object{{"type", "string"}}},
                                  {"total", json::Object{{"type", "integer"}}}}},
      {"required", json::Array{"items", "has_more"}}};
}

}  // namespace detail
}  // namespace retell::api
