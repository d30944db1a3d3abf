#include "text/speech_normaliser.hpp"

#include <algorithm>
#include <utility>

#include "text/numbers.hpp"
#include "text/speech_rules.hpp"
#include "text/utf8.hpp"

namespace retell::text {
namespace {

constexpr std::size_t max_tag = 80;  // bytes of "<break time='1s'/>" and its like
constexpr std::size_t max_link = 2000;

bool is_word_part(char32_t c) { return is_letter(c) || (c >= 0x300 && c < 0x370); }  // with combining accents
bool is_apostrophe(char32_t c) { return c == U'\'' || c == 0x2019; }
bool is_pause(char c) { return c == ',' || c == ';' || c == ':'; }
bool is_stop(char c) { return c == '.' || c == '!' || c == '?'; }

// Walks the text once, handing words to `words`.
class Reader {
 public:
  Reader(std::string_view text, Language language, const SpeechRules& rules, std::vector<SpokenWord>& words)
      : text_(text), language_(language), rules_(rules), words_(words) {}

  void run() {
    while (at_ < text_.size()) {
      if (line_start_) skip_line_marks();
      if (at_ < text_.size()) step();
    }
  }

 private:
  void step() {
    const CodePoint c = code_point_at(text_, at_);
    if (is_space(c.value)) {
      if (c.value == U'\n') line_start_ = true;
      at_ += c.length;
      return;
    }
    line_start_ = false;
    if (c.value == U'<' && skip_between('<', '>', max_tag)) return;
    if (text_.substr(at_).starts_with("](") && skip_between('(', ')', max_link)) return;
    const char32_t before = code_point_before(text_, at_).value;
    const bool begins = !is_word_part(before) && !is_digit(before);
    // The digits of "ORD-20413" name something; no rule for quantities may see them.
    const bool in_name =
        is_digit(c.value) && before == U'-' && !after_number_ && is_word_part(code_point_before(text_, at_ - 1).value);
    const bool was_number = std::exchange(after_number_, false);
    // "5%-7%": the mark between two quantities is not the sign of the second.
    const bool to_next = was_number && (c.value == U'-' || c.value == 0x2013) && !is_space(before);
    if (begins && !in_name && !to_next) {
      if (auto spoken = rules_.match(text_, at_)) {
        say(spoken->words, at_ + spoken->length);
        after_number_ =
            is_digit(c.value) || !is_letter(c.value) || c.value == U'R' || c.value == U'U';  // "$10", "R$ 10"
        return;
      }
    }
    if (is_digit(c.value)) {
      plain_digits();
    } else if (is_word_part(c.value)) {
      plain_word();
    } else {
      mark(c, was_number);
    }
  }

  // "# Title", "> quote", "- item", "* item", "---", "| cell": none of it is said.
  void skip_line_marks() {
    while (at_ < text_.size()) {
      const auto rest = text_.substr(at_);
      const char c = rest.front();
      const bool bullet = (c == '-' || c == '*' || c == '+') && rest.size() > 1 && (rest[1] == ' ' || rest[1] == c);
      const bool always = c == '#' || c == '>' || c == '|' || c == ' ' || c == '\t';
      const bool heading_number = c == '#' && rest.size() > 1 && is_digit(static_cast<unsigned char>(rest[1]));
      if ((!bullet && !always) || heading_number) break;
      ++at_;
    }
    if (!words_.empty()) new_line_ = true;
  }

  bool skip_between(char open, char close, std::size_t limit) {
    const std::size_t from = text_.find(open, at_);
    const std::size_t to = text_.find(close, from);
    if (to == std::string_view::npos || to - at_ > limit) return false;
    at_ = to + 1;
    return true;
  }

  void plain_digits() {
    const std::size_t begin = at_;
    const auto digit_at = [this](std::size_t i) {
      return i < text_.size() && is_digit(static_cast<unsigned char>(text_[i]));
    };
    const auto joins = [&](std::size_t i) {  // for a voice that reads numbers itself: "3,50", "10:30"
      return language_ == Language::other && i < text_.size() && (is_pause(text_[i]) || text_[i] == '.') &&
             digit_at(i + 1);
    };
    while (digit_at(at_) || joins(at_)) ++at_;
    const auto run = text_.substr(begin, at_ - begin);
    const std::size_t end = at_;
    at_ = begin;
    if (language_ == Language::other) {
      say(std::string(run), end);
    } else if (run.size() <= (language_ == Language::pt && begin > 0 && text_[begin - 1] == '-' ? 3U : 2U) &&
               run.front() != '0') {
      say(spoken_number({std::string(run), ""}, language_), end);  // "A4", "COVID-19", "3D", "BR-101"
    } else {
      say(digits(run, language_), end);
    }
  }

  void plain_word() {
    std::size_t end = at_;
    while (end < text_.size()) {
      const CodePoint c = code_point_at(text_, end);
      const bool joins =
          (is_apostrophe(c.value) || c.value == U'-') && is_word_part(code_point_at(text_, end + c.length).value);
      const bool number_inside = language_ == Language::other && is_digit(c.value);
      if (!is_word_part(c.value) && !joins && !number_inside) break;
      end += c.length;
    }
    const auto word = text_.substr(at_, end - at_);
    const auto unit = std::exchange(unit_next_, false) ? rules_.unit(word) : std::string_view{};
    say(std::string(unit.empty() ? word : unit), end);
  }

  void mark(const CodePoint& c, bool was_number) {
    const std::size_t begin = at_;
    const char32_t before = code_point_before(text_, begin).value;
    at_ += c.length;
    const char32_t after = code_point_at(text_, at_).value;
    switch (c.value) {
      case U'.':
        // The point of an abbreviated unit: "20 min. at most".
        if (was_number && is_space(after) && is_lower(code_point_at(text_, at_ + 1).value)) return;
        // "file.txt", "v2.0"
        if ((is_letter(before) || is_digit(before)) && (is_lower(after) || is_digit(after)) &&
            language_ != Language::other) {
          at_ = begin;
          say(language_ == Language::pt ? "ponto" : is_digit(after) ? "point" : "dot", begin + c.length);
          return;
        }
        punctuate('.', at_);
        return;
      case U'#':
      case U'*':
        key(c, after);
        return;
      case U',':
      case U';':
      case U':':
      case U'!':
      case U'?':
        punctuate(static_cast<char>(c.value), at_);
        return;
      case 0x2026:
        punctuate('.', at_);
        return;
      case 0x2014:
      case 0x2013:
      case U'-':
        if (c.value == 0x2014 || (is_space(before) && is_space(after))) {
          punctuate(',', at_);
        } else if (was_number && (is_digit(after) || currency_at(at_)) && language_ != Language::other) {
          at_ = begin;  // "9am-5pm", "10:00-14:00"
          say(language_ == Language::pt ? "a" : "to", begin + c.length);
          after_number_ = true;
        }
        return;
      case U'/':
        if (was_number && is_letter(after) && language_ != Language::other) {
          at_ = begin;  // "$10/month"
          unit_next_ = true;
          say(language_ == Language::pt ? "por" : "per", begin + c.length);
        }
        return;
      case U'(':
      case U')':
        punctuate(',', at_);
        return;
      case U'"':
      case 0x201D:
        inches(c, begin);
        return;
      case U'~':
      case 0x2248:
        if (is_digit(after) && language_ != Language::other) {
          at_ = begin;
          say(language_ == Language::pt ? "cerca de" : "about", begin + c.length);
        }
        return;
      default:
        break;
    }
    constexpr std::u32string_view kept_for_other_voices = U"$€£¥%&+=@°ºª";
    const bool kept = language_ == Language::other && kept_for_other_voices.find(c.value) != std::u32string_view::npos;
    const auto spoken = kept ? text_.substr(begin, c.length) : rules_.symbol(c.value);
    const bool glued_markdown = (c.value == U'+' || c.value == U'=') && !is_space(before) && begin != 0;
    if (spoken.empty() || glued_markdown) return;
    at_ = begin;
    // "1½" is one and a half.
    const bool added = is_digit(before) && (c.value == 0xBD || c.value == 0xBC || c.value == 0xBE);
    say((added ? language_ == Language::pt ? "e " : "and " : "") + std::string(spoken), begin + c.length);
  }

  [[nodiscard]] bool currency_at(std::size_t at) const {
    const auto rest = text_.substr(std::min(at, text_.size()));
    return rest.starts_with("$") || rest.starts_with("R$") || rest.starts_with("US$") || rest.starts_with("€") ||
           rest.starts_with("£");
  }

  // 2.5" behind a number, unless it closes a quotation.
  void inches(const CodePoint& c, std::size_t begin) {
    const auto before = text_.substr(0, begin);
    const bool quoted = std::ranges::count(before, '"') % 2 == 1 || before.find("\u201C") != std::string_view::npos;
    if (language_ == Language::other || quoted || words_.empty() || !is_digit(code_point_before(text_, begin).value))
      return;
    const auto& last = words_.back().text;
    const bool one = last == "one" || last == "half" || last.starts_with("quarter") || last.starts_with("third");
    at_ = begin;
    say(language_ == Language::pt ? "polegadas" : one ? "inch" : "inches", begin + c.length);
  }

  // The keys of a telephone: "press #", "dial *67". Elsewhere the signs are markdown.
  void key(const CodePoint& c, char32_t after) {
    const std::size_t begin = at_ - c.length;
    const bool apart = begin > 0 && is_space(code_point_before(text_, begin).value) && language_ != Language::other;
    const bool pt = language_ == Language::pt;
    std::string_view name;
    if (c.value == U'*' && is_digit(after)) name = pt ? "asterisco" : "star";
    if (c.value == U'#' && !is_letter(after) && !is_digit(after) && after != U'#')
      name = pt ? "jogo da velha" : "pound";
    if (!apart || name.empty()) return;
    at_ = begin;
    say(std::string(name), begin + c.length);
  }

  // Attaches a mark to the last word; the stronger one wins, and none is doubled.
  void punctuate(char c, std::size_t end) {
    if (words_.empty() || new_line_) return;
    std::string& last = words_.back().text;
    if (is_stop(last.back())) return;
    if (is_pause(last.back())) {
      if (!is_stop(c)) return;
      last.pop_back();
    }
    last += c;
    words_.back().end = std::max(words_.back().end, end);
  }

  void say(const std::string& words, std::size_t end) {
    if (new_line_) {
      new_line_ = false;
      // A line ends like a sentence, but is none: nothing of the original is consumed by it.
      if (!is_stop(words_.back().text.back()) && !is_pause(words_.back().text.back())) words_.back().text += '.';
    }
    for (std::size_t i = 0; i < words.size();) {
      const std::size_t space = std::min(words.find(' ', i), words.size());
      if (space > i) words_.push_back({words.substr(i, space - i), at_, end});
      i = space + 1;
    }
    at_ = end;
  }

  std::string_view text_;
  Language language_;
  const SpeechRules& rules_;
  std::vector<SpokenWord>& words_;
  std::size_t at_ = 0;
  bool line_start_ = true;
  bool new_line_ = false;
  bool unit_next_ = false;     // behind "per"
  bool after_number_ = false;  // what came right before was said by a rule for quantities
};

}  // namespace

std::vector<SpokenPiece> SpokenText::pieces(std::string_view original) const {
  std::vector<SpokenPiece> out;
  if (words_.empty()) return out;
  constexpr std::string_view blanks = " \t\r\n";
  std::size_t word = 0;
  const auto take = [&](SpokenPiece& piece, std::size_t& end) {  // what is said of the original up to `end`
    for (; word < words_.size() && words_[word].begin < end; ++word) {
      end = std::max(end, words_[word].end);
      if (!piece.said.empty()) piece.said += ' ';
      piece.said += words_[word].text;
    }
  };
  std::string silent;  // before the first piece that is said
  for (std::size_t at = original.find_first_not_of(blanks); at != std::string_view::npos;) {
    const std::size_t end = std::min(original.find_first_of(blanks, at), original.size());
    const auto token = original.substr(at, end - at);
    at = original.find_first_not_of(blanks, end);
    SpokenPiece piece{std::string(token), {}};
    std::size_t reaches = end;
    take(piece, reaches);
    while (reaches > end && at != std::string_view::npos && at < reaches) {  // "R$ 5"
      const std::size_t more = std::min(original.find_first_of(blanks, at), original.size());
      piece.text.append(" ").append(original.substr(at, more - at));
      at = original.find_first_not_of(blanks, more);
      reaches = std::max(reaches, more);
      take(piece, reaches);
    }
    if (piece.said.empty()) {
      std::string& neighbour = out.empty() ? silent : out.back().text;
      neighbour.append(neighbour.empty() ? "" : " ").append(piece.text);
      continue;
    }
    if (!silent.empty()) piece.text = std::exchange(silent, {}) + " " + piece.text;
    out.push_back(std::move(piece));
  }
  return out;
}

SpeechNormaliser::SpeechNormaliser(Language language) : language_(language), rules_(&speech_rules(language)) {}

SpokenText SpeechNormaliser::operator()(std::string_view text) const {
  SpokenText out;
  Reader(text, language_, *rules_, out.words_).run();
  for (const SpokenWord& word : out.words_) {
    if (!out.text_.empty()) out.text_ += ' ';
    out.text_ += word.text;
  }
  return out;
}

}  // namespace retell::text
