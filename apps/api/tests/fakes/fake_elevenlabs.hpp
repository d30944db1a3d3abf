// ElevenLabs' multi-context synthesis: a tone as long as the text would take, with the times of its characters.
#pragma once
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "fakes/fake_server.hpp"

namespace retell::fakes {

class FakeElevenLabs {
 public:
  enum class Fault : std::uint8_t {
    none,
    no_handshake,      // the upgrade is never answered
    refused,           // 429 instead of the upgrade
    unauthorized,      // 401
    half_open,         // open, but nothing is read or answered, pings neither
    deaf,              // everything is read, nothing is answered
    close_1008,        // "Maximum simultaneous contexts exceeded" with the first text
    mid_stream_close,  // closed after a context's first piece
    mid_stream_stall,  // nothing more after a context's first piece
    zero_audio,        // contexts end without any
    no_alignment,      // audio without the times of characters
    garbage,           // a message that is not JSON
    error_message,     // {"error": …}
    slow_first_byte,   // `slow` before the first piece
    swapped,           // the second context's audio comes before the first's
    stray_context,     // audio of a context that nobody asked for comes between
  };

  struct Options {
    std::size_t threads = 1;
    std::string api_key = "xi-key";
    int milliseconds_per_character = 60;
    std::chrono::milliseconds piece{200};  // of audio in one message
    std::chrono::milliseconds first_piece_delay{0};
    std::chrono::milliseconds slow{400};
    std::size_t most_contexts = 5;
    bool keep_texts = true;
  };

  FakeElevenLabs() : FakeElevenLabs(Options{}) {}
  explicit FakeElevenLabs(Options options);

  [[nodiscard]] std::string base_url() const { return server_.url("ws"); }
  FaultSwitch<Fault> fault;     // taken when a socket is opened
  std::atomic<int> sockets{0};  // opened so far
  std::atomic<int> closed{0};   // ended, by whomever
  std::atomic<int> contexts{0};
  std::atomic<bool> drop_idle{false};  // close each socket once its context has been served
  Record<std::string> targets;
  Record<std::string> texts;
  Record<std::string> settings;  // voice_settings of each context, as JSON
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

 private:
  friend class FakeElevenLabsSession;
  using Upgrade = net::UpgradeOutcome;
  core::Task<Upgrade> upgrade(net::HttpRequest request);

  Options options_;
  FakeServer server_;  // last: its threads use the rest
};

}  // namespace retell::fakes
