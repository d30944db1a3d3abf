// What is not said the way it is written: one rule for each kind of thing (money, a date, a web address), tried in
// order. Inside this module only; built once, then any thread.
#pragma once
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/language.hpp"

namespace re2 {
class RE2;
}

namespace retell::text {

class SpeechRules {
 public:
  explicit SpeechRules(Language language);
  ~SpeechRules();
  SpeechRules(const SpeechRules&) = delete;
  SpeechRules& operator=(const SpeechRules&) = delete;

  struct Spoken {
    std::string words;       // separated by single spaces; a word may carry a comma
    std::size_t length = 0;  // bytes of the text that they speak
  };
  // `at` is where a word or symbol begins. Nothing when it is said as written.
  [[nodiscard]] std::optional<Spoken> match(std::string_view text, std::size_t at) const;
  // "&", "%", "+" standing alone; empty for any other.
  [[nodiscard]] std::string_view symbol(char32_t c) const;
  // "kilogram" for the "kg" of "$5/kg", in the singular; empty when it is no unit.
  [[nodiscard]] std::string_view unit(std::string_view written) const;

 private:
  using Groups = std::vector<std::string_view>;
  struct Around {
    std::string_view before, behind;  // the rest of the text
  };
  // The words for a match, or nothing when it only looked like one.
  using Say = std::function<std::optional<std::string>(const Groups&, const Around&)>;
  struct Rule {
    std::unique_ptr<re2::RE2> pattern;
    Say say;
    bool at_digit;  // it begins with a digit or one of "+-(R$US€£#<"; the others begin with a letter
  };

  void add(bool at_digit, const std::string& pattern, Say say);
  void add_addresses();
  void add_digit_groups();
  void add_names();
  void add_dates_and_times();
  void add_money_and_measures();
  void add_numbers();
  void add_numbered_things();
  [[nodiscard]] std::optional<Spoken> abbreviation(std::string_view text, std::size_t at) const;

  Language language_;
  bool pt_;
  std::vector<Rule> rules_;
};

// The words before a number that tell what kind of number it is, the nearest first, folded: at most `count`, none
// before the end of a sentence.
[[nodiscard]] std::vector<std::string> words_before(std::string_view before, std::size_t count);

// The rules of a language, made when they are first asked for.
[[nodiscard]] const SpeechRules& speech_rules(Language language);

}  // namespace retell::text
