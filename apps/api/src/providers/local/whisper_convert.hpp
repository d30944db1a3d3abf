// Whisper weights as CTranslate2 stores them, rewritten as the ggml file that whisper.cpp reads. Blocking (a second for
// the base model).
#pragma once
#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace retell::providers::local {

// `weights`: CTranslate2's model.bin, 16- or 32-bit floats (quantised ones are refused). `vocabulary`: its
// vocabulary.txt, one token a line in GPT-2's printable byte alphabet.
[[nodiscard]] core::Result<> convert_ctranslate2_whisper(const std::filesystem::path& weights,
                                                         const std::filesystem::path& vocabulary,
                                                         const std::filesystem::path& target);

// The same on what the files hold; `tokens` is the vocabulary as bytes. Any weights are safe. Pure, but for `out`.
[[nodiscard]] core::Result<> write_whisper_ggml(std::span<const char> weights, std::vector<std::string> tokens,
                                                std::ostream& out);

}  // namespace retell::providers::local
