// Rules for dates and times.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>

#include "text/numbers.hpp"
#include "text/speech_rules.hpp"
#include "text/utf8.hpp"

namespace retell::text {
namespace {

constexpr std::array en_months{"January", "February", "March",     "April",   "May",      "June",
                               "July",    "August",   "September", "October", "November", "December"};
constexpr std::array pt_months{"janeiro", "fevereiro", "março",    "abril",   "maio",     "junho",
                               "julho",   "agosto",    "setembro", "outubro", "novembro", "dezembro"};

std::string day_of(unsigned day, bool pt) {
  if (pt) return day == 1 ? "primeiro" : cardinal(day, Language::pt);
  return ordinal(day, Language::en);
}

// "March fifth, twenty twenty-six", "cinco de março de dois mil e vinte e seis"; year 0 for none.
std::optional<std::string> date(unsigned day, unsigned month, unsigned year_number, bool pt) {
  if (day < 1 || day > 31 || month < 1 || month > 12) return std::nullopt;
  if (pt) {
    std::string out = day_of(day, true) + " de " + pt_months[month - 1];
    return year_number == 0 ? out : out + " de " + year(year_number, Language::pt);
  }
  std::string out = std::string(en_months[month - 1]) + " " + day_of(day, false);
  return year_number == 0 ? out : out + ", " + year(year_number, Language::en);
}

std::optional<std::string> time_pt(unsigned hour, unsigned minute) {
  if (hour > 24 || minute > 59) return std::nullopt;
  const auto hours = cardinal(hour, Language::pt, Gender::feminine);
  if (minute == 0) {
    if (hour == 0) return "zero hora";
    return hours + (hour == 1 ? " hora" : " horas");
  }
  if (hour == 0) return "zero hora e " + cardinal(minute, Language::pt);
  return hours + " e " + cardinal(minute, Language::pt);
}

std::optional<std::string> time_en(unsigned hour, unsigned minute, char half) {
  if (hour > 24 || minute > 59) return std::nullopt;
  std::string out = cardinal(hour, Language::en);
  if (minute > 0) out += minute < 10 ? " oh " + cardinal(minute, Language::en) : " " + cardinal(minute, Language::en);
  if (half != 0) return out + (half == 'a' ? " a m" : " p m");
  if (minute > 0) return out;
  if (hour == 0) return "midnight";
  return hour <= 12 ? out + " o'clock" : out + " hundred hours";
}

// The month that a card expires in, "09/27".
std::string month_and_year(unsigned month, unsigned year_number, bool pt) {
  if (pt) return std::string(pt_months[month - 1]) + " de " + year(year_number, Language::pt);
  return std::string(en_months[month - 1]) + " " + year(year_number, Language::en);
}

bool any_of(const std::vector<std::string>& words, std::initializer_list<std::string_view> wanted) {
  return std::ranges::any_of(words, [&](const auto& word) { return std::ranges::find(wanted, word) != wanted.end(); });
}

// The full name of an English month from its first letters.
std::string_view month_name(std::string_view written) {
  for (const std::string_view name : en_months) {
    if (name.starts_with(written.substr(0, 3))) return name;
  }
  return written;
}

std::optional<std::string> duration(const std::vector<std::string_view>& hours_and_minutes, Language language) {
  const unsigned hours = to_unsigned(hours_and_minutes[1]);
  const unsigned minutes = to_unsigned(hours_and_minutes[2]);
  const bool pt = language == Language::pt;
  std::string out = cardinal(hours, language, Gender::feminine) + (pt ? " hora" : " hour") + (hours == 1 ? "" : "s");
  if (hours_and_minutes[2].empty()) return out;
  out += (pt ? " e " : " ") + cardinal(minutes, language) + (pt ? " minuto" : " minute") + (minutes == 1 ? "" : "s");
  return out;
}

std::string weekday(std::string_view abbreviated) {
  static constexpr std::array<std::string_view, 7> names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                         "Friday", "Saturday", "Sunday"};
  for (const auto name : names) {
    if (name.starts_with(abbreviated.substr(0, 3))) return std::string(name);
  }
  return std::string(abbreviated);
}

}  // namespace

void SpeechRules::add_dates_and_times() {
  add(true, R"((\d{4})-(\d{2})-(\d{2}))", [this](const Groups& g, const Around&) {
    return date(to_unsigned(g[3]), to_unsigned(g[2]), to_unsigned(g[1]), pt_);
  });
  const auto slashed = [this](const Groups& g, const Around&) {
    const unsigned first = to_unsigned(g[1]);
    const unsigned second = to_unsigned(g[2]);
    return date(pt_ ? first : second, pt_ ? second : first, g.size() > 3 ? full_year(g[3]) : 0, pt_);
  };
  add(true, R"((\d{1,2})/(\d{1,2})/(\d{4}|\d{2}))", slashed);
  add(true, R"((\d{1,2})/(\d{4}))", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    const unsigned month = to_unsigned(g[1]);
    return month >= 1 && month <= 12 ? std::optional(month_and_year(month, to_unsigned(g[2]), pt_)) : std::nullopt;
  });
  add(true, R"((\d{2})/(\d{2}))", [this, slashed](const Groups& g, const Around& around) -> std::optional<std::string> {
    const unsigned month = to_unsigned(g[1]);
    const unsigned second = to_unsigned(g[2]);
    const bool expiry =
        any_of(words_before(around.before, 2), {"expires", "exp", "expiry", "expiration", "expiring", "valid", "thru",
                                                "through", "validade", "val", "valido"});
    const bool no_day = month >= 1 && month <= 12 && second > (pt_ ? 12U : 31U);
    if (expiry && month >= 1 && month <= 12) return month_and_year(month, full_year(g[2]), pt_);
    if (auto day = slashed(g, around)) return day;
    return no_day ? std::optional(month_and_year(month, full_year(g[2]), pt_)) : std::nullopt;
  });
  // "1/5" may be a fraction: a date only behind words that ask for one.
  add(true, R"((\d{1,2})/(\d{1,2}))",
      [this, slashed](const Groups& g, const Around& around) -> std::optional<std::string> {
        const auto words = words_before(around.before, 1);
        const bool asked = pt_ ? any_of(words, {"dia", "dias", "ate", "desde", "data"})
                               : any_of(words, {"on", "by", "until", "from", "before", "after", "due", "date"});
        return asked ? slashed(g, around) : std::nullopt;
      });
  if (pt_) {
    add(true, R"(1º? de (janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro))",
        [](const Groups& g, const Around&) -> std::optional<std::string> {
          return "primeiro de " + std::string(g[1]);
        });
    add(false, R"((jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)/(\d{4}|\d{2}))",
        [](const Groups& g, const Around&) -> std::optional<std::string> {
          const auto* month = std::ranges::find_if(pt_months, [&](std::string_view m) { return m.starts_with(g[1]); });
          return std::string(*month) + " de " + year(full_year(g[2]), Language::pt);
        });
    add(true, R"((\d{1,2})º? de (jan|fev|mar|abr|mai|jun|jul|ago|set|out|nov|dez)\.)",
        [](const Groups& g, const Around&) -> std::optional<std::string> {
          const unsigned day = to_unsigned(g[1]);
          const auto* month = std::ranges::find_if(pt_months, [&](std::string_view m) { return m.starts_with(g[2]); });
          if (day < 1 || day > 31 || month == pt_months.end()) return std::nullopt;
          return day_of(day, true) + " de " + *month;
        });
    add(true, R"((\d{1,2}):(\d{2})(?::\d{2})?(?:h|hs)?)",
        [](const Groups& g, const Around&) { return time_pt(to_unsigned(g[1]), to_unsigned(g[2])); });
    add(true, R"((\d{1,3})h ?(\d{1,2}) ?m(?:in)?)",
        [](const Groups& g, const Around&) { return duration(g, Language::pt); });
    add(true, R"((\d{1,2})(?:hs|h)(\d{2})?)",
        [](const Groups& g, const Around&) { return time_pt(to_unsigned(g[1]), to_unsigned(g[2])); });
    return;
  }
  add(true, R"((\d{1,3}) ?h(?: ?(\d{1,2}) ?m(?:in)?)?)",
      [](const Groups& g, const Around&) { return duration(g, Language::en); });
  add(false, R"((Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)\.? ?[\-–] ?(Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun))",
      [](const Groups& g, const Around&) -> std::optional<std::string> {
        return weekday(g[1]) + " to " + weekday(g[2]);
      });
  add(false,
      R"(((?:January|February|March|April|May|June|July|August|September|October|November|December)|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?) (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?)",
      [](const Groups& g, const Around&) -> std::optional<std::string> {
        const unsigned day = to_unsigned(g[2]);
        if (day < 1 || day > 31) return std::nullopt;
        std::string out = std::string(month_name(g[1])) + " " + day_of(day, false);
        return g[3].empty() ? out : out + ", " + year(to_unsigned(g[3]), Language::en);
      });
  add(true,
      R"((\d{1,2}) (January|February|March|April|May|June|July|August|September|October|November|December)(?:,? (\d{4}))?)",
      [](const Groups& g, const Around& around) -> std::optional<std::string> {
        const unsigned day = to_unsigned(g[1]);
        if (day < 1 || day > 31) return std::nullopt;
        const bool has_article = any_of(words_before(around.before, 1), {"the"});
        std::string out = (has_article ? "" : "the ") + day_of(day, false) + " of " + std::string(g[2]);
        return g[3].empty() ? out : out + ", " + year(to_unsigned(g[3]), Language::en);
      });
  const auto half = [](std::string_view letter) -> char {
    if (letter.empty()) return 0;
    return letter == "a" || letter == "A" ? 'a' : 'p';
  };
  add(true, R"((\d{1,2}):(\d{2})(?::\d{2})?(?: ?([aApP])(?:\.[mM]\.|[mM]))?)",
      [half](const Groups& g, const Around& around) -> std::optional<std::string> {
        auto time = time_en(to_unsigned(g[1]), to_unsigned(g[2]), half(g[3]));
        // "9:00-10:30 AM": the second time says which half of the day.
        const bool goes_on = around.behind.starts_with("-") || around.behind.starts_with("–");
        if (time && goes_on && time->ends_with(" o'clock"))
          time->resize(time->size() - std::string_view(" o'clock").size());
        return time;
      });
  add(true, R"((\d{1,2}) ?([aApP])(?:\.[mM]\.|[mM]))",
      [half](const Groups& g, const Around&) { return time_en(to_unsigned(g[1]), 0, half(g[2])); });
}

}  // namespace retell::text
