#include "transports/twilio/webhook.hpp"

#include "crypto/twilio_signature.hpp"

namespace retell::transports::twilio {
namespace {

constexpr std::size_t max_form = 64UL << 10U;  // Twilio's are 1-2 KiB

std::string without_trailing_slash(std::string_view url) {
  while (!url.empty() && url.back() == '/') url.remove_suffix(1);
  return std::string(url);
}

// "SipHeader_X-Customer" gives "x-customer"; empty for what is none, or is the carriers' own business.
std::string customers_sip_header(std::string_view field) {
  constexpr std::string_view prefix = "SipHeader_";
  if (!field.starts_with(prefix)) return {};
  std::string name(field.substr(prefix.size()));
  for (auto& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const bool known = name.starts_with("x-") || name == "user-to-user" || name == "diversion" ||
                     name == "history-info" || name == "p-asserted-identity";
  return known ? name : std::string();
}

}  // namespace

core::Result<VoiceWebhook> read_voice_webhook(const net::HttpRequest& request, const WebhookOptions& options) {
  if (request.body.size() > max_form) return core::fail(core::ErrorCode::too_large, "a form of at most 64 KiB");
  const auto form = net::parse_form(request.body);
  if (options.check_signature) {
    const auto signature = request.headers.get("X-Twilio-Signature");
    const auto url = without_trailing_slash(options.public_url) + request.target;
    if (!signature || options.auth_token.empty() || !crypto::verify_twilio(options.auth_token, url, form, *signature)) {
      return core::fail(core::ErrorCode::forbidden,
                        "the X-Twilio-Signature does not fit; the public URL must be the one that Twilio calls");
    }
  }
  VoiceWebhook webhook;
  for (const auto& [name, value] : form) {
    if (name == "CallSid") webhook.call_sid = value;
    if (name == "AccountSid") webhook.account_sid = value;
    if (name == "From") webhook.from = value;
    if (name == "To") webhook.to = value;
    if (name == "Direction") webhook.direction = value;
    if (name == "CallStatus") webhook.call_status = value;
    if (name == "AnsweredBy") webhook.answered_by = value;
    if (name == "SipResponseCode") webhook.sip_code = value;
    if (auto header = customers_sip_header(name); !header.empty()) webhook.sip_headers[std::move(header)] = value;
  }
  if (webhook.call_sid.empty()) return core::fail(core::ErrorCode::invalid, "a call's id is required", "CallSid");
  return webhook;
}

std::optional<domain::DisconnectionReason> unanswered_reason(const VoiceWebhook& status) {
  using Reason = domain::DisconnectionReason;
  if (status.call_status == "busy") return status.sip_code == "603" ? Reason::user_declined : Reason::dial_busy;
  if (status.call_status == "no-answer" || status.call_status == "canceled") return Reason::dial_no_answer;
  if (status.call_status == "failed") {
    if (status.sip_code == "404" || status.sip_code == "484") return Reason::invalid_destination;
    return Reason::dial_failed;
  }
  return std::nullopt;
}

std::string websocket_url(std::string_view public_url, std::string_view path) {
  auto base = without_trailing_slash(public_url);
  if (base.starts_with("http")) base.replace(0, 4, "ws");
  return base + std::string(path);
}

}  // namespace retell::transports::twilio
