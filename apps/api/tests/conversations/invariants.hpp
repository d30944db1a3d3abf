// What must hold in every conversation, whatever the script: used by each case and by the property tests.
#pragma once
#include <string>
#include <vector>

#include "conversations/world.hpp"

namespace retell::engine::turn::world {

// One line for each rule that was broken; empty: all is well.
//  - at most one turn is open, ids go up, and each turn ends once: settled, interrupted or abandoned;
//  - what sounds is of the open turn, and never while it is held, nor after its interruption;
//  - a pause ends by resuming or by the turn's end, and nothing follows the call's end;
//  - the history holds of each turn exactly the words that were played: to the word when the voice gives word times, or
//    to three words by its speaking rate;
//  - words of stale turns are nowhere in it.
[[nodiscard]] std::vector<std::string> broken_rules(const World& world);

// Stale events tell these words, so that they would be found.
inline constexpr std::string_view stale_words = "Words of yesterday.";

}  // namespace retell::engine::turn::world
