// The WebSocket that a call's streams share at ElevenLabs, and the contexts on it. Opens when needed, or ahead; is
// replaced when a stream is cancelled in the middle of its synthesis, because nothing else makes the vendor stop.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "providers/remote/elevenlabs_tts.hpp"
#include "providers/remote/elevenlabs_wire.hpp"
#include "providers/remote/vendor_socket.hpp"

namespace retell::providers::remote {

class ElevenLabsLink {
 public:
  // A stream that has contexts here. Each call may destroy it.
  class Speaker {
   public:
    Speaker() = default;
    Speaker(const Speaker&) = delete;
    Speaker& operator=(const Speaker&) = delete;
    virtual ~Speaker() = default;
    virtual void on_piece(std::uint32_t chunk, ElevenLabsMessage message) = 0;
    // The socket is gone with every context on it. `stale`: it had been idle, so another try may do.
    virtual void on_lost(core::Error error, bool stale) = 0;
    virtual void on_tick() = 0;
  };

  ElevenLabsLink(const Place& place, std::shared_ptr<const ElevenLabsOptions> vendor, TtsOptions call);
  ~ElevenLabsLink();
  ElevenLabsLink(const ElevenLabsLink&) = delete;
  ElevenLabsLink& operator=(const ElevenLabsLink&) = delete;

  void connect();  // unless connected or connecting
  // Asks for a chunk's audio. False when the socket does not take it.
  bool speak(Speaker& speaker, std::uint32_t chunk, std::string_view text);
  void leave(Speaker& speaker);  // no call to it any more; what is still being synthesised for it is stopped

 private:
  struct Context {
    Speaker* speaker;  // null: of a stream that has left
    std::uint32_t chunk;
  };
  void on_message(std::string_view data);
  void lose(core::Error error);
  void replace();
  void tell(std::vector<Speaker*> speakers, const std::function<void(Speaker&)>& call);
  [[nodiscard]] std::vector<Speaker*> speakers() const;

  Place place_;
  std::shared_ptr<const ElevenLabsOptions> vendor_;
  TtsOptions call_;
  std::optional<VendorSocket> socket_;
  std::map<std::string, Context, std::less<>> contexts_;
  std::uint64_t next_context_ = 0;
  std::vector<Speaker*> telling_;   // still to be called; null for those that have left meanwhile
  core::TimePoint connected_at_{};  // when connect() was called for socket_
  bool waited_ = false;             // it stood idle before it was asked for what it now speaks
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // false once destroyed, for calls under way
};

}  // namespace retell::providers::remote
