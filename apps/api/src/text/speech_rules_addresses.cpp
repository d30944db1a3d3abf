// Rules for what is spelt out: e-mail and web addresses, telephone numbers, documents' numbers.
#include <re2/re2.h>

#include <algorithm>
#include <string>

#include "text/numbers.hpp"
#include "text/speech_rules.hpp"
#include "text/utf8.hpp"

namespace retell::text {
namespace {

// Letters as they are, marks by name, digits one by one.
std::string spell_address(std::string_view address, Language language) {
  const bool pt = language == Language::pt;
  std::string out;
  const auto add = [&out](std::string_view word) {
    if (!out.empty() && out.back() != ' ') out += ' ';
    out += word;
  };
  bool in_word = false;
  for (std::size_t i = 0; i < address.size();) {
    const CodePoint c = code_point_at(address, i);
    const auto piece = address.substr(i, c.length);
    i += c.length;
    if (is_letter(c.value)) {
      if (!in_word) add("");
      in_word = true;
      out += piece;
      continue;
    }
    in_word = false;
    if (is_digit(c.value)) {
      add(digits(piece, language));
      continue;
    }
    switch (c.value) {
      case U'.':
        add(pt ? "ponto" : "dot");
        break;
      case U'@':
        add(pt ? "arroba" : "at");
        break;
      case U'-':
        add(pt ? "hífen" : "dash");
        break;
      case U'_':
        add(pt ? "sublinhado" : "underscore");
        break;
      case U'+':
        add(pt ? "mais" : "plus");
        break;
      case U'/':
        add(pt ? "barra" : "slash");
        break;
      case U'?':
        add(pt ? "interrogação" : "question mark");
        break;
      case U'=':
        add(pt ? "igual" : "equals");
        break;
      case U'&':
        add(pt ? "e comercial" : "ampersand");
        break;
      case U'#':
        add(pt ? "cerquilha" : "hash");
        break;
      case U':':
        add(pt ? "dois pontos" : "colon");
        break;
      case U'%':
        add(pt ? "por cento" : "percent");
        break;
      default:
        break;
    }
  }
  return out;
}

// "800" of a telephone number, which nobody spells.
std::string_view round_hundreds(std::string_view group, bool first, Language language) {
  if (language == Language::pt) {
    if (group == "0800") return "zero oitocentos";
    if (group == "0300") return "zero trezentos";
    return group == "0500" ? "zero quinhentos" : std::string_view{};
  }
  if (!first) return {};
  return group == "800" ? "eight hundred" : group == "900" ? "nine hundred" : std::string_view{};
}

// Each run of digits one by one, with a comma (a short pause) between runs.
std::string spell_groups(std::string_view number, Language language) {
  std::string out;
  for (std::size_t i = 0; i < number.size();) {
    if (number[i] < '0' || number[i] > '9') {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < number.size() && number[end] >= '0' && number[end] <= '9') ++end;
    const auto group = number.substr(i, end - i);
    const auto hundreds = round_hundreds(group, out.empty() || out == "one", language);
    if (!out.empty()) out += ", ";
    out += hundreds.empty() ? digits(group, language) : std::string(hundreds);
    i = end;
  }
  return out;
}

}  // namespace

void SpeechRules::add_addresses() {
  add(false, R"([A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+)",
      [this](const Groups& g, const Around&) -> std::optional<std::string> { return spell_address(g[0], language_); });
  // A full stop or comma behind an address belongs to the sentence; the last character must be another.
  add(false, R"((?:https?://|www\.)(?:www\.)?([^\s<>()\[\]"']*[^\s<>()\[\]"'.,;:!?*_]))",
      [this](const Groups& g, const Around&) -> std::optional<std::string> {
        auto address = g[1];
        while (address.ends_with('/')) address.remove_suffix(1);
        return spell_address(address, language_);
      });
  add(false,
      R"((?:[A-Za-z0-9\-]+\.)+(?:com|org|net|io|ai|app|dev|gov|edu|br)(?:\.br)?(?:/[^\s<>()\[\]"']*[^\s<>()\[\]"'.,;:!?*_/])?/?)",
      [this](const Groups& g, const Around&) -> std::optional<std::string> {
        auto address = g[0];
        while (address.ends_with('/')) address.remove_suffix(1);
        return spell_address(address, language_);
      });
}

void SpeechRules::add_digit_groups() {
  const auto grouped = [this](const Groups& g, const Around&) -> std::optional<std::string> {
    return spell_groups(g[0], language_);
  };
  add(true, R"(\d{3}\.\d{3}\.\d{3}-\d{2})", grouped);            // CPF
  add(true, R"(\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2})", grouped);      // CNPJ
  add(true, R"(\d{5}-\d{3})", grouped);                          // CEP
  add(true, R"(\d{3}-\d{2}-\d{4})", grouped);                    // US social security
  add(true, R"(\d(?:-\d){2,})", grouped);                        // "9-1-1"
  add(true, R"(\d{4}[ \-]\d{4}[ \-]\d{4}[ \-]\d{4})", grouped);  // cards
  const auto international = [this](const Groups& g, const Around&) -> std::optional<std::string> {
    return std::string(pt_ ? "mais " : "plus ") + spell_groups(g[0], language_);
  };
  add(true, R"(\+(55)(\d{2})(\d{4,5})(\d{4}))", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    std::string out = pt_ ? "mais " : "plus ";
    for (std::size_t i = 1; i <= 4; ++i) out += (i == 1 ? "" : ", ") + digits(g[i], language_);
    return out;
  });
  add(true, R"(\+\d{1,3}[ .\-]?\(?\d{2,3}\)?[ .\-]?\d{3,5}[ .\-]?\d{4})", international);
  add(true, R"(\+\d{7,15})", international);
  add(true, R"(\(\d{2,3}\) ?\d{3,5}[ .\-]?\d{4})", grouped);
  add(true, R"(\d{2} \d{4,5}-\d{4})", grouped);
  if (pt_) {
    add(true, R"(0[358]00[ \-]?\d{3}[ \-]?\d{3,4})",
        [this](const Groups& g, const Around&) -> std::optional<std::string> {
          const auto rest = spell_groups(g[0].substr(4), language_);
          return spell_groups(g[0].substr(0, 4), language_) + ", " + rest;
        });
    add(true, R"(\d{1,2}\.\d{3}\.\d{3}-\d)", grouped);  // RG
  } else {
    add(true, R"(1[ .\-]\(?\d{3}\)?[ .\-]\d{3}[ .\-]\d{4})", grouped);
  }
  add(true, R"(\d{3}[ .\-]\d{3}[ .\-]\d{4})", grouped);
  add(true, R"((\d{3,5})-(\d{4}))", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    const auto is_year = [](std::string_view s) {
      return s.size() == 4 && (s.starts_with("19") || s.starts_with("20"));
    };
    if (is_year(g[1]) && is_year(g[2])) return std::nullopt;  // "1990-1995" is a span of years
    return spell_groups(g[0], language_);
  });
}

}  // namespace retell::text
