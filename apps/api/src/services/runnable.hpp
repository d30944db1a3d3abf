// What an agent may be made of so that it can be talked to here. What is stored may be more; but an agent whose caller
// waits for a transfer or an answer from its documents that never comes is worse than one that says so when it is asked
// for.
#pragma once
#include "core/result.hpp"
#include "domain/llm.hpp"

namespace retell::services {

// unprocessable, with the LLM's field that cannot be run yet.
[[nodiscard]] core::Result<> check_runnable(const domain::LlmSettings& llm);

}  // namespace retell::services
