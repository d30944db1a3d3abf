// Rules for quantities: dates, times, money, measures and plain numbers.
#include <re2/re2.h>

#include <array>
#include <charconv>
#include <string>

#include "text/numbers.hpp"
#include "text/speech_rules.hpp"
#include "text/utf8.hpp"

namespace retell::text {
namespace {

constexpr const char* en_number = R"((\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?))";
constexpr const char* pt_number = R"((\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?))";

constexpr std::array en_months{"January", "February", "March",     "April",   "May",      "June",
                               "July",    "August",   "September", "October", "November", "December"};
constexpr std::array pt_months{"janeiro", "fevereiro", "março",    "abril",   "maio",     "junho",
                               "julho",   "agosto",    "setembro", "outubro", "novembro", "dezembro"};

unsigned to_unsigned(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

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

unsigned full_year(std::string_view written) {
  const unsigned value = to_unsigned(written);
  if (written.size() != 2) return value;
  return value < 70 ? 2000 + value : 1900 + value;  // as POSIX reads two digits
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

struct Currency {
  std::string_view sign;
  std::string_view one, many, cent, cents;  // of the spoken language
};
constexpr std::array en_currencies{
    Currency{"R$", "real", "reais", "centavo", "centavos"}, Currency{"US$", "dollar", "dollars", "cent", "cents"},
    Currency{"$", "dollar", "dollars", "cent", "cents"}, Currency{"€", "euro", "euros", "cent", "cents"},
    Currency{"£", "pound", "pounds", "penny", "pence"}};
constexpr std::array pt_currencies{
    Currency{"R$", "real", "reais", "centavo", "centavos"}, Currency{"US$", "dólar", "dólares", "centavo", "centavos"},
    Currency{"$", "dólar", "dólares", "centavo", "centavos"}, Currency{"€", "euro", "euros", "centavo", "centavos"},
    Currency{"£", "libra", "libras", "centavo", "centavos"}};

// "R$ 1.234,56", "$5", "€ 2 milhões" from the number and the word of its scale, which may be empty.
std::optional<std::string> money(std::string_view sign, const WrittenNumber& number, std::string_view scale,
                                 Language language) {
  const bool pt = language == Language::pt;
  const auto& currencies = pt ? pt_currencies : en_currencies;
  const auto* currency = currencies.begin();
  while (currency != currencies.end() && currency->sign != sign) ++currency;
  if (currency == currencies.end()) return std::nullopt;
  const Gender gender = sign == "£" ? Gender::feminine : Gender::masculine;
  const auto many = std::string(currency->many);
  if (!scale.empty()) {
    if (scale == "k" || scale == "K") scale = pt ? "mil" : "thousand";
    if (scale == "mi") scale = "M";
    if (scale == "B" || scale == "bi") scale = pt ? (is_one(number) ? "bilhão" : "bilhões") : "billion";
    if (scale == "M") scale = pt ? (is_one(number) ? "milhão" : "milhões") : "million";
    const bool needs_de = pt && scale != "mil";
    return spoken_number(number, language) + " " + std::string(scale) + (needs_de ? " de " : " ") + many;
  }
  // Two decimals are cents; more are a rate, read as a number.
  const bool has_cents = number.fraction.size() == 2 || number.fraction.size() == 1;
  if (!number.fraction.empty() && !has_cents) return spoken_number(number, language, gender) + " " + many;
  const unsigned cents = has_cents ? to_unsigned(number.fraction) * (number.fraction.size() == 1 ? 10U : 1U) : 0U;
  const WrittenNumber whole{number.integer, ""};
  const bool zero = number.integer.find_first_not_of('0') == std::string::npos;
  const bool round_millions = pt && !zero && number.integer.size() > 6 && number.integer.ends_with("000000");
  std::string out;
  if (!zero || cents == 0) {
    out = spoken_number(whole, language, gender) + (round_millions ? " de " : " ") +
          std::string(is_one(whole) ? currency->one : currency->many);
  }
  if (cents > 0) {
    if (!out.empty()) out += pt ? " e " : " and ";
    out += cardinal(cents, language) + " " + std::string(cents == 1 ? currency->cent : currency->cents);
  }
  return out;
}

struct Unit {
  std::string_view written;
  std::string_view en_one, en_many, pt_one, pt_many;
  bool feminine = false;  // in Portuguese
};
constexpr std::array units{
    Unit{"km/h", "kilometer per hour", "kilometers per hour", "quilômetro por hora", "quilômetros por hora"},
    Unit{"mph", "mile per hour", "miles per hour", "milha por hora", "milhas por hora", true},
    Unit{"km", "kilometer", "kilometers", "quilômetro", "quilômetros"},
    Unit{"cm", "centimeter", "centimeters", "centímetro", "centímetros"},
    Unit{"mm", "millimeter", "millimeters", "milímetro", "milímetros"},
    Unit{"m²", "square meter", "square meters", "metro quadrado", "metros quadrados"},
    Unit{"kg", "kilogram", "kilograms", "quilo", "quilos"},
    Unit{"mg", "milligram", "milligrams", "miligrama", "miligramas"},
    Unit{"ml", "milliliter", "milliliters", "mililitro", "mililitros"},
    Unit{"lbs", "pound", "pounds", "libra", "libras", true},
    Unit{"lb", "pound", "pounds", "libra", "libras", true},
    Unit{"oz", "ounce", "ounces", "onça", "onças", true},
    Unit{"ft", "foot", "feet", "pé", "pés"},
    Unit{"min", "minute", "minutes", "minuto", "minutos"},
    Unit{"hrs", "hour", "hours", "hora", "horas", true},
    Unit{"seg", "second", "seconds", "segundo", "segundos"},
    Unit{"°C", "degree Celsius", "degrees Celsius", "grau Celsius", "graus Celsius"},
    Unit{"°F", "degree Fahrenheit", "degrees Fahrenheit", "grau Fahrenheit", "graus Fahrenheit"},
    Unit{"GB", "gigabyte", "gigabytes", "gigabyte", "gigabytes"},
    Unit{"MB", "megabyte", "megabytes", "megabyte", "megabytes"},
    Unit{"kWh", "kilowatt hour", "kilowatt hours", "quilowatt-hora", "quilowatts-hora"},
    Unit{"x", "time", "times", "vez", "vezes", true},
    Unit{"m", "meter", "meters", "metro", "metros"},
    Unit{"g", "gram", "grams", "grama", "gramas"}};

// Portuguese "2 pessoas" is "duas pessoas": the noun's ending tells in nearly every case.
Gender gender_of_noun(std::string_view behind) {
  if (!behind.starts_with(' ')) return Gender::masculine;
  std::size_t end = 1;
  for (CodePoint c = code_point_at(behind, end); is_letter(c.value); c = code_point_at(behind, end)) end += c.length;
  const std::string noun = fold(behind.substr(1, end - 1));
  static constexpr std::array<std::string_view, 18> masculine{
      "dia",       "dias", "para",  "cada", "problema", "problemas", "sistema", "sistemas", "programa",
      "programas", "mapa", "mapas", "tema", "temas",    "gramas",    "grama",   "agora",    "ainda"};
  const bool ends_feminine =
      noun.size() >= 4 && (noun.ends_with("as") || noun.ends_with("a") || noun.ends_with("oes") ||
                           noun.ends_with("ade") || noun.ends_with("ades"));
  static constexpr std::array<std::string_view, 14> feminine{"noite",  "noites", "vez",      "vezes",  "parte",
                                                             "partes", "mulher", "mulheres", "chave",  "chaves",
                                                             "tarde",  "tardes", "classe",   "classes"};
  if (std::find(feminine.begin(), feminine.end(), noun) != feminine.end()) return Gender::feminine;
  const bool exception = std::find(masculine.begin(), masculine.end(), noun) != masculine.end();
  static constexpr std::array<std::string_view, 6> masculine_oes{"milhoes", "bilhoes", "cartoes",
                                                                 "botoes",  "avioes",  "caminhoes"};
  if (std::find(masculine_oes.begin(), masculine_oes.end(), noun) != masculine_oes.end()) return Gender::masculine;
  return ends_feminine && !exception ? Gender::feminine : Gender::masculine;
}

}  // namespace

void SpeechRules::add_dates_and_times() {
  add(true, R"((\d{4})-(\d{2})-(\d{2}))", [this](const Groups& g, std::string_view) {
    return date(to_unsigned(g[3]), to_unsigned(g[2]), to_unsigned(g[1]), pt_);
  });
  const auto slashed = [this](const Groups& g, std::string_view) {
    const unsigned first = to_unsigned(g[1]);
    const unsigned second = to_unsigned(g[2]);
    return date(pt_ ? first : second, pt_ ? second : first, g.size() > 3 ? full_year(g[3]) : 0, pt_);
  };
  add(true, R"((\d{1,2})/(\d{1,2})/(\d{4}|\d{2}))", slashed);
  add(true, R"((\d{2})/(\d{2}))", slashed);
  if (pt_) {
    add(true, R"(1º? de (janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro))",
        [](const Groups& g, std::string_view) -> std::optional<std::string> {
          return "primeiro de " + std::string(g[1]);
        });
    add(true, R"((\d{1,2}):(\d{2})(?::\d{2})?(?:h|hs)?)",
        [](const Groups& g, std::string_view) { return time_pt(to_unsigned(g[1]), to_unsigned(g[2])); });
    add(true, R"((\d{1,3})h ?(\d{1,2}) ?m(?:in)?)",
        [](const Groups& g, std::string_view) { return duration(g, Language::pt); });
    add(true, R"((\d{1,2})(?:hs|h)(\d{2})?)",
        [](const Groups& g, std::string_view) { return time_pt(to_unsigned(g[1]), to_unsigned(g[2])); });
    return;
  }
  add(true, R"((\d{1,3}) ?h(?: ?(\d{1,2}) ?m(?:in)?)?)",
      [](const Groups& g, std::string_view) { return duration(g, Language::en); });
  add(false, R"((Mon|Tues?|Wed|Thu|Thurs|Fri|Sat|Sun) ?[\-–] ?(Mon|Tues?|Wed|Thu|Thurs|Fri|Sat|Sun))",
      [](const Groups& g, std::string_view) -> std::optional<std::string> {
        return weekday(g[1]) + " to " + weekday(g[2]);
      });
  add(false,
      R"((January|February|March|April|May|June|July|August|September|October|November|December) (\d{1,2})(?:st|nd|rd|th)?(?:,? (\d{4}))?)",
      [](const Groups& g, std::string_view) -> std::optional<std::string> {
        const unsigned day = to_unsigned(g[2]);
        if (day < 1 || day > 31) return std::nullopt;
        std::string out = std::string(g[1]) + " " + day_of(day, false);
        return g[3].empty() ? out : out + ", " + year(to_unsigned(g[3]), Language::en);
      });
  const auto half = [](std::string_view letter) -> char {
    if (letter.empty()) return 0;
    return letter == "a" || letter == "A" ? 'a' : 'p';
  };
  add(true, R"((\d{1,2}):(\d{2})(?::\d{2})?(?: ?([aApP])(?:\.[mM]\.|[mM]))?)",
      [half](const Groups& g, std::string_view) { return time_en(to_unsigned(g[1]), to_unsigned(g[2]), half(g[3])); });
  add(true, R"((\d{1,2}) ?([aApP])(?:\.[mM]\.|[mM]))",
      [half](const Groups& g, std::string_view) { return time_en(to_unsigned(g[1]), 0, half(g[2])); });
}

void SpeechRules::add_money_and_measures() {
  const std::string number = pt_ ? pt_number : en_number;
  const std::string scales = pt_ ? "(mil|milhão|milhões|bilhão|bilhões|trilhões|mi|bi|k|K|M|B)"
                                 : "(thousand|million|billion|trillion|k|K|M|B)";
  add(true, R"((R\$|US\$|\$|€|£)\s?)" + number + R"((?:\s?)" + scales + R"(\b)?)",
      [this](const Groups& g, std::string_view) {
        return money(g[1], parse_number(g[2], language_), g[3], language_);
      });
  add(true, number + R"(\s?(€))",
      [this](const Groups& g, std::string_view) { return money(g[2], parse_number(g[1], language_), {}, language_); });
  add(true, number + R"(\s?%)", [this](const Groups& g, std::string_view) -> std::optional<std::string> {
    return spoken_number(parse_number(g[1], language_), language_) + (pt_ ? " por cento" : " percent");
  });
  for (const Unit& unit : units) {
    add(true,
        R"(([\-−]?))" + number + R"(\s?)" +
            re2::RE2::QuoteMeta(re2::StringPiece(unit.written.data(), unit.written.size())),
        [this, unit](const Groups& g, std::string_view) -> std::optional<std::string> {
          const auto value = parse_number(g[2], language_);
          const bool one = is_one(value);
          const auto words = spoken_number(value, language_, unit.feminine ? Gender::feminine : Gender::masculine);
          const std::string minus = g[1].empty() ? "" : pt_ ? "menos " : "minus ";
          return minus + words + " " +
                 std::string(pt_ ? (one ? unit.pt_one : unit.pt_many) : (one ? unit.en_one : unit.en_many));
        });
  }
}

void SpeechRules::add_numbers() {
  const std::string number = pt_ ? pt_number : en_number;
  if (pt_) {
    add(true, R"((\d{1,3})(º|ª|°))", [](const Groups& g, std::string_view) -> std::optional<std::string> {
      return ordinal(to_unsigned(g[1]), Language::pt, g[2] == "ª" ? Gender::feminine : Gender::masculine);
    });
    add(true, std::string(R"([nN](?:\.?º|°|\.) ?)") + pt_number,
        [](const Groups& g, std::string_view) -> std::optional<std::string> {
          const bool named = g[1].size() > 4 && g[1].find_first_of(".,") == std::string_view::npos;
          return "número " +
                 (named ? digits(g[1], Language::pt) : spoken_number(parse_number(g[1], Language::pt), Language::pt));
        });
  } else {
    add(true, R"((\d{1,9})(?:st|nd|rd|th))", [](const Groups& g, std::string_view) -> std::optional<std::string> {
      return ordinal(to_unsigned(g[1]), Language::en);
    });
  }
  add(true, R"(#(\d+))", [this](const Groups& g, std::string_view) -> std::optional<std::string> {
    const bool long_number = g[1].size() > 4;
    return std::string(pt_ ? "número " : "number ") +
           (long_number ? digits(g[1], language_) : spoken_number(parse_number(g[1], language_), language_));
  });
  add(true, R"(24/7)", [this](const Groups&, std::string_view) -> std::optional<std::string> {
    return pt_ ? "vinte e quatro por sete" : "twenty-four seven";
  });
  add(true, R"((1/2|1/3|2/3|1/4|3/4))", [this](const Groups& g, std::string_view behind) -> std::optional<std::string> {
    if (g[1] == "1/2" && pt_) return gender_of_noun(behind) == Gender::feminine ? "meia" : "meio";
    if (g[1] == "1/2") return "one half";
    if (g[1] == "1/3") return pt_ ? "um terço" : "one third";
    if (g[1] == "2/3") return pt_ ? "dois terços" : "two thirds";
    if (g[1] == "1/4") return pt_ ? "um quarto" : "one quarter";
    return pt_ ? "três quartos" : "three quarters";
  });
  std::string unit_names;
  for (const Unit& unit : units) {
    unit_names += (unit_names.empty() ? "" : "|") +
                  re2::RE2::QuoteMeta(re2::StringPiece(unit.written.data(), unit.written.size()));
  }
  const auto range = [this](const Groups& g, std::string_view) -> std::optional<std::string> {
    const auto say = [this](std::string_view n) {
      return n.size() == 4 ? year(to_unsigned(n), language_) : cardinal(to_unsigned(n), language_);
    };
    std::string out = say(g[1]) + (pt_ ? " a " : " to ") + say(g[2]);
    if (g.size() < 4) return out;
    const auto* unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.written == g[3]; });
    return out + " " + std::string(pt_ ? unit->pt_many : unit->en_many);
  };
  add(true, R"((\d{1,4}) ?[\-–] ?(\d{1,4})\s?()" + unit_names + ")", range);
  add(true, R"((\d{1,4}) ?[\-–] ?(\d{1,4}))", range);
  add(true, R"(\d+(?:\.\d+){2,})", [this](const Groups& g, std::string_view) -> std::optional<std::string> {
    if (pt_ && g[0].size() > 4 && parse_number(g[0], language_).fraction.empty()) return std::nullopt;  // 1.234.567
    std::string out;
    for (std::size_t i = 0; i < g[0].size();) {
      const std::size_t end = std::min(g[0].find('.', i), g[0].size());
      if (!out.empty()) out += pt_ ? " ponto " : " point ";
      out += spoken_number({std::string(g[0].substr(i, end - i)), ""}, language_);
      i = end + 1;
    }
    return out;
  });
  // Seven digits in a row, or a zero in front, name something rather than count it.
  add(true, R"((?:\d{7,}|0\d+))",
      [this](const Groups& g, std::string_view) -> std::optional<std::string> { return digits(g[0], language_); });
  add(true, R"([\-−]?)" + number, [this](const Groups& g, std::string_view behind) -> std::optional<std::string> {
    if (behind.starts_with(pt_ ? "," : ".") && behind.size() > 1 && is_digit(static_cast<unsigned char>(behind[1])))
      return std::nullopt;
    std::string out = is_digit(code_point_at(g[0], 0).value) ? "" : (pt_ ? "menos " : "minus ");
    const bool four_digits = g[1].size() == 4 && (g[1].starts_with("19") || g[1].starts_with("20"));
    if (four_digits && g[1].find_first_of(".,") == std::string_view::npos)
      return out + year(to_unsigned(g[1]), language_);
    return out +
           spoken_number(parse_number(g[1], language_), language_, pt_ ? gender_of_noun(behind) : Gender::masculine);
  });
}

}  // namespace retell::text
