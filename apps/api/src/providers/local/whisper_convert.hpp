// Whisper weights as CTranslate2 stores them, rewritten as the ggml file that whisper.cpp reads. Blocking (a second for
// the base model).
#pragma once
#include <filesystem>

#include "core/result.hpp"

namespace retell::providers::local {

// `weights`: CTranslate2's model.bin, 16- or 32-bit floats (quantised ones are refused). `vocabulary`: its
// vocabulary.txt, one token a line in GPT-2's printable byte alphabet.
[[nodiscard]] core::Result<> convert_ctranslate2_whisper(const std::filesystem::path& weights,
                                                         const std::filesystem::path& vocabulary,
                                                         const std::filesystem::path& target);

}  // namespace retell::providers::local
