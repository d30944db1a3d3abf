// Deepgram's live transcription. It does not listen to words: it says its utterances in order, each when the caller's
// sound (by loudness) or the position in the audio says so. One message in, at most a few out; no timers.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "fakes/fake_server.hpp"

namespace retell::fakes {

struct FakeUtterance {
  std::string text;
  // Seconds of the stream's audio. Both 0: spoken with the next sound that is heard, settled by the silence after it.
  double start_s = 0;
  double end_s = 0;
};

class FakeDeepgram {
 public:
  enum class Fault : std::uint8_t {
    none,
    no_handshake,     // the upgrade is never answered
    refused,          // 429 instead of the upgrade
    unauthorized,     // 401
    half_open,        // open, but nothing is read or answered, pings neither
    deaf,             // everything is read, nothing is answered
    close_1008,       // closed by policy with the first audio
    close_1011,       // closed with the first audio, as for NET-0001
    garbage,          // a message that is not JSON
    error_message,    // {"type":"Error"}
    duplicate_final,  // every final comes twice
    late_final,       // every final comes again with the next result
    shrinking,        // partials lose words before the final has them all
    no_finalize,      // Finalize is not answered
    close_waiting,    // closed as for NET-0000 with the second KeepAlive, when no audio has come
  };

  struct Options {
    std::size_t threads = 1;
    std::string api_key = "dg-key";  // what Authorization must carry
    std::vector<FakeUtterance> utterances = {};
    bool repeat = false;           // begin again after the last one
    double partial_every_s = 0.2;  // of speech
    double settle_s = 0.3;         // of silence, for utterances by loudness
    int loud = 500;                // mean absolute sample value from which sound counts as speech
    bool keep_urls = true;
  };

  explicit FakeDeepgram(Options options);

  [[nodiscard]] std::string base_url() const { return server_.url("ws"); }
  FaultSwitch<Fault> fault;
  std::atomic<int> streams{0};   // opened so far
  std::atomic<int> finished{0};  // ended by CloseStream
  std::atomic<int> keep_alives{0};
  std::atomic<int> finalizes{0};
  std::atomic<std::int64_t> samples{0};
  Record<std::string> targets;  // of the upgrade requests
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

 private:
  friend class FakeDeepgramSession;
  using Upgrade = net::UpgradeOutcome;
  core::Task<Upgrade> upgrade(net::HttpRequest request);

  Options options_;
  FakeServer server_;  // last: its threads use the rest
};

}  // namespace retell::fakes
