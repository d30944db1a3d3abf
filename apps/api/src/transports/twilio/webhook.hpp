// Twilio's webhooks: who sent them, and what they say. Pure, any thread.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "domain/call.hpp"
#include "net/http_message.hpp"

namespace retell::transports::twilio {

// The fields of a voice webhook or status callback that we use. What Twilio leaves out is empty.
struct VoiceWebhook {
  std::string call_sid;
  std::string account_sid;
  std::string from;  // E.164, or a SIP address
  std::string to;
  std::string direction;    // inbound, outbound-api
  std::string call_status;  // queued ringing in-progress completed busy no-answer canceled failed
  std::string answered_by;  // with machine detection
  std::string sip_code;     // SipResponseCode, of failed calls
  // Of calls that come by SIP, those that customers may see: X-*, User-to-User, Diversion, History-Info and
  // P-Asserted-Identity, their names in lower case.
  std::map<std::string, std::string> sip_headers;
};

struct WebhookOptions {
  std::string auth_token;
  // What Twilio calls us by: scheme, host and port. Behind a proxy the request itself does not know that, and headers
  // such as X-Forwarded-Host come from whoever wrote them, so they are never looked at.
  std::string public_url;
  bool check_signature = true;
};

// `forbidden` when the signature is missing or wrong, `invalid` when it is no form or names no call.
[[nodiscard]] core::Result<VoiceWebhook> read_voice_webhook(const net::HttpRequest& request,
                                                            const WebhookOptions& options);

// How an outbound call ended without being answered; nothing for a status that is none of these.
[[nodiscard]] std::optional<domain::DisconnectionReason> unanswered_reason(const VoiceWebhook& status);

// ws://host/path for http://host and wss:// for https://.
[[nodiscard]] std::string websocket_url(std::string_view public_url, std::string_view path);

}  // namespace retell::transports::twilio
