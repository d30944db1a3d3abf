// Any bytes as a message of Twilio: no crash, and the fast path for media never says anything but what the complete
// parser says. The payload is decoded too, and what decodes is what another encoder would have written.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/base64.hpp"
#include "transports/browser/page_messages.hpp"
#include "transports/twilio/media_stream.hpp"
#include "transports/twilio/twiml.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace retell::transports;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string payload;
  const auto slow = twilio::parse_slowly(text, payload);
  const auto fast = twilio::parse_media_fast(text);
  if (fast && slow) {
    const auto* media = std::get_if<twilio::Media>(&*slow);
    if (media == nullptr || media->payload != fast->payload || media->timestamp_ms != fast->timestamp_ms ||
        media->inbound != fast->inbound) {
      std::abort();
    }
  }
  std::vector<std::uint8_t> bytes(size / 4 * 3);
  if (const auto count = retell::crypto::decode_base64(text, bytes)) {
    std::string again;
    retell::crypto::append_base64({bytes.data(), *count}, again);
    if (again.size() != text.size()) std::abort();
  }
  for (const char c : twilio::connect_stream(text, {{std::string(text), std::string(text)}})) {
    if (static_cast<unsigned char>(c) < 0x20) std::abort();
  }
  (void)browser::parse_page_message(text);
  return 0;
}
