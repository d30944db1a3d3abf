// The part of CallService that dials.
#include "domain/country_of_number.hpp"
#include "services/call_service.hpp"
#include "services/call_wish.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

constexpr auto dial_slack = 15s;  // the carrier's own time around the ringing

core::Result<> may_be_called(const NumberOwner& from, const PhoneCallRequest& request) {
  if (domain::allows(from.countries, request.to_number)) return {};
  const auto country = domain::country_of_number(request.to_number);
  std::string allowed;
  for (const auto& one : *from.countries) allowed += (allowed.empty() ? "" : ", ") + one;
  return fail(ErrorCode::unprocessable,
              "to_number: " +
                  (country ? request.to_number + " is a number of " + std::string(*country)
                           : "the country of " + request.to_number + " is not known") +
                  ", and the allowed_outbound_country_list of " + request.from_number + " is " + allowed,
              "to_number");
}

}  // namespace

core::Task<core::Result<domain::Call>> CallService::create_phone_call(std::string organization_id,
                                                                      PhoneCallRequest request) {
  Wish wish;
  wish.agent_id = request.override_agent_id.value_or("");
  wish.version = version_text(request.override_agent_version);
  const auto owner = co_await parts_.numbers.owner(request.from_number, domain::Direction::outbound);
  if (!owner) co_return tl::unexpected(owner.error());
  // Whoever may use it: it is shown to the callee, and the carrier knows the whole server's numbers.
  if (!owner->has_value() || (*owner)->organization_id != organization_id) {
    co_return fail(ErrorCode::unprocessable,
                   "Phone number " + request.from_number + " not found; import it with POST /import-phone-number",
                   "from_number");
  }
  if (const auto may = may_be_called(**owner, request); !may) co_return tl::unexpected(may.error());
  if (wish.agent_id.empty()) {
    if (!(*owner)->agent) {
      co_return fail(ErrorCode::unprocessable,
                     "no agent is bound to " + request.from_number + " for outbound calls; set override_agent_id",
                     "from_number");
    }
    wish.agent_id = (*owner)->agent->agent_id;
    if (!wish.version) wish.version = (*owner)->agent->agent_version;
  }
  wish.agent_override = std::move(request.agent_override);
  wish.call.call_type = domain::CallType::phone_call;
  wish.call.direction = domain::Direction::outbound;
  wish.call.from_number = request.from_number;
  wish.call.to_number = request.to_number;
  wish.call.metadata = std::move(request.metadata);
  wish.call.retell_llm_dynamic_variables = std::move(request.retell_llm_dynamic_variables);
  wish.call.custom_sip_headers = request.custom_sip_headers;
  wish.when_missed = domain::DisconnectionReason::dial_no_answer;
  wish.join_time = 300s + dial_slack;  // the longest ring; the carrier ends a shorter one itself
  auto live = co_await prepare(organization_id, std::move(wish));
  if (!live) co_return tl::unexpected(live.error());

  DialOrder order;
  order.call_id = live->stored.call.call_id;
  order.token = live->token;
  order.from_number = request.from_number;
  order.to_number = request.to_number;
  order.ring = std::chrono::milliseconds(static_cast<std::int64_t>(live->agent.ring_duration_ms.value_or(30'000)));
  order.sip_headers = request.custom_sip_headers.value_or(domain::TextMap{});
  const auto carrier_id = co_await parts_.launcher.dial(std::move(order));
  if (!carrier_id) {
    const auto& failure = carrier_id.error();
    const auto& call_id = live->stored.call.call_id;
    parts_.launcher.forget(call_id);
    report(call_id, Unconnected{failure.reason});
    if (failure.error.code == ErrorCode::unprocessable) co_return tl::unexpected(failure.error);
    // The call was made, and ends as one that was not connected. Clients send what fails with 429 or 5xx again, and
    // each time another call would be made.
    log_.with("call_id", call_id).warn("the call is not placed: {}", failure.error.message);
    co_return std::move(live->stored.call);
  }
  auto shown = live->stored.call;
  shown.telephony_identifier = domain::TelephonyIdentifier{*carrier_id};
  // The carrier calls already: whatever becomes of this, the call was made.
  const auto kept = co_await set_carrier_id(organization_id, shown.call_id, *carrier_id);
  if (!kept) log_.with("call_id", shown.call_id).warn("the carrier's id is not stored: {}", kept.error().message);
  co_return shown;
}

}  // namespace retell::services
