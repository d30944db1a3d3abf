// The conversation so far as a language model is given it. Pure.
#pragma once
#include <string>
#include <vector>

#include "engine/call_event.hpp"
#include "providers/llm.hpp"

namespace retell::engine {

// Neighbouring lines of one speaker are joined; a tool's call and its result become a pair; a call without a result yet
// is left out, because models refuse such a history. `extra`: what the caller said beyond the history (a speculation).
[[nodiscard]] std::vector<providers::LlmMessage> to_messages(const std::string& system_prompt,
                                                             const std::vector<Utterance>& lines,
                                                             const std::string& extra);

}  // namespace retell::engine
