#include "text/speech_rules.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>

#include "text/numbers.hpp"
#include "text/utf8.hpp"
#include "text/words.hpp"

namespace retell::text {
namespace {

struct Abbreviation {
  std::string_view written;  // without its point, case as written
  std::string_view spoken;
};

constexpr std::array en_abbreviations{
    Abbreviation{"Dr", "Doctor"},       Abbreviation{"Mr", "Mister"},        Abbreviation{"Mrs", "Missus"},
    Abbreviation{"Ms", "Miz"},          Abbreviation{"Prof", "Professor"},   Abbreviation{"St", "Saint"},
    Abbreviation{"Ave", "Avenue"},      Abbreviation{"Apt", "Apartment"},    Abbreviation{"Ste", "Suite"},
    Abbreviation{"Blvd", "Boulevard"},  Abbreviation{"Rd", "Road"},          Abbreviation{"Jr", "Junior"},
    Abbreviation{"Sr", "Senior"},       Abbreviation{"vs", "versus"},        Abbreviation{"etc", "et cetera"},
    Abbreviation{"e.g", "for example"}, Abbreviation{"i.e", "that is"},      Abbreviation{"approx", "approximately"},
    Abbreviation{"dept", "department"}, Abbreviation{"Inc", "Incorporated"}, Abbreviation{"Ltd", "Limited"},
    Abbreviation{"ext", "extension"},   Abbreviation{"a.m", "a m"},          Abbreviation{"p.m", "p m"},
    Abbreviation{"Ph.D", "P H D"},      Abbreviation{"govt", "government"},  Abbreviation{"Mt", "Mount"},
    Abbreviation{"Gov", "Governor"},    Abbreviation{"Sen", "Senator"},      Abbreviation{"Rev", "Reverend"},
    Abbreviation{"Capt", "Captain"},    Abbreviation{"Sgt", "Sergeant"},     Abbreviation{"Hwy", "Highway"},
    Abbreviation{"Ln", "Lane"},         Abbreviation{"Corp", "Corporation"}, Abbreviation{"Co", "Company"},
    Abbreviation{"Rm", "Room"},         Abbreviation{"Bldg", "Building"},    Abbreviation{"fl", "floor"},
    Abbreviation{"Mon", "Monday"},      Abbreviation{"Tue", "Tuesday"},      Abbreviation{"Tues", "Tuesday"},
    Abbreviation{"Wed", "Wednesday"},   Abbreviation{"Thu", "Thursday"},     Abbreviation{"Thurs", "Thursday"},
    Abbreviation{"Fri", "Friday"},      Abbreviation{"Sat", "Saturday"},     Abbreviation{"Jan", "January"},
    Abbreviation{"Feb", "February"},    Abbreviation{"Aug", "August"},       Abbreviation{"Sept", "September"},
    Abbreviation{"Oct", "October"},     Abbreviation{"Nov", "November"},     Abbreviation{"Dec", "December"}};
constexpr std::array pt_abbreviations{Abbreviation{"Dr", "doutor"},
                                      Abbreviation{"Dra", "doutora"},
                                      Abbreviation{"Sr", "senhor"},
                                      Abbreviation{"Sra", "senhora"},
                                      Abbreviation{"Srs", "senhores"},
                                      Abbreviation{"Sras", "senhoras"},
                                      Abbreviation{"Srta", "senhorita"},
                                      Abbreviation{"Prof", "professor"},
                                      Abbreviation{"Profa", "professora"},
                                      Abbreviation{"Av", "avenida"},
                                      Abbreviation{"R", "rua"},
                                      Abbreviation{"Al", "alameda"},
                                      Abbreviation{"Rod", "rodovia"},
                                      Abbreviation{"Pça", "praça"},
                                      Abbreviation{"etc", "etcétera"},
                                      Abbreviation{"a.m", "ao mês"},
                                      Abbreviation{"a.a", "ao ano"},
                                      Abbreviation{"seg", "segunda"},
                                      Abbreviation{"ter", "terça"},
                                      Abbreviation{"qua", "quarta"},
                                      Abbreviation{"qui", "quinta"},
                                      Abbreviation{"sex", "sexta"},
                                      Abbreviation{"sáb", "sábado"},
                                      Abbreviation{"dom", "domingo"},
                                      Abbreviation{"p. ex", "por exemplo"},
                                      Abbreviation{"p.ex", "por exemplo"},
                                      Abbreviation{"ex", "exemplo"},
                                      Abbreviation{"tel", "telefone"},
                                      Abbreviation{"Tel", "telefone"},
                                      Abbreviation{"aprox", "aproximadamente"},
                                      Abbreviation{"apto", "apartamento"},
                                      Abbreviation{"Apto", "apartamento"},
                                      Abbreviation{"Eng", "engenheiro"},
                                      Abbreviation{"pág", "página"},
                                      Abbreviation{"art", "artigo"},
                                      Abbreviation{"Cia", "companhia"},
                                      Abbreviation{"Ltda", "limitada"},
                                      Abbreviation{"cj", "conjunto"},
                                      Abbreviation{"bl", "bloco"},
                                      Abbreviation{"lj", "loja"},
                                      Abbreviation{"qd", "quadra"},
                                      Abbreviation{"sl", "sala"},
                                      Abbreviation{"Ed", "edifício"},
                                      Abbreviation{"Jd", "Jardim"},
                                      Abbreviation{"Vl", "Vila"},
                                      Abbreviation{"Pq", "Parque"},
                                      Abbreviation{"Tv", "travessa"},
                                      Abbreviation{"Sto", "Santo"},
                                      Abbreviation{"Sta", "Santa"},
                                      Abbreviation{"Pe", "padre"},
                                      Abbreviation{"Gal", "general"},
                                      Abbreviation{"séc", "século"},
                                      Abbreviation{"jan", "janeiro"},
                                      Abbreviation{"fev", "fevereiro"},
                                      Abbreviation{"abr", "abril"},
                                      Abbreviation{"ago", "agosto"},
                                      Abbreviation{"nov", "novembro"},
                                      Abbreviation{"obs", "observação"},
                                      Abbreviation{"Obs", "observação"}};

struct Symbol {
  char32_t character;
  std::string_view en;
  std::string_view pt;
};
constexpr std::array symbols{Symbol{U'&', "and", "e"},
                             Symbol{U'+', "plus", "mais"},
                             Symbol{U'=', "equals", "igual a"},
                             Symbol{U'@', "at", "arroba"},
                             Symbol{0xB1, "plus or minus", "mais ou menos"},
                             Symbol{U'%', "percent", "por cento"},
                             Symbol{0xB0, "degrees", "graus"},
                             Symbol{0xA7, "section", "parágrafo"},
                             Symbol{0xBD, "one half", "meio"},
                             Symbol{0xBC, "one quarter", "um quarto"},
                             Symbol{0xBE, "three quarters", "três quartos"},
                             Symbol{0x2153, "one third", "um terço"},
                             Symbol{0x2154, "two thirds", "dois terços"},
                             Symbol{0xD7, "times", "vezes"}};

std::string_view view_of(const re2::StringPiece& piece) {
  return piece.data() == nullptr ? std::string_view{} : std::string_view(piece.data(), piece.size());
}

}  // namespace

SpeechRules::SpeechRules(Language language) : language_(language), pt_(language == Language::pt) {
  if (language_ == Language::other) return;
  add_addresses();
  add_digit_groups();
  add_names();
  add_dates_and_times();
  add_money_and_measures();
  add_numbered_things();
  add_numbers();
}

SpeechRules::~SpeechRules() = default;

void SpeechRules::add(bool at_digit, const std::string& pattern, Say say) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<re2::RE2>(pattern, options);
  rules_.push_back(Rule{std::move(compiled), std::move(say), at_digit});
}

std::optional<SpeechRules::Spoken> SpeechRules::match(std::string_view text, std::size_t at) const {
  if (language_ == Language::other) return std::nullopt;
  const CodePoint first = code_point_at(text, at);
  constexpr std::string_view starters = "+-($#RUnN'";
  const bool ascii_starter =
      first.value < 0x80 && starters.find(static_cast<char>(first.value)) != std::string_view::npos;
  const bool digit_like =
      is_digit(first.value) || ascii_starter || first.value == 0x20AC || first.value == 0xA3 || first.value == 0x2212;
  if (!digit_like && !is_letter(first.value)) return std::nullopt;
  for (const Rule& rule : rules_) {
    if (rule.at_digit && !digit_like) continue;
    std::array<re2::StringPiece, 8> found;
    const int groups = rule.pattern->NumberOfCapturingGroups() + 1;
    if (!rule.pattern->Match(re2::StringPiece(text.data(), text.size()), at, text.size(), re2::RE2::ANCHOR_START,
                             found.data(), groups)) {
      continue;
    }
    const std::size_t length = found[0].size();
    if (length == 0) continue;
    const std::size_t end = at + length;
    const char32_t next = code_point_at(text, end).value;
    if (is_letter(next) || is_digit(next)) continue;  // "3D", "10kgs": not the whole thing
    Groups parts;
    for (int i = 0; i < groups; ++i) parts.push_back(view_of(found[static_cast<std::size_t>(i)]));
    if (auto words = rule.say(parts, {text.substr(0, at), text.substr(end)})) return Spoken{std::move(*words), length};
  }
  return is_letter(first.value) ? abbreviation(text, at) : std::nullopt;
}

std::optional<SpeechRules::Spoken> SpeechRules::abbreviation(std::string_view text, std::size_t at) const {
  const auto rest = text.substr(at);
  const auto look = [&](const auto& table) -> std::optional<Spoken> {
    for (const Abbreviation& a : table) {
      if (!rest.starts_with(a.written) || rest.size() <= a.written.size() || rest[a.written.size()] != '.') continue;
      const std::size_t behind = a.written.size() + 1;
      const char32_t next = code_point_at(rest, behind).value;
      if (is_letter(next) || is_digit(next)) continue;
      // The point stays where it also ends the text.
      const bool ends_text = trim(rest.substr(behind)).empty();
      // "St. Louis", but "Baker St., London".
      const bool before_name = next == U' ' && is_upper(code_point_at(rest, behind + 1).value);
      const auto spoken = a.written == "St" && !before_name ? std::string_view("Street") : a.spoken;
      return Spoken{std::string(spoken), ends_text ? behind - 1 : behind};
    }
    return std::nullopt;
  };
  return pt_ ? look(pt_abbreviations) : look(en_abbreviations);
}

std::string_view SpeechRules::symbol(char32_t c) const {
  if (language_ == Language::other) return {};
  for (const Symbol& s : symbols) {
    if (s.character == c) return pt_ ? s.pt : s.en;
  }
  return {};
}

std::vector<std::string> words_before(std::string_view before, std::size_t count) {
  constexpr std::size_t looked_at = 64;
  if (before.size() > looked_at) before.remove_prefix(before.size() - looked_at);
  for (std::size_t i = 0; i + 1 < before.size(); ++i) {
    const bool stop = before[i] == '!' || before[i] == '?' || before[i] == '\n';
    // "ext. 42" is one sentence; a point before a capital letter ends one.
    const bool point = before[i] == '.' && before[i + 1] == ' ' && is_upper(code_point_at(before, i + 2).value);
    if (!stop && !point) continue;
    before.remove_prefix(i + 1);
    i = 0;
  }
  auto words = folded_words(before);
  if (words.size() > count) words.erase(words.begin(), words.end() - static_cast<std::ptrdiff_t>(count));
  std::ranges::reverse(words);
  return words;
}

const SpeechRules& speech_rules(Language language) {
  static const SpeechRules english(Language::en);
  static const SpeechRules portuguese(Language::pt);
  static const SpeechRules other(Language::other);
  switch (language) {
    case Language::en:
      return english;
    case Language::pt:
      return portuguese;
    case Language::other:
      return other;
  }
  return other;
}

}  // namespace retell::text
