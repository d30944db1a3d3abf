// The carrier's and the caller's part of a Media Streams call as a pure machine: messages of the agent's server in,
// 20 ms ticks in, messages out. Knows neither sockets nor clocks, so minutes of conversation take milliseconds in
// tests.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/carrier_buffer.hpp"
#include "simulator/report.hpp"
#include "simulator/script.hpp"

namespace retell::simulator {

struct Moment {
  enum class Kind : std::uint8_t {
    connected,
    caller_speaks,
    caller_silent,
    agent_speaks,
    agent_silent,
    cleared,
    ended
  };
  Kind kind = Kind::connected;
  double at_ms = 0;      // of the call
  std::string label;     // what the caller says; how the call ended
  double heard_ms = -1;  // agent_speaks after the caller: the wait, by the tick
};

struct FarEndOptions {
  std::map<std::string, std::string> parameters;  // customParameters, from the TwiML
  std::string account_sid = "AC00000000000000000000000000000000";
  std::string call_sid;           // empty: a random one
  milliseconds agent_quiet{800};  // silence after which the agent has finished
  milliseconds patience{15'000};  // waiting for the agent before the caller goes on with his script
  milliseconds max_duration{300'000};
  bool send_silence = true;     // between words too, as carriers do
  bool leave_when_cut = false;  // hangs up as soon as the agent gives its turn up (a clear)
  std::function<void(const Moment&)> on_moment;
};

class FarEnd {
 public:
  FarEnd(FarEndOptions options, Script script);

  using Messages = std::vector<std::string>;
  [[nodiscard]] Messages open();                         // connected and start
  void on_message(std::string_view text, double at_ms);  // at_ms: since open()
  // Once for every 20 ms, in order. Plays, records, acts.
  [[nodiscard]] Messages tick();
  [[nodiscard]] Messages close();  // stop

  void agent_closed(std::string why);
  void hang_up();  // whatever the script still has
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] Report report();

 private:
  void advance_script(Messages& out);
  [[nodiscard]] bool may_begin(const Step& step);
  void begin(const Step& step, Messages& out);
  void hear(std::span<const std::int16_t> frame);
  void end(std::string how);
  void tell(Moment::Kind kind, std::string label = {}, double heard_ms = -1) const;
  [[nodiscard]] double now_ms() const { return static_cast<double>(ticks_) * 20.0; }
  [[nodiscard]] std::string numbered(std::string_view event, std::string_view rest);

  FarEndOptions options_;
  Script script_;
  std::string stream_sid_;
  CarrierBuffer buffer_;
  Report report_;
  std::vector<std::string> owed_marks_;  // cleared ones, answered at the next tick
  std::vector<std::int16_t> scratch_;
  std::uint64_t sequence_ = 0;
  std::uint64_t chunk_ = 0;
  std::uint64_t ticks_ = 0;
  std::size_t step_ = 0;  // the next one
  std::size_t said_ = 0;  // samples of the current Say that are out
  const Say* saying_ = nullptr;
  double step_from_ms_ = 0;     // end of the step before
  double voice_end_ms_ = 0;     // the caller's last audible frame
  double agent_since_ms_ = -1;  // audible since; -1: silent
  double agent_last_ms_ = -1;   // last audible
  bool agent_spoke_ = false;    // since the step before ended
  bool done_ = false;
};

}  // namespace retell::simulator
