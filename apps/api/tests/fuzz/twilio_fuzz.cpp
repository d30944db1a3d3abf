// What comes from Twilio, or from whoever says to be Twilio, besides the media stream: webhooks' forms, and answers of
// its REST API. No form gets in without the right signature, whatever it holds.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/twilio_signature.hpp"
#include "transports/twilio/rest.hpp"
#include "transports/twilio/twiml.hpp"
#include "transports/twilio/webhook.hpp"

namespace {

using namespace retell;
using namespace retell::transports;

void webhook(std::string_view text) {
  const auto line = text.find('\n');
  net::HttpRequest request;
  request.method = "POST";
  request.target = "/twilio/voice?" + std::string(text.substr(0, line));
  request.body = line == std::string_view::npos ? std::string() : std::string(text.substr(line + 1));
  const auto form = net::parse_form(request.body);

  const auto unsigned_one = twilio::read_voice_webhook(
      request, {.auth_token = "", .public_url = "https://a.example", .check_signature = false});
  if (unsigned_one) {
    if (unsigned_one->call_sid.empty()) std::abort();
    (void)twilio::unanswered_reason(*unsigned_one);
  }
  twilio::WebhookOptions options{.auth_token = "secret", .public_url = "https://a.example/"};
  if (twilio::read_voice_webhook(request, options)) std::abort();
  request.headers.set("X-Twilio-Signature", std::string(text.substr(0, line)));
  if (twilio::read_voice_webhook(request, options)) std::abort();
  request.headers.set("X-Twilio-Signature", crypto::sign_twilio("secret", "https://a.example" + request.target, form));
  if (twilio::read_voice_webhook(request, options).has_value() != unsigned_one.has_value()) std::abort();
  options.auth_token.clear();  // a server without a token lets nobody in
  if (twilio::read_voice_webhook(request, options)) std::abort();
}

void rest(std::string_view text, unsigned status) {
  net::HttpResponse response;
  response.status = status;
  response.body = std::string(text);
  const auto call = twilio::read_created_call(response);
  if (!call) (void)twilio::disconnection_reason(call.error());
  if (call && (status < 200 || status > 299)) std::abort();
}

// What is put into TwiML comes out as text of it: no markup, no control characters.
void twiml(std::string_view text) {
  const auto escaped = twilio::escape_xml(text);
  if (escaped.find_first_of("<>\"'") != std::string::npos) std::abort();
  (void)twilio::websocket_url(text, "/media/twilio");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 3U) {
    case 0:
      webhook(text);
      break;
    case 1:
      rest(text, data[1] % 2U == 0 ? 201 : 100 + data[1] * 2U);
      break;
    default:
      twiml(text);
  }
  return 0;
}
