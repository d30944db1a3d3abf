// How long a prompt may be. Pure.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "json/errors.hpp"

namespace retell::domain {

inline constexpr std::size_t most_prompt_tokens = 32'768;  // Retell's, of what a model is given before the conversation

// How many tokens a model makes of a text, rather too few than too many: what is refused for its length is too long for
// every model. Each model has a tokenizer of its own, and which one a call will use is not known when its prompt is
// stored. What they have in common, GPT's and those that were made after it, is that a text is first cut into words,
// groups of up to three digits, runs of punctuation and gaps, and that none of these pieces is ever joined with the
// next: their number is the least. What no tokenizer knows as one piece counts more: a word for each 16 letters that it
// has, and writing without gaps between its words (Chinese, Japanese, Thai) for each two characters. Measured with
// GPT's own (o200k_base) on this project's documents, English has a sixth more tokens than that, Portuguese a quarter
// more.
[[nodiscard]] std::size_t least_tokens(std::string_view text);

// Adds "must be at most 32768 tokens …" when the prompt is longer, together with `before` tokens of the prompt `with`
// that stands before it.
void check_prompt(json::Problems& problems, const std::string& field, const std::optional<std::string>& prompt,
                  std::size_t before = 0, std::string_view with = {});

}  // namespace retell::domain
