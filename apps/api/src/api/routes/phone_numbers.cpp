// Phone numbers: import, bind to agents, list, delete.
#include "api/paging.hpp"
#include "api/routes/routes.hpp"
#include "domain/rules.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

using services::NumberSettings;

struct PhoneNumber : NumberSettings {
  std::string phone_number;
  std::string phone_number_pretty;
  std::string phone_number_type;  // retell-twilio: bought here; custom: brought along
  std::optional<double> area_code = {};
  std::optional<json::Object> sip_outbound_trunk_config = {};
  std::int64_t last_modification_timestamp = 0;  // epoch ms
};
BOOST_DESCRIBE_STRUCT(PhoneNumber, (NumberSettings),
                      (phone_number, phone_number_pretty, phone_number_type, area_code, sip_outbound_trunk_config,
                       last_modification_timestamp))

core::Task<Outcome> buy(Api& api, const Request& request, Raw<services::BuyNumber> body) {
  const auto number = co_await api.purchases.buy(request.organization(), std::move(body.value));
  if (!number) co_return tl::unexpected(number.error());
  co_return json_reply(201, *number);
}

services::Seal seal_of(const Api& api) {
  return [&keys = api.keys](std::string_view plain, std::string_view purpose) { return keys.seal(plain, purpose); };
}

core::Task<Outcome> import(Api& api, const Request& request, Raw<services::ImportNumber> body) {
  const auto number = co_await api.numbers.import(request.organization(), std::move(body.value), seal_of(api));
  if (!number) co_return tl::unexpected(number.error());
  co_return json_reply(201, *number);
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto number = co_await api.numbers.get(request.organization(), request.parameter(0));
  if (!number) co_return tl::unexpected(number.error());
  co_return json_reply(200, *number);
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<services::UpdateNumber> body) {
  const auto number =
      co_await api.numbers.update(request.organization(), request.parameter(0), std::move(body.value), seal_of(api));
  if (!number) co_return tl::unexpected(number.error());
  co_return json_reply(200, *number);
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.purchases.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

// Numbers are few, so a page is cut from all of them.
core::Task<Outcome> list(Api& api, const Request& request) {
  const auto query = page_from_query(request);
  if (!query) co_return tl::unexpected(query.error());
  auto numbers = co_await api.numbers.list(request.organization());
  if (!numbers) co_return tl::unexpected(numbers.error());
  const auto page = slice(
      std::move(*numbers), *query,
      [](const json::Object& number) { return std::string(number.at("phone_number").as_string()); },
      [](const std::string& key) { return domain::is_e164(key); }, std::less<std::string>());
  if (!page) co_return tl::unexpected(page.error());
  co_return json_reply(200, envelope(*page, [](const json::Object& number) { return number; }));
}

core::Task<Outcome> list_bare(Api& api, const Request& request) {
  const auto numbers = co_await api.numbers.list(request.organization());
  if (!numbers) co_return tl::unexpected(numbers.error());
  json::Array items;
  for (const auto& number : *numbers) items.push_back(number);
  co_return json_reply(200, std::move(items));
}

constexpr Route table[] = {
    endpoint<&buy, PhoneNumber>("POST", "/create-phone-number", 201, "Buy a phone number from the carrier"),
    endpoint<&import, PhoneNumber>("POST", "/import-phone-number", 201, "Bind a number of your carrier to agents"),
    endpoint<&get, PhoneNumber>("GET", "/get-phone-number/{phone_number}", 200, "Get a phone number"),
    endpoint<&update, PhoneNumber>("PATCH", "/update-phone-number/{phone_number}", 200, "Change a phone number"),
    endpoint<&remove>("DELETE", "/delete-phone-number/{phone_number}", 204,
                      "Remove a phone number; one that was bought goes back to the carrier"),
    endpoint<&list, Items<PhoneNumber>>("GET", "/v2/list-phone-numbers", 200, "List phone numbers",
                                        {.query = page_fields}),
    endpoint<&list_bare, std::vector<PhoneNumber>>("GET", "/list-phone-numbers", 200, "List phone numbers",
                                                   {.older = true}),
};

}  // namespace

std::span<const Route> phone_number_routes() { return table; }

}  // namespace retell::api
