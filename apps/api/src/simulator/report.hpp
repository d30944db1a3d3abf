// What a simulated call showed, measured at the caller's ear, and whether that is good enough. Pure.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "simulator/carrier_buffer.hpp"

namespace retell::simulator {

// An agent's answer to the caller.
struct TurnHeard {
  std::string label;     // what the caller said
  double heard_ms = -1;  // his last audible sample to the agent's first; negative: no answer came
};

// The caller spoke into the agent's words.
struct BargeIn {
  std::string label;
  double cut_ms = -1;  // the caller's first audible sample to silence at his ear; negative: the agent never stopped
};

struct Channels {
  std::vector<std::int16_t> caller;  // 8 kHz, both of the same length
  std::vector<std::int16_t> agent;
};

// What the caller said and when, in samples of the recording, as the far end noted it.
struct Spoken {
  std::string label;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool interruption = false;
  bool expects_answer = true;  // false when the caller went on or hung up himself
};

struct Report {
  bool connected = false;
  std::string ended_by;  // "caller", "agent", or what went wrong
  double seconds = 0;
  std::vector<TurnHeard> turns;
  std::vector<BargeIn> barge_ins;
  Pacing pacing;
  std::uint64_t marks = 0;
  std::uint64_t bad_messages = 0;  // of the agent's server, not understood
  std::vector<Spoken> spoken;      // in its order
  Channels channels;
};

struct Limits {
  double max_heard_ms = 4'000;  // longer is dead air
  double max_cut_ms = 800;
  double max_queued_ms = 220;  // 200 ms and one frame in flight
  std::uint64_t max_gaps = 0;
  double max_drift = 0.02;
};

struct Check {
  std::string name;  // connected, answers, barge_in, queue, gaps, drift, messages
  bool passed = false;
  std::string detail;
};

struct Verdict {
  std::vector<Check> checks;
  [[nodiscard]] bool passed() const;
  [[nodiscard]] bool failed(const std::string& name) const;  // that check was made and failed
};

[[nodiscard]] Verdict judge(const Report& report, const Limits& limits = {});

// Fills turns and barge_ins from the two channels and what was spoken.
void measure(Report& report);

}  // namespace retell::simulator
