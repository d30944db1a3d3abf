// The numbers by which late things are told from current ones.
#pragma once
#include <cstdint>

namespace retell::engine::turn {

using TurnId = std::uint32_t;       // the epoch: one thing the agent says, from 1; never reused. 0: none
using PauseId = std::uint32_t;      // one silence of the caller, from 1: raised by every SpeechEnded
using UtteranceId = std::uint32_t;  // one segment of the transcriber: partials of it, then its final; counts up
using ClauseId = std::uint32_t;     // one piece of text given to the synthesiser; counts up within a turn

}  // namespace retell::engine::turn
