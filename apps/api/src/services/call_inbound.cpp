// The part of CallService that takes calls from carriers.
#include "core/ids.hpp"
#include "domain/country_of_number.hpp"
#include "services/call_service.hpp"
#include "services/call_wish.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

constexpr auto join_time = 30s;  // the carrier connects at once or never

RefusedCall refused(core::Error error, const std::string& fallback_number) {
  // These are meant: whoever is refused by the number's own rules is not put through elsewhere.
  const bool meant = error.code == ErrorCode::forbidden || error.code == ErrorCode::not_found;
  return {std::move(error), meant ? std::string() : fallback_number};
}

core::Result<> may_call(const NumberOwner& number, const std::string& from_number, const std::string& to_number) {
  if (domain::allows(number.countries, from_number)) return {};
  const auto country = domain::country_of_number(from_number);
  return fail(ErrorCode::forbidden, "the allowed_inbound_country_list of " + to_number + " does not hold " +
                                        (country ? "the caller's country, " + std::string(*country)
                                                 : "a country that the caller's number does not tell"));
}

}  // namespace

core::Task<core::Result<IncomingCall>> CallService::take_in(std::string organization_id, Wish wish) {
  wish.call.call_type = domain::CallType::phone_call;
  wish.call.direction = domain::Direction::inbound;
  wish.join_time = join_time;
  wish.when_missed = domain::DisconnectionReason::error_no_audio_received;
  auto live = co_await prepare(std::move(organization_id), std::move(wish));
  if (!live) co_return tl::unexpected(live.error());
  co_return IncomingCall{live->stored.call.call_id, live->token};
}

core::Task<core::Result<IncomingCall>> CallService::take_by(NumberOwner number, Wish wish) {
  const auto to_number = *wish.call.to_number;
  if (number.agent) {
    wish.agent_id = number.agent->agent_id;
    wish.version = number.agent->agent_version;
  }
  if (!number.inbound_webhook_url.empty()) {
    InboundQuestion question{.organization_id = number.organization_id,
                             .url = number.inbound_webhook_url,
                             .call_id = wish.call.call_id,
                             .from_number = *wish.call.from_number,
                             .to_number = to_number,
                             .custom_sip_headers = wish.call.custom_sip_headers.value_or(domain::TextMap())};
    if (number.agent) {
      question.agent_id = number.agent->agent_id;
      question.agent_version = number.agent->agent_version;
    }
    auto answer = co_await parts_.inbound.ask(std::move(question));
    if (answer && answer->reject) co_return fail(ErrorCode::forbidden, "the inbound webhook refuses the call");
    if (answer) {
      auto told = wish;
      if (answer->override_agent_id) {
        told.agent_id = std::move(*answer->override_agent_id);
        told.version.reset();
      }
      if (answer->override_agent_version) told.version = version_text(answer->override_agent_version);
      told.agent_override = std::move(answer->agent_override);
      told.call.retell_llm_dynamic_variables = std::move(answer->dynamic_variables);
      told.call.metadata = std::move(answer->metadata);
      if (told.agent_id.empty()) co_return fail(ErrorCode::not_found, "no agent answers calls to " + to_number);
      auto taken = co_await take_in(number.organization_id, std::move(told));
      const auto code = taken ? ErrorCode::internal : taken.error().code;
      // An answer that names what does not exist is as good as none.
      if (taken || (code != ErrorCode::unprocessable && code != ErrorCode::invalid)) co_return taken;
      log_.with("call_id", wish.call.call_id).warn("the inbound webhook's answer: {}", taken.error().message);
    }
  }
  if (wish.agent_id.empty()) co_return fail(ErrorCode::not_found, "no agent answers calls to " + to_number);
  co_return co_await take_in(number.organization_id, std::move(wish));
}

core::Task<Incoming> CallService::incoming(std::string from_number, std::string to_number, std::string carrier_call_id,
                                           domain::TextMap custom_sip_headers) {
  const auto owner = co_await parts_.numbers.owner(to_number, domain::Direction::inbound);
  if (!owner) co_return tl::unexpected(refused(owner.error(), parts_.numbers.remembered_fallback(to_number)));
  if (!owner->has_value()) {
    co_return tl::unexpected(RefusedCall{{ErrorCode::not_found, "no agent answers calls to " + to_number}});
  }
  if (auto may = may_call(**owner, from_number, to_number); !may) {
    co_return tl::unexpected(RefusedCall{std::move(may.error())});
  }
  Wish wish;
  wish.call.call_id = core::make_id("call_");
  wish.call.from_number = std::move(from_number);
  wish.call.to_number = std::move(to_number);
  wish.call.telephony_identifier = domain::TelephonyIdentifier{std::move(carrier_call_id)};
  if (!custom_sip_headers.empty()) wish.call.custom_sip_headers = std::move(custom_sip_headers);
  auto taken = co_await take_by(**owner, std::move(wish));
  if (!taken) co_return tl::unexpected(refused(std::move(taken.error()), (*owner)->fallback_number));
  co_return std::move(*taken);
}

core::Task<Incoming> CallService::incoming_for(std::string organization_id, std::string agent_id,
                                               std::string from_number, std::string to_number,
                                               std::string carrier_call_id) {
  std::string fallback;
  if (!carrier_call_id.empty()) {
    const auto owner = co_await parts_.numbers.owner(to_number, domain::Direction::inbound);
    if (!owner) co_return tl::unexpected(refused(owner.error(), parts_.numbers.remembered_fallback(to_number)));
    if (owner->has_value() && (*owner)->organization_id == organization_id) {
      if (auto may = may_call(**owner, from_number, to_number); !may) {
        co_return tl::unexpected(RefusedCall{std::move(may.error())});
      }
      fallback = (*owner)->fallback_number;
    }
  }
  Wish wish;
  wish.agent_id = std::move(agent_id);
  wish.call.from_number = std::move(from_number);
  wish.call.to_number = std::move(to_number);
  if (!carrier_call_id.empty())
    wish.call.telephony_identifier = domain::TelephonyIdentifier{std::move(carrier_call_id)};
  auto taken = co_await take_in(std::move(organization_id), std::move(wish));
  if (!taken) co_return tl::unexpected(refused(std::move(taken.error()), fallback));
  co_return std::move(*taken);
}

}  // namespace retell::services
