// A media-stream server that speaks tones and makes one mistake on purpose: what the simulator's checks are tested
// with. Without a fault it is an agent that passes all of them. The machine is pure; serve_bad_agent() puts it on a
// socket.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "net/websocket.hpp"

namespace retell::simulator {

enum class Fault : std::uint8_t {
  none,
  mute,             // accepts the call and never sends a sound
  whole_sentences,  // sends them at once, seconds ahead
  lumps,            // sends eight frames every 160 ms instead of one every 20 ms
  ignores_caller,   // talks on when it is interrupted, and clears nothing
  slow_to_stop,     // lets the caller speak for a second before it stops
  talks_over,       // stops, and goes on while the caller is still speaking
  gaps,             // leaves 100 ms out of its speech now and then
  dead_air,         // never answers
  slow_to_answer,   // after five seconds
  drift,            // its clock is 5 % slow
  garbage,          // sends messages of another call
  nameless_marks,   // asks to be told when its words were played, but not under what name
};

class BadAgent {
 public:
  explicit BadAgent(Fault fault) : fault_(fault) {}
  using Messages = std::vector<std::string>;
  [[nodiscard]] Messages on_message(std::string_view text);
  [[nodiscard]] Messages tick(double now_ms);  // every few milliseconds

 private:
  void speak(double seconds);
  [[nodiscard]] std::string media();
  void hear(float dbfs, Messages& out);
  void caller_speaks(Messages& out);
  void caller_is_silent();

  Fault fault_;
  std::string stream_sid_;
  std::uint64_t frames_left_ = 0;
  std::uint64_t frame_ = 0;  // of the current utterance
  double next_ms_ = -1;      // when the next frame is due
  int caller_voiced_ = 0;    // frames in a row
  int caller_silent_ = 0;
  bool caller_spoke_ = false;  // and has not been answered
  bool greeting_due_ = false;
  bool stopped_ = false;       // by what the caller is saying
  bool talking_over_ = false;  // gone on into it
};

[[nodiscard]] core::Task<void> serve_bad_agent(net::WebSocket socket, Fault fault);

}  // namespace retell::simulator
