#include "services/number_purchase.hpp"

#include <cmath>

#include "core/ids.hpp"
#include "domain/rules.hpp"
#include "json/read.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

constexpr auto job_kind = "phone_number_release";
constexpr std::size_t most_tries = 3;  // others buy, too

struct Release {
  std::string mark;
  std::string carrier_id = {};  // empty: whatever was bought under the mark
};
BOOST_DESCRIBE_STRUCT(Release, (), (mark, carrier_id))

core::Result<BuyNumber> read_wish(const json::Value& body) {
  auto wish = json::read<BuyNumber>(body);
  if (!wish) return wish;
  json::Problems problems;
  const auto country = wish->country_code.value_or("US");
  if (country != "US" && country != "CA") problems.add("country_code", "expected one of US, CA");
  const auto provider = wish->number_provider.value_or("twilio");
  if (provider != "twilio" && provider != "telnyx") problems.add("number_provider", "expected one of twilio, telnyx");
  if (wish->area_code &&
      (*wish->area_code < 200 || *wish->area_code > 999 || std::floor(*wish->area_code) != *wish->area_code)) {
    problems.add("area_code", "expected a whole number of three digits");
  }
  if (wish->phone_number && !domain::is_e164(*wish->phone_number)) {
    problems.add("phone_number", "must be a number in E.164 form, such as +14155550100");
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  if (provider == "telnyx") {
    return fail(ErrorCode::unprocessable, "Buying numbers from Telnyx is not available on this server yet; twilio is.",
                "number_provider");
  }
  return wish;
}

std::string described(const BuyNumber& wish) {
  const std::string kind = wish.toll_free.value_or(false) ? "toll-free number" : "number";
  const auto area = wish.area_code ? " with area code " + std::to_string(static_cast<int>(*wish.area_code)) : "";
  return kind + area + " in " + wish.country_code.value_or("US");
}

// Whether nobody knows if the carrier did what it was asked for.
bool is_in_doubt(const core::Error& error) {
  return error.code != ErrorCode::unprocessable && error.code != ErrorCode::invalid &&
         error.code != ErrorCode::rate_limited && error.code != ErrorCode::unavailable;
}

constexpr auto look_first =
    "is given back in about five minutes. See which numbers there are, here and in your carrier's account, before you "
    "buy again.";

// Clients send what fails with 429 or 5xx again, and each time another number would be bought: so these are final.
core::Error doubtful(const std::string& number, const core::Error& why) {
  return {ErrorCode::unprocessable, "It is not known whether the carrier has sold " + number + " (" + why.message +
                                        "). If it has, the number " + look_first};
}

}  // namespace

NumberPurchase::NumberPurchase(storage::Database& database, PhoneNumberService& numbers, NumberCarrier& carrier,
                               JobRunner& jobs, const core::Clock& clock)
    : database_(database), numbers_(numbers), carrier_(carrier), clock_(clock) {
  jobs.handle(job_kind, {.handler = [this](const storage::Job& job) { return give_back(job); },
                         .retries = {1min, 5min, 15min, 1h, 6h, 24h}});
}

storage::Job NumberPurchase::release_job(std::string organization_id, std::string mark, std::string carrier_id) {
  storage::Job job;
  job.id = core::make_id("job_");
  job.organization_id = std::move(organization_id);
  job.kind = job_kind;
  job.subject = mark;
  job.payload = json::dump(json::write(Release{std::move(mark), std::move(carrier_id)}));
  job.created_at = core::epoch_ms(clock_.wall());
  return job;
}

core::Task<core::Result<std::vector<std::string>>> NumberPurchase::candidates(const BuyNumber& wish) {
  if (wish.phone_number) co_return std::vector<std::string>{*wish.phone_number};
  NumberWish asked{wish.country_code.value_or("US"), std::nullopt, wish.toll_free.value_or(false)};
  if (wish.area_code) asked.area_code = static_cast<int>(*wish.area_code);
  auto found = co_await carrier_.available(std::move(asked));
  if (found && found->size() > most_tries) found->resize(most_tries);
  co_return found;
}

core::Task<core::Result<json::Object>> NumberPurchase::buy(std::string organization_id, json::Value body) {
  const auto wish = read_wish(body);
  if (!wish) co_return tl::unexpected(wish.error());
  auto number = co_await numbers_.draft(organization_id, std::move(body), wish->phone_number.value_or(""));
  if (!number) co_return tl::unexpected(number.error());
  if (const auto ready = carrier_.ready(); !ready) co_return tl::unexpected(ready.error());
  auto found = co_await candidates(*wish);
  const bool unasked = !found && (is_in_doubt(found.error()) || found.error().code == ErrorCode::unavailable);
  if (unasked) {
    found.error() = {ErrorCode::unavailable,
                     "the carrier could not be asked for its numbers, and none is bought: " + found.error().message};
  }
  if (!found) co_return tl::unexpected(found.error());

  const auto mark = core::make_id("purchase_");
  auto release = release_job(organization_id, mark, {});
  auto promise =
      storage::JobStore::insert(release, release.created_at + std::chrono::milliseconds(longest_purchase).count());
  promise.aside = true;
  const auto promised = co_await database_.execute(std::move(promise));
  if (!promised) co_return tl::unexpected(promised.error());

  core::Error why{ErrorCode::unprocessable, "the carrier has no " + described(*wish) + " to sell"};
  if (wish->phone_number) why = {ErrorCode::unprocessable, *wish->phone_number + " is not to be had", "phone_number"};
  for (const auto& candidate : *found) {
    auto bought = co_await carrier_.buy(candidate, mark);
    if (bought && bought->has_value()) {
      number->phone_number = candidate;
      number->body[bought_member] = json::Object{{"carrier", "twilio"}, {"id", **bought}, {"mark", mark}};
      co_return co_await keep(std::move(*number), std::move(release));
    }
    if (bought) continue;
    why = std::move(bought.error());
    if (is_in_doubt(why)) co_return tl::unexpected(doubtful(candidate, why));
    break;
  }
  auto nothing = storage::JobStore::forget_subject(organization_id, mark);
  nothing.aside = true;
  (void)co_await database_.execute(std::move(nothing));  // else it finds nothing to give back
  co_return tl::unexpected<core::Error>(std::move(why));
}

core::Task<core::Result<json::Object>> NumberPurchase::keep(storage::PhoneNumber number, storage::Job release) {
  std::vector<storage::Statement> statements;
  statements.push_back(storage::PhoneNumberStore::insertion(number));
  statements.back().at_least_rows = 1;
  statements.push_back(storage::JobStore::forget_subject(number.organization_id, release.subject));
  const auto kept = co_await database_.transaction(std::move(statements));
  if (kept) co_return PhoneNumberService::shown(number);
  // The job gives it back, unless it was stored in spite of what the database says.
  if (kept.error().field != storage::too_few_rows) {
    co_return fail(ErrorCode::unprocessable,
                   number.phone_number + " was bought and could not be stored; unless it is listed, it " + look_first);
  }
  co_return fail(ErrorCode::unprocessable,
                 "Phone number " + number.phone_number + " is here already; what was bought is given back",
                 "phone_number");
}

core::Task<core::Result<>> NumberPurchase::remove(std::string organization_id, std::string number) {
  auto found = co_await numbers_.bought(organization_id, number);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return co_await numbers_.remove(std::move(organization_id), std::move(number));
  const auto job = release_job(organization_id, (*found)->mark, (*found)->carrier_id);
  std::vector<storage::Statement> statements;
  statements.push_back(storage::PhoneNumberStore::removal(organization_id, number));
  statements.back().at_least_rows = 1;
  statements.push_back(storage::JobStore::insert(job, job.created_at));
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done && done.error().field == storage::too_few_rows) {
    co_return fail(ErrorCode::unprocessable, "Phone number " + number + " not found");
  }
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> NumberPurchase::give_back(const storage::Job& job) {
  const auto document = json::parse(job.payload);
  if (!document) co_return tl::unexpected(document.error());
  const auto release = json::read<Release>(*document);
  if (!release) co_return tl::unexpected(release.error());
  if (const auto ready = carrier_.ready(); !ready) co_return tl::unexpected(ready.error());
  std::vector<std::string> ids;
  if (!release->carrier_id.empty()) {
    ids.push_back(release->carrier_id);
  } else {
    auto bought = co_await carrier_.bought(release->mark);
    if (!bought) co_return tl::unexpected(bought.error());
    ids = std::move(*bought);
  }
  for (auto& id : ids) {
    const auto done = co_await carrier_.release(std::move(id));
    if (!done) co_return done;
  }
  co_return core::Result<>{};
}

}  // namespace retell::services
