#include "transports/browser/page_transport.hpp"

#include "core/describe.hpp"
#include "transports/browser/page_messages.hpp"

namespace retell::transports::browser {
namespace {

constexpr std::size_t frame_bytes = 650;  // 20 ms of 16 kHz and a header
constexpr std::uint16_t refused = 4401;   // in the range for applications; after HTTP's 401

}  // namespace

PageTransport::PageTransport(net::WebSocket socket, const core::Executor& executor, SocketLimits limits,
                             core::Logger log)
    : SocketTransport(std::move(socket), executor, frame_bytes, limits, std::move(log)) {}

core::Task<void> PageTransport::serve(Handle handle) {
  const std::function<core::Task<void>()> run = [this, &handle] { return handle(token_, *this); };
  co_await serve_with(run);
}

void PageTransport::refuse(std::string_view reason) { socket().close(refused, reason); }

void PageTransport::start(Listener& listener) {
  SocketTransport::start(listener);
  socket().send_text(ready_message());
}

void PageTransport::send(const audio::AudioFrame& frame) {
  if (may_send()) socket().send_binary(write_sound(frame));
}

void PageTransport::send_update(std::string_view json) { socket().send_text(json); }
void PageTransport::write_mark(std::uint64_t id) { socket().send_text(mark_message(id)); }
void PageTransport::write_clear() { socket().send_text(clear_message()); }

void PageTransport::on_message(std::string_view data, bool binary) {
  if (binary) {
    audio::AudioFrame frame;
    if (token_.empty() || !read_sound(data, frame)) return bad_message("sound that is not 20 ms of 16 kHz");
    return deliver(frame);
  }
  auto message = parse_page_message(data);
  if (!message) return bad_message(core::described(message.error()));
  if (auto* access = std::get_if<AccessToken>(&*message)) {
    if (!token_.empty()) return bad_message("a second token");
    token_ = std::move(access->token);
    introduced();
  } else if (const auto* mark = std::get_if<MarkPlayed>(&*message)) {
    mark_reached(mark->id);
  } else if (const auto* key = std::get_if<KeyPressed>(&*message)) {
    deliver_digit(key->digit);
  } else if (std::holds_alternative<HangUp>(*message)) {
    far_end_left({});
  }
}

}  // namespace retell::transports::browser
