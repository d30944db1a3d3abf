// Where a turn's time went, and what the caller heard of it. Pure but for measure_recording(), which reads a file.
#pragma once
#include <string>
#include <vector>

#include "core/result.hpp"
#include "engine/call_event.hpp"
#include "engine/turn/actions.hpp"

namespace retell::engine {

// From the moments of a turn; heard_ms is then our own view (last voiced sample to the first frame sent).
[[nodiscard]] TurnLatency to_latency(const turn::TurnTimed& timed);

// A turn and when it became audible, in milliseconds of the recording.
struct AudibleTurn {
  std::uint32_t turn = 0;
  double at_ms = 0;
};

struct HeardLatency {
  std::uint32_t turn = 0;
  double heard_ms = 0;
};

// Puts the recording's own view into a turn. What it adds to ours, or takes off, happened on the way out: the parts
// still add up to heard_ms.
void correct(TurnLatency& latency, double heard_ms);

// What the two channels themselves say: the caller's last voiced sample to the agent's first audible one, for each turn
// that can be found. Blocks (0.1 % of the recording's length); file pool only.
[[nodiscard]] core::Result<std::vector<HeardLatency>> measure_recording(const std::string& path,
                                                                        const std::vector<AudibleTurn>& turns);

}  // namespace retell::engine
