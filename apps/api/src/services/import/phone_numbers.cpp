// Numbers of the customer's own carrier. Those that are rented from the source stay there.
#include "services/import/importer.hpp"

namespace retell::services::import {
namespace {

constexpr auto kind = "phone_number";

core::Task<core::Result<bool>> is_here(Importer& importer, std::string number) {
  const auto found = co_await importer.parts().numbers.get(importer.organization(), std::move(number));
  if (!found && found.error().code != core::ErrorCode::unprocessable) co_return tl::unexpected(found.error());
  co_return found.has_value();
}

core::Task<core::Result<>> bring(Importer& importer, const json::Value& document) {
  const auto number_text = text(document, "phone_number");
  const auto type = text(document, "phone_number_type");
  if (!type.empty() && type != "custom") {
    co_return importer.failed(
        kind, number_text,
        {core::ErrorCode::unprocessable,
         "is rented through the source (" + type +
             "): have it ported to a carrier of your own, then add it with /import-phone-number"});
  }
  auto& numbers = importer.parts().numbers;
  const auto taken = [&](std::string ours) { return is_here(importer, std::move(ours)); };
  auto place = co_await importer.place(kind, number_text, "", document, taken);
  if (!place) co_return tl::unexpected(place.error());
  place->our_id = number_text;  // a number is what it is
  if (place->fate == Importer::Fate::leave) {
    importer.left_alone(kind);
    co_return core::Result<>{};
  }
  json::Value body = without(document, {"phone_number_pretty", "phone_number_type", "last_modification_timestamp",
                                        "sip_outbound_trunk_config", "area_code"});
  importer.rename(body);
  auto& members = body.as_object();
  if (const auto* trunk = document.as_object().if_contains("sip_outbound_trunk_config")) {
    if (auto uri = text(*trunk, "termination_uri"); !uri.empty()) members["termination_uri"] = uri;
    if (auto transport = text(*trunk, "transport"); !transport.empty()) members["transport"] = transport;
    if (auto user = text(*trunk, "auth_username"); !user.empty()) {
      members["sip_trunk_auth_username"] = user;
      importer.note(kind, number_text, "the trunk's password is not shown by the source: set auth_password here");
    }
  }
  const auto stored = place->fate == Importer::Fate::update
                          ? co_await numbers.replace(importer.organization(), std::move(body), importer.parts().seal)
                          : co_await numbers.import(importer.organization(), std::move(body), importer.parts().seal);
  if (!stored) co_return importer.failed(kind, number_text, stored.error());
  co_return co_await importer.write(kind, number_text, "", std::move(*place), {});
}

}  // namespace

core::Task<core::Result<>> phone_numbers(Importer& importer) {
  const auto listed = co_await importer.source().list({"GET", "/v2/list-phone-numbers", "/list-phone-numbers"});
  if (!listed) co_return tl::unexpected(listed.error());
  for (const auto& one : *listed) {
    if (auto done = co_await bring(importer, one); !done) co_return done;
  }
  co_return core::Result<>{};
}

}  // namespace retell::services::import
