// TwiML, the XML by which we answer Twilio's webhooks. Pure.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace retell::transports::twilio {

using StreamParameters = std::vector<std::pair<std::string, std::string>>;

// Connects the call with our media WebSocket; when that closes, the call is hung up. `url` is wss:// (Twilio takes no
// query in it, so everything the stream must know goes into the parameters).
[[nodiscard]] std::string connect_stream(std::string_view url, const StreamParameters& parameters);
// Puts the call through to a number or SIP URI; its caller hears that ring.
[[nodiscard]] std::string dial(std::string_view target);
[[nodiscard]] std::string hang_up();
// Refuses the call before it is answered, so that the caller is not charged. `busy` gives the busy tone.
[[nodiscard]] std::string reject(bool busy);

// Escapes the five characters of XML and drops what XML 1.0 cannot hold (control characters).
[[nodiscard]] std::string escape_xml(std::string_view text);

}  // namespace retell::transports::twilio
