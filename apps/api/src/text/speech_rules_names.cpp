// Rules for numbers that name something: codes, emergency numbers, laws, rulers and centuries.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>

#include "text/numbers.hpp"
#include "text/speech_rules.hpp"
#include "text/utf8.hpp"

namespace retell::text {
namespace {

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

// "X K seven, two nine Q four": every letter and digit by itself, a short pause at each hyphen.
std::string spell_code(std::string_view code, Language language) {
  std::string out;
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '-') {
      out += ',';
      continue;
    }
    if (!out.empty()) out += ' ';
    out += is_digit(static_cast<unsigned char>(code[i])) ? digits(code.substr(i, 1), language)
                                                         : std::string(code.substr(i, 1));
  }
  return out;
}

// Letters and digits that change places more than once: nobody reads "XK7-29Q4" as words.
bool is_code(std::string_view text) {
  int changes = 0;
  int last = -1;
  std::size_t signs = 0;
  for (const char c : text) {
    if (c == '-') continue;
    ++signs;
    const int digit = is_digit(static_cast<unsigned char>(c)) ? 1 : 0;
    if (last >= 0 && digit != last) ++changes;
    last = digit;
  }
  return signs >= 4 && changes >= 2;
}

// Of I, V and X, the letters that few other words are made of; 0 when it is no such number.
unsigned roman(std::string_view text) {
  unsigned value = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto worth = [&](std::size_t at) -> unsigned {
      if (at >= text.size()) return 0;
      return text[at] == 'X' ? 10 : text[at] == 'V' ? 5 : 1;
    };
    if (worth(i) < worth(i + 1)) {
      value += worth(i + 1) - worth(i);
      ++i;
    } else {
      value += worth(i);
    }
  }
  std::string written;  // the one right way to write it
  for (unsigned rest = value; rest > 0;) {
    static constexpr std::array<std::pair<unsigned, std::string_view>, 5> steps{
        {{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}};
    const auto* step = std::ranges::find_if(steps, [&](const auto& s) { return s.first <= rest; });
    written += step->second;
    rest -= step->first;
  }
  return written == text ? value : 0;
}

// What is counted in Roman numbers without having a name.
constexpr std::array<std::string_view, 26> counted{
    "chapter", "part",  "phase", "section", "volume", "type",     "class", "war",    "act",
    "bowl",    "level", "title", "seculo",  "sec",    "capitulo", "cap",   "inciso", "artigo",
    "parte",   "fase",  "tomo",  "guerra",  "titulo", "nivel",    "tipo",  "ato"};

// Words between the name of a number and the number: "the code is 1234", "ending in 1234".
constexpr std::array<std::string_view, 12> between{"is",     "in", "number", "no", "of", "e",
                                                   "numero", "n",  "do",     "da", "de", "com"};
constexpr std::array<std::string_view, 22> spelt_numbers{
    "code",         "pin",       "passcode",  "password", "zip",    "zipcode",  "ending", "ends",
    "confirmation", "account",   "extension", "ext",      "codigo", "senha",    "final",  "conta",
    "agencia",      "protocolo", "token",     "otp",      "cvv",    "matricula"};
constexpr std::array<std::string_view, 9> calling{"call",  "dial",   "text",   "phone",  "ligue",
                                                  "ligar", "disque", "discar", "ligando"};
// May follow a telephone number; anything else is what is counted ("call 200 customers").
constexpr std::array<std::string_view, 12> behind_calls{"or", "and", "if", "in", "for",  "now",
                                                        "ou", "e",   "se", "em", "para", "agora"};

std::string next_word(std::string_view behind) {
  if (!behind.starts_with(' ')) return {};
  std::size_t end = 1;
  for (CodePoint c = code_point_at(behind, end); is_letter(c.value); c = code_point_at(behind, end)) end += c.length;
  return fold(behind.substr(1, end - 1));
}

bool names_digits(std::string_view before) {
  for (const auto& word : words_before(before, 3)) {
    if (holds(spelt_numbers, word)) return true;
    if (!holds(between, word)) return false;
  }
  return false;
}

// "IL 62704"
bool after_state(std::string_view before) {
  if (before.size() < 4 || before.back() != ' ' || before[before.size() - 4] != ' ') return false;
  return is_upper(static_cast<unsigned char>(before[before.size() - 3])) &&
         is_upper(static_cast<unsigned char>(before[before.size() - 2]));
}

}  // namespace

void SpeechRules::add_names() {
  if (!pt_) {
    add(false, R"(([NSEW])\.)", [](const Groups& g, const Around& around) -> std::optional<std::string> {
      const auto before = trim(around.before);
      const bool in_address = !before.empty() && is_digit(static_cast<unsigned char>(before.back())) &&
                              around.behind.starts_with(' ') && is_upper(code_point_at(around.behind, 1).value);
      if (!in_address) return std::nullopt;
      return g[1] == "N" ? "North" : g[1] == "S" ? "South" : g[1] == "E" ? "East" : "West";
    });
  }
  if (pt_) {  // a score: "3 x 1"
    add(true, R"((\d{1,2}) x (\d{1,2}))", [](const Groups& g, const Around&) -> std::optional<std::string> {
      return cardinal(to_unsigned(g[1]), Language::pt) + " a " + cardinal(to_unsigned(g[2]), Language::pt);
    });
  }
  // "U.S.", "P.O.". The last point is the sentence's own before a capital letter and at the end.
  const auto initials = [](std::string_view dotted) {
    std::string out;
    for (const char c : dotted) {
      if (c == '.') continue;
      if (!out.empty()) out += ' ';
      out += c;
    }
    return out;
  };
  add(false, R"((?:[A-Z]\.){2,})", [initials](const Groups& g, const Around& around) -> std::optional<std::string> {
    const char32_t next = code_point_at(trim(around.behind), 0).value;
    if (next == 0 || is_upper(next)) return std::nullopt;
    return initials(g[0]);
  });
  add(false, R"((?:[A-Z]\.)+[A-Z])",
      [initials](const Groups& g, const Around&) -> std::optional<std::string> { return initials(g[0]); });
  add(false, R"(([A-Z])(\+\+?))", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    const std::string plus = pt_ ? " mais" : " plus";
    return std::string(g[1]) + plus + (g[2].size() > 1 ? plus : "");
  });
  if (pt_) {
    add(false, R"(([cps])/)", [](const Groups& g, const Around& around) -> std::optional<std::string> {
      if (!around.behind.starts_with(' ')) return std::nullopt;
      return g[1] == "c" ? "com" : g[1] == "p" ? "para" : "sem";
    });
  }
  add(false, R"([IVX]{2,6})", [this](const Groups& g, const Around& around) -> std::optional<std::string> {
    const unsigned value = roman(g[0]);
    if (value == 0) return std::nullopt;
    const auto words = words_before(around.before, 1);
    if (pt_ && next_word(around.behind) == "de") return cardinal(value, language_);  // "rua XV de Novembro"
    if (words.empty()) return std::nullopt;
    if (holds(counted, words.front())) return cardinal(value, language_);
    const auto before = trim(around.before);
    const auto space = before.rfind(' ');
    const auto name = before.substr(space == std::string_view::npos ? 0 : space + 1);
    if (!is_upper(code_point_at(name, 0).value) || is_upper(code_point_before(name, name.size()).value))
      return std::nullopt;
    if (!pt_) return "the " + ordinal(value, language_);
    const bool feminine = words.front().ends_with('a');
    if (value > 10) return cardinal(value, language_);
    return ordinal(value, language_, feminine ? Gender::feminine : Gender::masculine);
  });
}

void SpeechRules::add_numbered_things() {
  add(true, R"(\d{3,6})", [this](const Groups& g, const Around& around) -> std::optional<std::string> {
    const bool goes_on = !around.behind.empty() &&
                         std::string_view(".,:/-").find(around.behind.front()) != std::string_view::npos &&
                         is_digit(code_point_at(around.behind, 1).value);
    if (goes_on) return std::nullopt;
    if (names_digits(around.before)) return digits(g[0], language_);
    if (g[0].size() == 5 && !pt_ && after_state(around.before)) return digits(g[0], language_);
    const auto words = words_before(around.before, 4);  // "call 911 or 311", "text 741741"
    const bool called = std::ranges::any_of(words, [](const auto& word) { return holds(calling, word); });
    const auto next = next_word(around.behind);
    return called && (next.empty() || holds(behind_calls, next)) ? std::optional(digits(g[0], language_))
                                                                 : std::nullopt;
  });
  add(true, R"((\d{2,8})-(0\d+)|(\d{3,})-(\d{5,}))",  // "2026-000451"
      [this](const Groups& g, const Around&) -> std::optional<std::string> {
        const std::size_t first = g[1].empty() ? 3 : 1;
        return digits(g[first], language_) + ", " + digits(g[first + 1], language_);
      });
  add(true, R"(#(\d+))", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    const bool long_number = g[1].size() > 4;
    return std::string(pt_ ? "número " : "number ") +
           (long_number ? digits(g[1], language_) : spoken_number(parse_number(g[1], language_), language_));
  });
  if (!pt_) {
    add(true, R"([nN]os?\. ?(\d{1,6}))", [](const Groups& g, const Around&) -> std::optional<std::string> {
      return "number " + cardinal(to_unsigned(g[1]), Language::en);
    });
  } else {
    const std::string sign = R"([nN](?:\.?º|°|\.) ?)";
    add(true, sign + R"((\d{1,3}(?:\.\d{3})*|\d{1,5})/(\d{4}|\d{2}))",  // "Lei nº 8.078/90"
        [](const Groups& g, const Around&) -> std::optional<std::string> {
          return "número " + spoken_number(parse_number(g[1], Language::pt), Language::pt) + " de " +
                 year(full_year(g[2]), Language::pt);
        });
    add(true, sign + R"((\d{1,3}(?:\.\d{3})+|\d+))",
        [](const Groups& g, const Around& around) -> std::optional<std::string> {
          const bool goes_on = !around.behind.empty() &&
                               std::string_view(".-/").find(around.behind.front()) != std::string_view::npos &&
                               is_digit(code_point_at(around.behind, 1).value);
          if (goes_on) return std::nullopt;
          const bool named = g[1].size() > 4 && g[1].find('.') == std::string_view::npos;
          return "número " +
                 (named ? digits(g[1], Language::pt) : spoken_number(parse_number(g[1], Language::pt), Language::pt));
        });
    add(true, sign + R"((\d+(?:[.\-/]\d+)+))", [](const Groups& g, const Around&) -> std::optional<std::string> {
      std::string out = "número";
      for (std::size_t i = 0; i < g[1].size();) {
        const std::size_t end = std::min(g[1].find_first_of(".-/", i), g[1].size());
        out += (i == 0 ? " " : ", ") + digits(g[1].substr(i, end - i), Language::pt);
        i = end + 1;
      }
      return out;
    });
    add(false, R"([nN]º)", [](const Groups&, const Around&) -> std::optional<std::string> { return "número"; });
  }
  add(false, R"([A-Z0-9]+(?:-[A-Z0-9]+)*)", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    return is_code(g[0]) ? std::optional(spell_code(g[0], language_)) : std::nullopt;
  });
}

}  // namespace retell::text
