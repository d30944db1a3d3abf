// The endpoint table's line: one declaration of an endpoint, from which the router, the reading of bodies, the OpenAPI
// document and the docs page come.
#pragma once
#include <span>
#include <string_view>

#include "api/api.hpp"
#include "api/reply.hpp"
#include "api/request.hpp"
#include "domain/access.hpp"
#include "json/read.hpp"
#include "json/schema.hpp"

namespace retell::api {

enum class Auth : std::uint8_t {
  none,
  key,       // Authorization: Bearer <API key>
  optional,  // the handler decides; the principal is empty without a valid key
};

// Who may use an endpoint, of those who are known. When nothing is said, its resource's area decides: reading for GET
// and for lists, else editing.
struct Needs {
  std::optional<domain::Need> need = {};
  bool anyone = false;   // whatever their rights, public keys too
  bool browser = false;  // public keys too, from their origins
  bool person = false;   // people alone, about themselves: no workspace's rights are asked for
};

using Handler = core::Task<Outcome> (*)(Api& api, const Request& request);
using MakeSchema = json::Value (*)(json::SchemaBook& book);

struct QueryField {
  std::string_view name;
  std::string_view type;  // integer, string, boolean
  std::string_view meaning = {};
  bool required = false;
};

// What an endpoint says of itself beyond method and path.
struct About {
  std::string_view summary = {};
  MakeSchema body = nullptr;   // of the request's body; none: it has no body
  MakeSchema reply = nullptr;  // of the body of success; none: it is empty
  std::span<const QueryField> query = {};
  std::string_view body_type = "application/json";
  std::string_view reply_type = "application/json";
  bool older = false;           // answered for clients of earlier versions
  std::uint64_t most_body = 0;  // bytes, when it takes more than the server does otherwise
};

// `pattern`: "/v2/get-call/{call_id}"; a braced name takes one segment.
struct Route {
  std::string_view method;
  std::string_view pattern;
  Handler handler;
  Auth auth = Auth::key;
  unsigned success = 200;
  About about = {};
  Needs needs = {};
};

// The lines of one resource, under its name in the documentation.
struct Resource {
  std::string_view name;
  domain::Area area;  // what its endpoints are about, unless they say otherwise
  std::span<const Route> routes;
};

// What a route of this resource asks for.
[[nodiscard]] domain::Need need_of(const Resource& resource, const Route& route);

// A body that a T describes but that the domain reads itself, because it knows rules between fields.
template <class T>
struct Raw {
  using Type = T;
  json::Value value;
};
// A partial update of a T: members that are named replace, null clears.
template <class T>
struct Patch {
  using Type = T;
  json::Value value;
};
// A page of T: {items, has_more, pagination_key}.
template <class T>
struct Items {};

namespace detail {

[[nodiscard]] core::Task<Outcome> refuse(core::Error error);
[[nodiscard]] json::Value page_schema(json::Value item);

template <class T>
struct Shape {
  static json::Value schema(json::SchemaBook& book) { return json::schema<T>(book); }
  static core::Result<T> read(const json::Value& body) { return json::read<T>(body); }
};
template <class T>
struct Shape<Raw<T>> {
  static json::Value schema(json::SchemaBook& book) { return json::schema<T>(book); }
  static core::Result<Raw<T>> read(json::Value body) { return Raw<T>{std::move(body)}; }
};
template <class T>
struct Shape<Patch<T>> {
  static json::Value schema(json::SchemaBook& book) { return json::patch_schema<T>(book); }
  static core::Result<Patch<T>> read(json::Value body) { return Patch<T>{std::move(body)}; }
};
template <class T>
struct Shape<Items<T>> {
  static json::Value schema(json::SchemaBook& book) { return page_schema(json::schema<T>(book)); }
};

template <class Function>
struct Taken;
template <class Body>
struct Taken<core::Task<Outcome> (*)(Api&, const Request&, Body)> {
  using Type = Body;
};

// Not a coroutine: a refused body costs no frame, and a good one is the handler's own.
template <auto Run, class Body>
core::Task<Outcome> with_body(Api& api, const Request& request) {
  auto json = request.body();
  if (!json) return refuse(std::move(json.error()));
  auto body = Shape<Body>::read(std::move(*json));
  if (!body) return refuse(std::move(body.error()));
  return Run(api, request, std::move(*body));
}

}  // namespace detail

template <class T>
constexpr MakeSchema shape_of() {
  if constexpr (std::is_void_v<T>)
    return nullptr;
  else
    return &detail::Shape<T>::schema;
}

// A list's two forms, from the one function that reads the request and makes an envelope() of it: pages, and, as
// clients of earlier versions take it, the items alone.
using MakePage = core::Task<core::Result<json::Object>> (*)(Api& api, const Request& request);

template <MakePage Page>
core::Task<Outcome> paged(Api& api, const Request& request) {
  auto found = co_await Page(api, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(200, std::move(*found));
}

template <MakePage Page>
core::Task<Outcome> bare(Api& api, const Request& request) {
  auto found = co_await Page(api, request);
  if (!found) co_return tl::unexpected(found.error());
  co_return json_reply(200, (*found)["items"]);
}

struct Options {
  std::span<const QueryField> query = {};
  Auth auth = Auth::key;
  bool older = false;
  Needs needs = {};
};

// endpoint<&create, Reply>("POST", "/create-thing", 201, "Create a thing"): what `create` takes as its third argument
// is the type of the body, already read when it runs. Reply: void for an empty one, Items<T>, or a described type.
template <auto Run, class Reply = void>
constexpr Route endpoint(std::string_view method, std::string_view pattern, unsigned success, std::string_view summary,
                         Options options = {}) {
  Route route{method, pattern, nullptr, options.auth, success, {}, options.needs};
  route.about.summary = summary;
  route.about.reply = shape_of<Reply>();
  route.about.query = options.query;
  route.about.older = options.older;
  if constexpr (std::is_same_v<decltype(Run), Handler>) {
    route.handler = Run;
  } else {
    using Body = typename detail::Taken<decltype(Run)>::Type;
    route.handler = &detail::with_body<Run, Body>;
    route.about.body = shape_of<Body>();
  }
  return route;
}

// The same, for a handler that takes the parts of a multipart/form-data body apart itself; Form describes them.
template <auto Run, class Form, class Reply>
constexpr Route upload(std::string_view method, std::string_view pattern, unsigned success, std::string_view summary,
                       std::uint64_t most_body = 0) {
  auto route = endpoint<Run, Reply>(method, pattern, success, summary);
  route.about.most_body = most_body;
  route.about.body = shape_of<Form>();
  route.about.body_type = "multipart/form-data";
  return route;
}

inline constexpr QueryField page_fields[] = {
    {"limit", "integer", "Items in a page, 1 to 1000; 50 when missing."},
    {"pagination_key", "string", "The pagination_key of the page before."},
    {"sort_order", "string", "ascending or descending (the default), by creation."},
};
inline constexpr QueryField version_field[] = {
    {"version", "string", "A number, latest (the default), latest_published or an environment's tag."},
};
inline constexpr QueryField force_field[] = {{"force_delete", "boolean", "Delete it although it is in use."}};

}  // namespace retell::api
