// Call events as the call page shows them; sent through MediaTransport::send_update. Pure.
//   {"type": "live", "role": "user" | "agent", "text": "...", "final": false, "turn": 3}   words while they come
//   {"type": "transcript", "transcript": [{"role": "agent", "content": "...", "interrupted": true}, ...]}   so far
//   {"type": "latency", "latency": {"turn": 3, "heard_ms": 640, "end_of_turn_ms": ..., ...}}   unknown ones are null
//   {"type": "ended", "reason": "user_hangup"}
#pragma once
#include <boost/json/object.hpp>

#include <optional>
#include <string>

#include "engine/call_event.hpp"

namespace retell::transports::browser {

// Nothing for an event that the page does not show.
[[nodiscard]] std::optional<std::string> call_update(const engine::CallEvent& event);

// One turn's waiting, as in the "latency" message; whole milliseconds, null where it is not known.
[[nodiscard]] boost::json::object latency_object(const engine::TurnLatency& latency);

}  // namespace retell::transports::browser
