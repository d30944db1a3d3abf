// A conversation as data: the script of one file under cases/, and what is expected of it. README.md has the fields.
#pragma once
#include <boost/json/object.hpp>

#include <memory>
#include <string>
#include <vector>

#include "conversations/world.hpp"

namespace retell::engine::turn::world {

// An action as the cases name it: {"action": "start_turn", "turn": 1, "kind": "answer", "text": "..."}.
[[nodiscard]] boost::json::object describe(const Action& action);

// Plays the case. Throws std::invalid_argument for a field that no case may have.
[[nodiscard]] std::unique_ptr<World> play(const boost::json::object& script);

// What did not come as expected, one line each; empty: all is well.
[[nodiscard]] std::vector<std::string> complaints(const boost::json::object& script, const World& world);

// The whole log, for a failing test's message.
[[nodiscard]] std::string log_text(const World& world);

}  // namespace retell::engine::turn::world
