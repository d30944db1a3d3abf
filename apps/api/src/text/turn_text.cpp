#include "text/turn_text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "text/utf8.hpp"
#include "text/word_lists.hpp"
#include "text/words.hpp"

namespace retell::text {
namespace {

using lists::List;

// Digit counts that end a dictated number: plain counts and ages (1-2), CVV (3), years and PINs (4), ZIP (5), CEP (8),
// telephone numbers without and with country code and CPF (10-13), CNPJ (14), cards (15, 16).
constexpr std::array<std::size_t, 13> whole_numbers{1, 2, 3, 4, 5, 8, 10, 11, 12, 13, 14, 15, 16};
// From this many digits said one by one a longer number is expected, until a whole one is reached.
constexpr std::size_t dictation_starts = 3;

bool ends_with_phrase(const std::vector<std::string>& words, std::string_view phrase) {
  std::size_t at = words.size();
  while (!phrase.empty()) {
    if (at == 0) return false;
    const std::size_t space = phrase.rfind(' ');
    const auto last = phrase.substr(space == std::string_view::npos ? 0 : space + 1);
    if (words[--at] != last) return false;
    phrase = space == std::string_view::npos ? std::string_view{} : phrase.substr(0, space);
  }
  return true;
}

bool starts_with_phrase(const std::vector<std::string>& words, std::string_view phrase) {
  std::size_t at = 0;
  while (!phrase.empty()) {
    const std::size_t space = phrase.find(' ');
    if (at == words.size() || words[at++] != phrase.substr(0, space)) return false;
    phrase = space == std::string_view::npos ? std::string_view{} : phrase.substr(space + 1);
  }
  return true;
}

template <class Test>
bool any_entry(List list, Language language, Test&& test) {
  bool found = false;
  lists::for_each(list, language, [&](std::string_view entry) { found = found || test(entry); });
  return found;
}

// The mark that ends the text, behind closing quotes and brackets; "..." counts as an ellipsis.
char32_t last_mark(std::string_view text) {
  text = trim(text);
  while (!text.empty()) {
    const CodePoint c = code_point_before(text, text.size());
    const bool closes =
        c.value == U'"' || c.value == U')' || c.value == U'\'' || c.value == 0x201D || c.value == 0x2019;
    if (!closes) break;
    text.remove_suffix(c.length);
  }
  if (text.ends_with("...") || text.ends_with("..")) return 0x2026;
  return text.empty() ? 0 : code_point_before(text, text.size()).value;
}

struct Digits {
  std::size_t count = 0;    // digits at the end of the text, said or written
  bool one_by_one = false;  // said digit by digit, so more may come
  bool whole_text = false;
};

Digits trailing_digits(const std::vector<std::string>& words, Language language) {
  Digits digits;
  std::size_t groups = 0;
  std::size_t i = words.size();
  for (; i > 0; --i) {
    const std::string& word = words[i - 1];
    const auto written =
        static_cast<std::size_t>(std::ranges::count_if(word, [](char c) { return c >= '0' && c <= '9'; }));
    const bool numeric = written > 0 && std::ranges::none_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
    if (numeric) {
      digits.count += written;
    } else if (lists::contains(List::number_word, language, word)) {
      digits.count += 1;
    } else {
      break;
    }
    ++groups;
  }
  digits.one_by_one = groups >= 2 || digits.count >= 6;
  digits.whole_text = i == 0;
  return digits;
}

}  // namespace

TurnText turn_end_likelihood(std::string_view transcript, Language language) {
  const auto words = folded_words(transcript);
  if (words.empty()) return {0.0F, TurnReason::empty};
  const char32_t mark = last_mark(transcript);
  const bool question_mark = mark == U'?';
  const bool full_stop = mark == U'.' || mark == U'!';

  if (question_mark) return {0.95F, TurnReason::question};
  if (mark == U',' || mark == U'-' || mark == U':' || mark == U';' || mark == 0x2013 || mark == 0x2014 ||
      mark == 0x2026) {
    return {0.1F, TurnReason::trailing_comma};
  }

  std::string whole = words.front();
  for (std::size_t i = 1; i < words.size(); ++i) whole += " " + words[i];
  if (lists::contains(List::short_answer, language, whole)) return {0.95F, TurnReason::short_answer};

  const Digits digits = trailing_digits(words, language);
  if (digits.count > 0 && (digits.one_by_one || digits.whole_text)) {
    const bool whole_number = std::ranges::find(whole_numbers, digits.count) != whole_numbers.end();
    const bool may_go_on =
        digits.one_by_one && digits.count >= dictation_starts && digits.count < 10 && digits.count != 8;
    if (!whole_number || may_go_on) return {0.2F, TurnReason::digits_running};
    return {digits.count <= 2 ? 0.7F : 0.85F, TurnReason::digits_complete};
  }

  const std::string& last = words.back();
  // A stop that the transcriber put behind an unfinished sentence weighs something, not much: it stops at any pause.
  const float hold = full_stop ? 0.3F : 0.1F;
  const auto ends = [&](std::string_view phrase) { return ends_with_phrase(words, phrase); };
  if (any_entry(List::closing_phrase, language, ends)) return {0.9F, TurnReason::closing};
  if (any_entry(List::open_phrase, language, ends)) return {hold, TurnReason::open_phrase};
  if (any_entry(List::tag_question, language, ends) && words.size() > 2) return {0.85F, TurnReason::tag_question};
  const bool first_is_question =
      any_entry(List::question_word, language, [&](std::string_view p) { return starts_with_phrase(words, p); });
  // "What is your name and" ends in the air, "where are you from" does not: English questions may end in a preposition.
  static constexpr std::array<std::string_view, 7> stranded{"from", "to", "for", "with", "about", "at", "is"};
  const bool ends_stranded = language != Language::pt && first_is_question && words.size() >= 3 &&
                             std::ranges::find(stranded, last) != stranded.end();
  if (lists::contains(List::filler, language, last) && !full_stop) return {0.1F, TurnReason::trailing_filler};
  if (lists::contains(List::connector, language, last) && !ends_stranded) return {hold, TurnReason::trailing_word};
  if (ends_stranded) return {0.6F, TurnReason::question};
  if (first_is_question && words.size() >= 3) return {0.8F, TurnReason::question};
  if (full_stop) return {0.85F, TurnReason::full_stop};
  return {0.5F, TurnReason::plain};
}

const char* to_string(TurnReason reason) {
  switch (reason) {
    case TurnReason::empty:
      return "empty";
    case TurnReason::trailing_comma:
      return "trailing_comma";
    case TurnReason::trailing_filler:
      return "trailing_filler";
    case TurnReason::trailing_word:
      return "trailing_word";
    case TurnReason::open_phrase:
      return "open_phrase";
    case TurnReason::digits_running:
      return "digits_running";
    case TurnReason::digits_complete:
      return "digits_complete";
    case TurnReason::short_answer:
      return "short_answer";
    case TurnReason::question:
      return "question";
    case TurnReason::tag_question:
      return "tag_question";
    case TurnReason::closing:
      return "closing";
    case TurnReason::full_stop:
      return "full_stop";
    case TurnReason::plain:
      return "plain";
  }
  return "plain";
}

}  // namespace retell::text
