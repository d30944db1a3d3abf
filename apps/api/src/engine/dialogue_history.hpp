// The conversation so far as a language model is given it. Pure.
#pragma once
#include <string>
#include <vector>

#include "engine/turn/history.hpp"
#include "providers/llm.hpp"

namespace retell::engine {

// Neighbouring lines of one speaker are joined. A tool's result stands right behind its call, whenever it came: models
// refuse any other history. Of a call that has no result yet the model is told so, lest it call again. `extra`: what
// the caller said beyond the history (a speculation); with `extends` it stands in place of the caller's last turn.
[[nodiscard]] std::vector<providers::LlmMessage> to_messages(const std::string& system_prompt,
                                                             const turn::History& history, const std::string& extra,
                                                             bool extends);

}  // namespace retell::engine
