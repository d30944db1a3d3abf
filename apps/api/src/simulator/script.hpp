// What the simulated caller does, step by step. Plain values.
#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace retell::simulator {

using std::chrono::milliseconds;

struct Say {
  std::vector<std::int16_t> samples;  // 8 kHz
};
struct Press {
  char digit = 0;
};
struct Wait {};  // its `delay` is all it does
struct HangUp {};

// When a step begins, counted from the end of the one before it.
enum class When : std::uint8_t {
  at_once,             // after `delay`
  after_agent,         // the agent has spoken and been silent for `agent_quiet`, then `delay`
  while_agent_speaks,  // the agent has been audible for `delay`: an interruption when the step is a Say
};

struct Step {
  When when = When::at_once;
  milliseconds delay{0};
  std::variant<Say, Press, Wait, HangUp> what;
  std::string label;  // for people: the words, the file's name
};
using Script = std::vector<Step>;

}  // namespace retell::simulator
