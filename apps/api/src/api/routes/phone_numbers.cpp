// Phone numbers: import, bind to agents, list, delete.
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

core::Task<Outcome> import(Api& api, const Request& request) {
  auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto number = co_await api.numbers.import(request.organization(), std::move(*body));
  if (!number) co_return tl::unexpected(number.error());
  co_return json_reply(201, *number);
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto number = co_await api.numbers.get(request.organization(), request.parameter(0));
  if (!number) co_return tl::unexpected(number.error());
  co_return json_reply(200, *number);
}

core::Task<Outcome> update(Api& api, const Request& request) {
  auto body = request.body();
  if (!body) co_return tl::unexpected(body.error());
  const auto number = co_await api.numbers.update(request.organization(), request.parameter(0), std::move(*body));
  if (!number) co_return tl::unexpected(number.error());
  co_return json_reply(200, *number);
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.numbers.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto numbers = co_await api.numbers.list(request.organization());
  if (!numbers) co_return tl::unexpected(numbers.error());
  json::Array items;
  for (const auto& number : *numbers) items.push_back(number);
  co_return json_reply(200, json::Object{{"items", std::move(items)}, {"has_more", false}});
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  const auto numbers = co_await api.numbers.list(request.organization());
  if (!numbers) co_return tl::unexpected(numbers.error());
  json::Array items;
  for (const auto& number : *numbers) items.push_back(number);
  co_return json_reply(200, std::move(items));
}

constexpr Route table[] = {
    {"POST", "/import-phone-number", &import, Auth::key, 201},
    {"GET", "/get-phone-number/{phone_number}", &get},
    {"PATCH", "/update-phone-number/{phone_number}", &update},
    {"DELETE", "/delete-phone-number/{phone_number}", &remove, Auth::key, 204},
    {"GET", "/v2/list-phone-numbers", &list},
    {"GET", "/list-phone-numbers", &list_bare},
};

}  // namespace

std::span<const Route> phone_number_routes() { return table; }

}  // namespace retell::api
