#include "services/phone_number_service.hpp"

#include <array>
#include <utility>

#include "core/ids.hpp"
#include "domain/rules.hpp"
#include "json/merge_patch.hpp"
#include "json/read.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

domain::References references_of(const NumberSettings& settings) {
  domain::References references;
  auto& names = references.agents;
  const auto add = [&](const std::string& field, const std::optional<std::vector<WeightedAgent>>& agents) {
    for (std::size_t i = 0; agents && i < agents->size(); ++i) {
      names.emplace_back(field + "[" + std::to_string(i) + "].agent_id", (*agents)[i].agent_id);
    }
  };
  add("inbound_agents", settings.inbound_agents);
  add("outbound_agents", settings.outbound_agents);
  add("inbound_sms_agents", settings.inbound_sms_agents);
  add("outbound_sms_agents", settings.outbound_sms_agents);
  if (settings.inbound_agent_id) names.emplace_back("inbound_agent_id", *settings.inbound_agent_id);
  if (settings.outbound_agent_id) names.emplace_back("outbound_agent_id", *settings.outbound_agent_id);
  return references;
}

constexpr auto fallback_member = "fallback_number";

// Empty: none.
std::string fallback_of(const storage::PhoneNumber& number) {
  const auto* text = number.body.if_contains(fallback_member);
  return text != nullptr && text->is_string() ? std::string(std::string_view(text->get_string())) : std::string();
}

// A number from 0 up to 1, unpredictable.
double draw() {
  std::array<unsigned char, 4> bytes{};
  core::random_bytes(bytes);
  std::uint32_t value = 0;
  for (const auto byte : bytes) value = (value << 8U) | byte;
  return static_cast<double>(value) / 4294967296.0;
}

std::optional<BoundAgent> bound(const std::optional<std::vector<WeightedAgent>>& agents,
                                const std::optional<std::string>& single) {
  if (agents && !agents->empty()) {
    double place = draw();
    const auto* chosen = &agents->back();
    for (const auto& agent : *agents) {
      place -= agent.weight.value_or(1);
      if (place < 0) {
        chosen = &agent;
        break;
      }
    }
    BoundAgent result{chosen->agent_id};
    if (chosen->agent_version) {
      const auto* text = std::get_if<std::string>(&*chosen->agent_version);
      result.agent_version =
          text != nullptr ? *text : std::to_string(static_cast<std::int64_t>(std::get<double>(*chosen->agent_version)));
    }
    return result;
  }
  if (single) return BoundAgent{*single};
  return std::nullopt;
}

// The trunk's password, sealed. Of stored numbers only: it neither comes in under this name nor goes out.
constexpr auto sealed_password = "sealed_auth_password";

// What answers say of a number and requests do not: who sends back what it was given changes nothing by it. And what
// only stored numbers hold.
constexpr std::array server_owned{
    "phone_number", "phone_number_pretty",       "phone_number_type", "last_modification_timestamp",
    "area_code",    "sip_outbound_trunk_config", sealed_password,     bought_member};

void drop_server_owned(json::Object& body) {
  for (const auto* name : server_owned) body.erase(name);
}

// As people write it where that is known: +1 (415) 777-0001, +55 (11) 91234-5678.
std::string pretty(const std::string& number) {
  const auto part = [&](std::size_t begin, std::size_t count) { return number.substr(begin, count); };
  const auto digits = [&](std::string_view country, std::size_t count) {
    return number.starts_with(country) && number.size() == country.size() + count && domain::is_e164(number);
  };
  if (digits("+1", 10)) return "+1 (" + part(2, 3) + ") " + part(5, 3) + "-" + part(8, 4);
  if (digits("+55", 11)) return "+55 (" + part(3, 2) + ") " + part(5, 5) + "-" + part(10, 4);
  if (digits("+55", 10)) return "+55 (" + part(3, 2) + ") " + part(5, 4) + "-" + part(9, 4);
  return number;
}

// Moves what `body` says of the password into `stored`, which then holds none to be read: a text is sealed; null or an
// empty text removes what was there.
void take_password(storage::PhoneNumber& stored, const json::Object& body, const Seal& seal) {
  for (const auto* name : {"sip_trunk_auth_password", "auth_password"}) {
    stored.body.erase(name);
    const auto* given = body.if_contains(name);
    if (given == nullptr) continue;
    if (given->is_string() && !given->get_string().empty()) {
      const auto purpose = "trunk " + stored.organization_id + " " + stored.phone_number;
      stored.body[sealed_password] = seal(std::string_view(given->get_string()), purpose);
    } else if (given->is_string() || given->is_null()) {
      stored.body.erase(sealed_password);
    }
  }
}

// What import-phone-number was given, checked. The password is still in `body`.
core::Result<storage::PhoneNumber> read_import(std::string organization_id, json::Value& body, std::int64_t now) {
  const auto wish = json::read<ImportNumber>(body);
  if (!wish) return tl::unexpected(wish.error());
  if (const auto fields = read_number_settings(body, body); !fields) return tl::unexpected(fields.error());
  const auto& text = wish->phone_number;
  // Unlike calls, imports take numbers of any form unless told otherwise: Retell's default.
  const bool any_form = wish->ignore_e164_validation.value_or(true);
  if (text.empty() || text.size() > 64 || (!any_form && !domain::is_e164(text)))
    return fail(ErrorCode::invalid,
                any_form ? "phone_number: expected a number of at most 64 characters"
                         : "phone_number: expected a number in E.164 format, like +14155550100",
                "phone_number");
  drop_server_owned(body.as_object());
  body.as_object().erase("ignore_e164_validation");
  return storage::PhoneNumber{text, std::move(organization_id), body.as_object(), now};
}

}  // namespace

json::Object PhoneNumberService::shown(const storage::PhoneNumber& number) {
  json::Object out{{"phone_number", number.phone_number},
                   {"phone_number_pretty", pretty(number.phone_number)},
                   {"phone_number_type", number.body.contains(bought_member) ? "retell-twilio" : "custom"}};
  json::Object trunk;
  for (const auto& member : number.body) {
    const std::string_view name = member.key();
    if (name == sealed_password || name == bought_member) continue;
    if (name == "termination_uri" || name == "transport")
      trunk[name] = member.value();
    else if (name == "sip_trunk_auth_username" || name == "auth_username")
      trunk["auth_username"] = member.value();
    else
      out[name] = member.value();
  }
  if (!trunk.empty()) out["sip_outbound_trunk_config"] = std::move(trunk);
  out["last_modification_timestamp"] = number.modified_at;
  return out;
}

core::Task<core::Result<storage::PhoneNumber>> PhoneNumberService::find(std::string organization_id,
                                                                        std::string number) {
  const auto found = co_await numbers_.find_any(number);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value() || (*found)->organization_id != organization_id) {
    co_return fail(ErrorCode::unprocessable, "Phone number " + number + " not found");
  }
  co_return **found;
}

core::Task<core::Result<>> PhoneNumberService::check_names(std::string organization_id, std::string number,
                                                           UpdateNumber settings, json::Value update) {
  const auto known = co_await references_.check(organization_id, domain::named_by(update, references_of(settings)));
  if (!known) co_return known;
  if (!settings.fallback_number || !update.get_object().contains("fallback_number")) co_return core::Result<>{};
  co_return co_await check_fallback(std::move(organization_id), std::move(number),
                                    std::move(*settings.fallback_number));
}

// The carrier calls it, so it is one that can be called from anywhere. Each of a chain's numbers would be called in
// turn while this server cannot take calls, and of a ring's for ever: so there are none, whoever owns the numbers.
core::Task<core::Result<>> PhoneNumberService::check_fallback(std::string organization_id, std::string number,
                                                              std::string fallback) {
  json::Problems problems;
  domain::check_callable(problems, fallback_member, fallback);
  if (fallback == number) problems.add(fallback_member, "must be another number than this one");
  if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error(ErrorCode::unprocessable));
  const auto target = co_await numbers_.find_any(fallback);
  if (!target) co_return tl::unexpected(target.error());
  if (target->has_value() && !fallback_of(**target).empty()) {
    problems.add(fallback_member, fallback + " has a fallback number itself: must be a number without one");
  }
  const auto own = co_await numbers_.list(std::move(organization_id));
  if (!own) co_return tl::unexpected(own.error());
  for (const auto& other : *own) {
    if (number.empty() || other.phone_number == number || fallback_of(other) != number) continue;
    problems.add(fallback_member, number + " is the fallback number of " + other.phone_number +
                                      ": must be null, for a fallback has none itself");
    break;
  }
  if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error(ErrorCode::unprocessable));
  co_return core::Result<>{};
}

core::Task<core::Result<json::Object>> PhoneNumberService::import(std::string organization_id, json::Value body,
                                                                  Seal seal) {
  auto record = read_import(organization_id, body, core::epoch_ms(clock_.wall()));
  if (!record) co_return tl::unexpected(record.error());
  const auto known =
      co_await check_names(record->organization_id, record->phone_number, *read_number_settings(body, body), body);
  if (!known) co_return tl::unexpected(known.error());
  take_password(*record, body.as_object(), seal);
  const auto done = co_await numbers_.insert(*record);
  if (!done) co_return tl::unexpected(done.error());
  if (*done) co_return shown(*record);
  // Replacing it would lose what it is bound to. Clients ask again after a 409, which would help nobody.
  const auto ours = co_await find(std::move(organization_id), record->phone_number);
  if (ours) {
    co_return fail(ErrorCode::unprocessable,
                   "Phone number " + record->phone_number +
                       " is here already: change it with PATCH /update-phone-number, or delete it first",
                   "phone_number");
  }
  // Whose it is would be another workspace's matter.
  co_return fail(ErrorCode::invalid, "phone_number: " + record->phone_number + " cannot be imported here",
                 "phone_number");
}

core::Task<core::Result<json::Object>> PhoneNumberService::replace(std::string organization_id, json::Value body,
                                                                   Seal seal) {
  auto record = read_import(organization_id, body, core::epoch_ms(clock_.wall()));
  if (!record) co_return tl::unexpected(record.error());
  const auto known =
      co_await check_names(record->organization_id, record->phone_number, *read_number_settings(body, body), body);
  if (!known) co_return tl::unexpected(known.error());
  const auto before = co_await find(std::move(organization_id), record->phone_number);
  if (!before) co_return tl::unexpected(before.error());
  if (const auto* sealed = before->body.if_contains(sealed_password)) record->body[sealed_password] = *sealed;
  take_password(*record, body.as_object(), seal);
  co_return co_await write(std::move(*record));
}

core::Task<core::Result<json::Object>> PhoneNumberService::write(storage::PhoneNumber record) {
  const auto done = co_await numbers_.replace(record);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return fail(ErrorCode::unprocessable, "Phone number " + record.phone_number + " not found");
  co_return shown(record);
}

core::Task<core::Result<json::Object>> PhoneNumberService::get(std::string organization_id, std::string number) {
  const auto found = co_await find(std::move(organization_id), std::move(number));
  if (!found) co_return tl::unexpected(found.error());
  co_return shown(*found);
}

core::Task<core::Result<json::Object>> PhoneNumberService::update(std::string organization_id, std::string number,
                                                                  json::Value body, Seal seal) {
  auto found = co_await find(std::move(organization_id), std::move(number));
  if (!found) co_return tl::unexpected(found.error());
  if (auto* object = body.if_object()) drop_server_owned(*object);
  json::Value merged = found->body;
  json::merge_patch(merged, body, 1);
  const auto fields = read_number_settings(merged, body);
  if (!fields) co_return tl::unexpected(fields.error());
  const auto known = co_await check_names(found->organization_id, found->phone_number, *fields, body);
  if (!known) co_return tl::unexpected(known.error());
  found->body = merged.as_object();
  take_password(*found, body.as_object(), seal);
  found->modified_at = core::epoch_ms(clock_.wall());
  co_return co_await write(std::move(*found));
}

core::Task<core::Result<std::vector<json::Object>>> PhoneNumberService::list(std::string organization_id) {
  const auto found = co_await numbers_.list(std::move(organization_id));
  if (!found) co_return tl::unexpected(found.error());
  std::vector<json::Object> all;
  for (const auto& number : *found) all.push_back(shown(number));
  co_return all;
}

core::Task<core::Result<>> PhoneNumberService::remove(std::string organization_id, std::string number) {
  const auto done = co_await numbers_.remove(std::move(organization_id), number);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return fail(ErrorCode::unprocessable, "Phone number " + number + " not found");
  co_return core::Result<>{};
}

core::Task<core::Result<storage::PhoneNumber>> PhoneNumberService::draft(std::string organization_id, json::Value body,
                                                                         std::string number) {
  const auto fields = read_number_settings(body, body);
  if (!fields) co_return tl::unexpected(fields.error());
  const auto known = co_await check_names(organization_id, number, *fields, body);
  if (!known) co_return tl::unexpected(known.error());
  if (!number.empty()) {
    const auto here = co_await numbers_.find_any(number);
    if (!here) co_return tl::unexpected(here.error());
    if (here->has_value())
      co_return fail(ErrorCode::unprocessable, "Phone number " + number + " is here already", "phone_number");
  }
  auto& settings = body.as_object();
  for (const auto* name : {"phone_number", "country_code", "number_provider", "toll_free", "sip_trunk_auth_password",
                           "auth_password", sealed_password, bought_member}) {
    settings.erase(name);
  }
  co_return storage::PhoneNumber{std::move(number), std::move(organization_id), std::move(settings),
                                 core::epoch_ms(clock_.wall())};
}

core::Task<core::Result<std::optional<BoughtNumber>>> PhoneNumberService::bought(std::string organization_id,
                                                                                 std::string number) {
  const auto found = co_await find(std::move(organization_id), std::move(number));
  if (!found) co_return tl::unexpected(found.error());
  std::optional<BoughtNumber> bought;
  if (const auto* kept = found->body.if_contains(bought_member)) {
    bought = BoughtNumber{std::string(kept->at("id").as_string()), std::string(kept->at("mark").as_string())};
  }
  co_return bought;
}

core::Task<core::Result<std::optional<NumberOwner>>> PhoneNumberService::owner(std::string number,
                                                                               domain::Direction direction) {
  const auto found = co_await numbers_.snapshot_any(number);
  if (!found) co_return tl::unexpected(found.error());
  remember_fallback(number, found->has_value() ? fallback_of(**found) : "");
  std::optional<NumberOwner> result;
  if (!found->has_value()) co_return result;
  auto fields = json::read<NumberSettings>((*found)->body);
  if (!fields) co_return tl::unexpected(fields.error());
  const bool inbound = direction == domain::Direction::inbound;
  result =
      NumberOwner{(*found)->organization_id,
                  inbound ? bound(fields->inbound_agents, fields->inbound_agent_id)
                          : bound(fields->outbound_agents, fields->outbound_agent_id),
                  fields->inbound_webhook_url.value_or(""),
                  std::move(inbound ? fields->allowed_inbound_country_list : fields->allowed_outbound_country_list),
                  fields->fallback_number.value_or("")};
  co_return result;
}

void PhoneNumberService::remember_fallback(const std::string& number, std::string fallback) {
  const std::lock_guard lock(mutex_);
  if (fallback.empty()) {
    fallbacks_.erase(number);
  } else {
    fallbacks_[number] = std::move(fallback);
  }
}

std::string PhoneNumberService::remembered_fallback(const std::string& number) const {
  const std::lock_guard lock(mutex_);
  const auto found = fallbacks_.find(number);
  return found == fallbacks_.end() ? std::string() : found->second;
}

core::Task<core::Result<>> PhoneNumberService::remember_fallbacks() {
  const auto all = co_await numbers_.with_member(fallback_member);
  if (!all) co_return tl::unexpected(all.error());
  std::unordered_map<std::string, std::string> fallbacks;
  for (const auto& number : *all) {
    if (auto fallback = fallback_of(number); !fallback.empty()) {
      fallbacks.emplace(number.phone_number, std::move(fallback));
    }
  }
  const std::lock_guard lock(mutex_);
  fallbacks_ = std::move(fallbacks);
  co_return core::Result<>{};
}

}  // namespace retell::services
