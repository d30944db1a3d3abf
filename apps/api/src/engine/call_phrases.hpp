// The few sentences that the engine itself says, in the call's language. Pure.
#pragma once
#include <string>
#include <string_view>

#include "engine/turn/actions.hpp"
#include "text/language.hpp"

namespace retell::engine {

// While something takes long.
[[nodiscard]] inline std::string filler(std::string_view language, turn::Stage waiting_for) {
  const bool portuguese = text::language_of(language) == text::Language::pt;
  if (waiting_for == turn::Stage::tool)
    return portuguese ? "Só um momento, estou verificando." : "One moment, I'm checking.";
  return portuguese ? "Só um momento." : "One moment.";
}

// When nothing helps any more.
[[nodiscard]] inline std::string apology(std::string_view language) {
  return text::language_of(language) == text::Language::pt
             ? "Desculpe, estou com um problema técnico. Por favor, ligue de novo daqui a pouco."
             : "I'm sorry, I'm having a technical problem. Please call again in a moment.";
}

// When the server stops under the call.
[[nodiscard]] inline std::string farewell(std::string_view language) {
  return text::language_of(language) == text::Language::pt
             ? "Desculpe, preciso encerrar a ligação agora. Por favor, ligue de novo."
             : "I'm sorry, I have to end the call now. Please call again.";
}

}  // namespace retell::engine
