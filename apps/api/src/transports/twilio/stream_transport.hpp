// A telephone call over Twilio Media Streams: 8 kHz both ways, buffered by Twilio, which answers marks when it has
// played up to them and plays nothing more after a clear. Lives on the worker of its socket.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "audio/resampler.hpp"
#include "transports/socket_transport.hpp"
#include "transports/twilio/media_stream.hpp"

namespace retell::transports::twilio {

class StreamTransport final : public SocketTransport {
 public:
  StreamTransport(net::WebSocket socket, const core::Executor& executor, SocketLimits limits, core::Logger log);

  // Runs the connection to its end. `handle` is called when Twilio has said which call this is; it must check the
  // one-time token among the parameters before anything else, and returns when the call has ended.
  using Handle = std::function<core::Task<void>(const StreamStart& start, engine::MediaTransport& transport)>;
  [[nodiscard]] core::Task<void> serve(Handle handle);

  [[nodiscard]] int sample_rate() const override { return audio::narrowband; }
  void send(const audio::AudioFrame& frame) override;

  [[nodiscard]] std::uint64_t filled_frames() const { return filled_; }  // silence put where the carrier lost sound

 private:
  void on_message(std::string_view data, bool binary) override;
  void write_mark(std::uint64_t id) override;
  void write_clear() override;
  void on_media(const Media& media);
  void fill_gap(std::uint64_t timestamp_ms);

  StreamParser parser_;
  audio::Framer framer_;
  std::optional<StreamStart> start_;
  std::optional<StreamWriter> writer_;
  std::vector<std::uint8_t> codes_;       // scratch
  std::vector<std::int16_t> samples_;     // scratch
  std::optional<std::uint64_t> next_ms_;  // where the next frame should begin
  std::uint64_t filled_ = 0;
};

}  // namespace retell::transports::twilio
