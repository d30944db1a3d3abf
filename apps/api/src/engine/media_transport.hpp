// How the engine hears and is heard: implemented by transports/ (Twilio, browser) and by the tests' far end.
// Everything happens on the call's worker.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "audio/frame.hpp"

namespace retell::engine {

class MediaTransport {
 public:
  // What the far end does. Implemented by CallSession; called from the transport's reader, never from inside a call
  // that the engine makes on the transport.
  class Listener {
   public:
    virtual ~Listener() = default;
    // One 20 ms frame of the caller. Frames come as they arrive; a gap in the stream is filled with silence by the
    // transport when the carrier says how much was lost.
    virtual void on_audio(const audio::AudioFrame& frame) = 0;
    // Everything sent before mark(id) has been played, or was cleared when `cleared`.
    virtual void on_mark(std::uint64_t id, bool cleared) = 0;
    virtual void on_digit(char digit) = 0;  // 0-9 * # A-D
    // The far end is gone: the caller hung up, or the connection was lost (`error` says how; empty for a hang-up).
    virtual void on_closed(std::string_view error) = 0;
  };

  virtual ~MediaTransport() = default;
  [[nodiscard]] virtual int sample_rate() const = 0;      // of frames in both directions: 8000 or 16000
  virtual void start(Listener& listener) = 0;             // frames flow from now on
  virtual void send(const audio::AudioFrame& frame) = 0;  // one frame; paced by the engine's media clock
  virtual void mark(std::uint64_t id) = 0;
  virtual void clear() = 0;  // drop what the far end has queued; pending marks come back as cleared
  // Ends the call politely: what was sent is played out (the transport waits at most 2 s), then the line is closed and
  // on_closed is called.
  virtual void hang_up() = 0;
  // A JSON text for a far end that can show it (the browser's live transcript); others ignore it.
  virtual void send_update(std::string_view /*json*/) {}
  // Samples' worth of bytes not yet handed to the kernel: how far the socket lags behind the clock.
  [[nodiscard]] virtual std::size_t queued_bytes() const { return 0; }
};

}  // namespace retell::engine
