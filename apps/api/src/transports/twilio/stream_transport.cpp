#include "transports/twilio/stream_transport.hpp"

#include <algorithm>
#include <charconv>

#include "audio/g711.hpp"
#include "core/describe.hpp"
#include "crypto/base64.hpp"

namespace retell::transports::twilio {
namespace {

constexpr std::size_t max_payload = 64UL << 10U;  // six seconds of sound in one message; Twilio sends 216 characters
constexpr std::uint64_t max_gap_ms = 2'000;       // a longer hole is a clock that jumped; listening goes on behind it
constexpr std::size_t samples_per_ms = 8;
constexpr std::size_t frame_bytes = 320;  // 216 characters of sound, and JSON around them

}  // namespace

StreamTransport::StreamTransport(net::WebSocket socket, const core::Executor& executor, SocketLimits limits,
                                 core::Logger log)
    : SocketTransport(std::move(socket), executor, frame_bytes, limits, std::move(log)), framer_(audio::narrowband) {}

core::Task<void> StreamTransport::serve(Handle handle) {
  const std::function<core::Task<void>()> run = [this, &handle] { return handle(*start_, *this); };
  co_await serve_with(run);
}

void StreamTransport::send(const audio::AudioFrame& frame) {
  if (writer_ && may_send()) socket().send_text(writer_->media(frame));
}

void StreamTransport::write_mark(std::uint64_t id) {
  if (writer_) socket().send_text(writer_->mark(std::to_string(id)));
}

void StreamTransport::write_clear() {
  if (writer_) socket().send_text(writer_->clear());
}

void StreamTransport::on_message(std::string_view data, bool binary) {
  if (binary) return bad_message("binary, where Twilio sends text");
  auto event = parser_.parse(data);
  if (!event) return bad_message(core::described(event.error()));
  if (const auto* media = std::get_if<Media>(&*event)) {
    on_media(*media);
  } else if (auto* mark = std::get_if<MarkReached>(&*event)) {
    std::uint64_t id = 0;
    const auto* end = mark->name.data() + mark->name.size();
    if (std::from_chars(mark->name.data(), end, id).ptr == end) mark_reached(id);
  } else if (const auto* digit = std::get_if<Digit>(&*event)) {
    deliver_digit(digit->digit);
  } else if (auto* start = std::get_if<StreamStart>(&*event)) {
    if (start_) return bad_message("a second start");
    writer_.emplace(start->stream_sid);
    start_ = std::move(*start);
    introduced();
  } else if (std::holds_alternative<Stop>(*event)) {
    far_end_left({});
  }
}

void StreamTransport::on_media(const Media& media) {
  if (!start_ || !media.inbound) return;
  if (media.payload.size() > max_payload) return bad_message("a media message of impossible length");
  codes_.resize(media.payload.size() / 4 * 3);
  const auto count = crypto::decode_base64(media.payload, codes_);
  if (!count) return bad_message("a payload that is not base64");
  if (media.timestamp_ms) {
    fill_gap(*media.timestamp_ms);
    next_ms_ = *media.timestamp_ms + *count / samples_per_ms;
  }
  samples_.resize(*count);
  audio::ulaw_decode({codes_.data(), *count}, samples_);
  framer_.push(samples_, [this](const audio::AudioFrame& frame) { deliver(frame); });
}

// The timestamps jitter by some milliseconds and may stand still; only a hole of a whole frame is a loss.
void StreamTransport::fill_gap(std::uint64_t timestamp_ms) {
  if (!next_ms_ || timestamp_ms < *next_ms_ + audio::frame_ms) return;
  const auto missing = std::min(timestamp_ms - *next_ms_, max_gap_ms) / audio::frame_ms;
  const audio::AudioFrame silence(audio::narrowband);
  for (std::uint64_t i = 0; i < missing; ++i) framer_.push(silence.samples(), [this](const auto& f) { deliver(f); });
  filled_ += missing;
}

}  // namespace retell::transports::twilio
