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
  bursts,          // sends whole sentences at once
  ignores_caller,  // talks on when it is interrupted, and clears nothing
  gaps,            // leaves 100 ms out of its speech now and then
  dead_air,        // never answers
  drift,           // its clock is 5 % slow
  garbage,         // sends messages that no carrier understands
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

  Fault fault_;
  std::string stream_sid_;
  std::uint64_t frames_left_ = 0;
  std::uint64_t frame_ = 0;  // of the current utterance
  double next_ms_ = -1;      // when the next frame is due
  int caller_voiced_ = 0;    // frames in a row
  int caller_silent_ = 0;
  bool caller_spoke_ = false;  // and has not been answered
  bool greeting_due_ = false;
};

[[nodiscard]] core::Task<void> serve_bad_agent(net::WebSocket socket, Fault fault);

}  // namespace retell::simulator
