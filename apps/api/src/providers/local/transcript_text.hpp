// Puts a decoder's text in order. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace retell::providers::local {

// What Whisper writes for noise ("[BLANK_AUDIO]", "(music)", "*sighs*") taken out, white space tidied.
[[nodiscard]] std::string without_sound_marks(std::string_view text);

// The end taken off when it only begins again what has been said from some sentence on, wholly or in part, or when four
// words and more come round and round without any stop: how a decoder goes on after the end of a short recording. Short
// answers ("No. No."), and what people repeat ("no, no, no", "wait, wait a moment"), stay.
[[nodiscard]] std::string without_repetition(std::string text);

// "pt-BR" -> "pt"; "multi" and empty -> "".
[[nodiscard]] std::string language_code(std::string_view tag);

}  // namespace retell::providers::local
