// How a simulated conversation is shown to people and programs.
#pragma once
#include <string>

#include "app/commands/conversation.hpp"
#include "simulator/far_end.hpp"

namespace retell::app {

void tell_moment(const simulator::Moment& moment);    // one line on standard output as it happens
void tell_outcome(const Conversation& conversation);  // transcript, latencies, recording, verdict
[[nodiscard]] std::string to_json(const Conversation& conversation);

}  // namespace retell::app
