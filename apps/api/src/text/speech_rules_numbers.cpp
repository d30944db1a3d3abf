// Rules for quantities: money, measures and plain numbers.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <string>

#include "text/numbers.hpp"
#include "text/speech_rules.hpp"
#include "text/utf8.hpp"

namespace retell::text {
namespace {

// The language's own way, and the other's where it cannot be mistaken.
constexpr const char* en_number = R"((\d{1,3}(?:\.\d{3})+,\d{1,2}|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?))";
constexpr const char* pt_number = R"((\d{1,3}(?:,\d{3})+\.\d{1,2}|\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?))";

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
    if (pt && scale == "mil" && is_one(number)) return "mil " + many;
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
  std::string_view en_one, en_many, pt_one, pt_many;  // empty: not a unit in this language
  bool feminine = false;                              // in Portuguese
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
    Unit{"mins", "minute", "minutes", {}, {}},
    Unit{"min", "minute", "minutes", "minuto", "minutos"},
    Unit{"hrs", "hour", "hours", "hora", "horas", true},
    Unit{"seg", "second", "seconds", "segundo", "segundos"},
    Unit{"°C", "degree Celsius", "degrees Celsius", "grau Celsius", "graus Celsius"},
    Unit{"°F", "degree Fahrenheit", "degrees Fahrenheit", "grau Fahrenheit", "graus Fahrenheit"},
    Unit{"km²", "square kilometer", "square kilometers", "quilômetro quadrado", "quilômetros quadrados"},
    Unit{"GHz", "gigahertz", "gigahertz", "giga-hertz", "giga-hertz"},
    Unit{"MHz", "megahertz", "megahertz", "mega-hertz", "mega-hertz"},
    Unit{"kHz", "kilohertz", "kilohertz", "quilo-hertz", "quilo-hertz"},
    Unit{"Gbps", "gigabit per second", "gigabits per second", "gigabit por segundo", "gigabits por segundo"},
    Unit{"Mbps", "megabit per second", "megabits per second", "megabit por segundo", "megabits por segundo"},
    Unit{"TB", "terabyte", "terabytes", "terabyte", "terabytes"},
    Unit{"GB", "gigabyte", "gigabytes", "gigabyte", "gigabytes"},
    Unit{"KB", "kilobyte", "kilobytes", "quilobyte", "quilobytes"},
    Unit{"hr", "hour", "hours", {}, {}},
    Unit{"secs", "second", "seconds", {}, {}},
    Unit{"mi", "mile", "miles", {}, {}},
    Unit{"kW", "kilowatt", "kilowatts", "quilowatt", "quilowatts"},
    Unit{"¢", "cent", "cents", "centavo", "centavos"},
    Unit{"MB", "megabyte", "megabytes", "megabyte", "megabytes"},
    Unit{"kWh", "kilowatt hour", "kilowatt hours", "quilowatt-hora", "quilowatts-hora"},
    Unit{"x", "time", "times", "vez", "vezes", true},
    Unit{"m", "meter", "meters", "metro", "metros"},
    Unit{"g", "gram", "grams", "grama", "gramas"}};

// Digits one by one, with a short pause where people put one in a number of that length.
std::string in_groups(std::string_view number, Language language) {
  const bool pt = language == Language::pt;
  std::string_view groups;  // their lengths
  switch (number.size()) {
    case 10:
      groups = pt ? "244" : "334";
      break;
    case 11:
      groups = !pt ? "1334" : number[2] == '9' ? "254" : "3332";  // a mobile telephone, else a CPF
      break;
    case 14:
      groups = pt ? "23342" : "";
      break;
    case 16:
      groups = "4444";
      break;
    default:
      break;
  }
  if (groups.empty()) return digits(number, language);
  std::string out;
  for (const char length : groups) {
    const auto size = static_cast<std::size_t>(length - '0');
    out += (out.empty() ? "" : ", ") + digits(number.substr(0, size), language);
    number.remove_prefix(size);
  }
  return out;
}

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

void SpeechRules::add_money_and_measures() {
  const std::string number = pt_ ? pt_number : en_number;
  const std::string scales = pt_ ? "(mil|milhão|milhões|bilhão|bilhões|trilhões|mi|bi|k|K|M|B)"
                                 : "(thousand|million|billion|trillion|k|K|M|B)";
  add(true, R"(([\-−]?)(R\$|US\$|\$|€|£)\s?)" + number + R"((?:\s?)" + scales + R"(\b)?)",
      [this](const Groups& g, const Around&) {
        auto amount = money(g[2], parse_number(g[3], language_), g[4], language_);
        if (amount && !g[1].empty()) amount->insert(0, pt_ ? "menos " : "minus ");
        return amount;
      });
  add(true, number + R"(\s?(€))",
      [this](const Groups& g, const Around&) { return money(g[2], parse_number(g[1], language_), {}, language_); });
  add(true, number + R"(\s?%)", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    return spoken_number(parse_number(g[1], language_), language_) + (pt_ ? " por cento" : " percent");
  });
  for (const Unit& unit : units) {
    if ((pt_ ? unit.pt_one : unit.en_one).empty()) continue;
    add(true,
        R"(([\-−]?))" + number + R"(\s?)" +
            re2::RE2::QuoteMeta(re2::StringPiece(unit.written.data(), unit.written.size())),
        [this, unit](const Groups& g, const Around&) -> std::optional<std::string> {
          const auto value = parse_number(g[2], language_);
          const bool one = is_one(value);
          const auto words = spoken_number(value, language_, unit.feminine ? Gender::feminine : Gender::masculine);
          const std::string minus = g[1].empty() ? "" : pt_ ? "menos " : "minus ";
          return minus + words + " " +
                 std::string(pt_ ? (one ? unit.pt_one : unit.pt_many) : (one ? unit.en_one : unit.en_many));
        });
  }
}

std::string_view SpeechRules::unit(std::string_view written) const {
  if (written == "s") return pt_ ? "segundo" : "second";
  if (written == "h" || written == "hr") return pt_ ? "hora" : "hour";
  const auto* found = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.written == written; });
  if (found == units.end()) return {};
  return pt_ ? found->pt_one : found->en_one;
}

void SpeechRules::add_numbers() {
  const std::string number = pt_ ? pt_number : en_number;
  if (pt_) {
    add(true, R"((\d{1,3})(º|ª|°))", [](const Groups& g, const Around&) -> std::optional<std::string> {
      return ordinal(to_unsigned(g[1]), Language::pt, g[2] == "ª" ? Gender::feminine : Gender::masculine);
    });
  } else {
    add(true, R"((\d{1,9})(?:st|nd|rd|th))", [](const Groups& g, const Around&) -> std::optional<std::string> {
      return ordinal(to_unsigned(g[1]), Language::en);
    });
  }
  if (!pt_) {
    add(true, R"((\d{3}0|'\d0)s)", [](const Groups& g, const Around&) -> std::optional<std::string> {
      static constexpr std::array<std::string_view, 10> decades{"hundreds", "tens",    "twenties", "thirties",
                                                                "forties",  "fifties", "sixties",  "seventies",
                                                                "eighties", "nineties"};
      const unsigned number = to_unsigned(g[1].starts_with("'") ? g[1].substr(1) : g[1]);
      auto decade = std::string(decades[number / 10 % 10]);
      if (number < 100) return decade;
      if (number == 2000) return "two thousands";
      return cardinal(number / 100, Language::en) + " " + decade;
    });
    add(true, R"((\d)'(\d{1,2})(?:"|”)?)", [](const Groups& g, const Around&) -> std::optional<std::string> {
      return cardinal(to_unsigned(g[1]), Language::en) + " foot " + cardinal(to_unsigned(g[2]), Language::en);
    });
  }
  add(true, R"(\+/-)", [this](const Groups&, const Around&) -> std::optional<std::string> {
    return pt_ ? "mais ou menos" : "plus or minus";
  });
  add(true, R"((\d{1,3}):(\d{1,3}))", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    return cardinal(to_unsigned(g[1]), language_) + (pt_ ? " para " : " to ") + cardinal(to_unsigned(g[2]), language_);
  });
  add(true, R"(24/7)", [this](const Groups&, const Around&) -> std::optional<std::string> {
    return pt_ ? "vinte e quatro por sete" : "twenty-four seven";
  });
  add(true, R"((\d)/(\d{1,2}))", [this](const Groups& g, const Around& around) -> std::optional<std::string> {
    const unsigned n = to_unsigned(g[1]);
    const unsigned d = to_unsigned(g[2]);
    if (n == 0 || n >= d || d > 10) return std::nullopt;
    if (n == 1 && d == 2) {
      if (!pt_) return "one half";
      return gender_of_noun(around.behind) == Gender::feminine ? "meia" : "meio";
    }
    std::string part = d == 4 && !pt_ ? "quarter" : d == 3 && pt_ ? "terço" : ordinal(d, language_);
    return cardinal(n, language_) + " " + part + (n == 1 ? "" : "s");
  });
  if (pt_) {
    add(true, R"(1 mil)", [](const Groups&, const Around&) -> std::optional<std::string> { return "mil"; });
    add(false, R"(km ?(\d{1,4}))", [](const Groups& g, const Around&) -> std::optional<std::string> {
      return "quilômetro " + cardinal(to_unsigned(g[1]), Language::pt);
    });
  } else {
    add(true, R"((\d)(\d)(\d)\(([a-z])\))", [](const Groups& g, const Around&) -> std::optional<std::string> {
      std::string out;  // "401(k)"
      for (int i = 1; i <= 3; ++i) {
        const auto digit = g[static_cast<std::size_t>(i)];
        out += (digit == "0" ? std::string("oh") : digits(digit, Language::en)) + " ";
      }
      return out + std::string(g[4]);
    });
  }
  add(true, R"((\d{1,3})x(\d{1,3}))", [this](const Groups& g, const Around&) -> std::optional<std::string> {
    return cardinal(to_unsigned(g[1]), language_) + (pt_ ? " por " : " by ") + cardinal(to_unsigned(g[2]), language_);
  });
  std::string unit_names;
  for (const Unit& unit : units) {
    if ((pt_ ? unit.pt_one : unit.en_one).empty()) continue;
    unit_names += (unit_names.empty() ? "" : "|") +
                  re2::RE2::QuoteMeta(re2::StringPiece(unit.written.data(), unit.written.size()));
  }
  const auto range = [this](const Groups& g, const Around&) -> std::optional<std::string> {
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
  add(true, R"(\d+(?:\.\d+){2,})", [this](const Groups& g, const Around&) -> std::optional<std::string> {
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
      [this](const Groups& g, const Around&) -> std::optional<std::string> { return in_groups(g[0], language_); });
  add(true, R"([\-−]?)" + number, [this](const Groups& g, const Around& around) -> std::optional<std::string> {
    const auto behind = around.behind;
    if (behind.starts_with(pt_ ? "," : ".") && behind.size() > 1 && is_digit(static_cast<unsigned char>(behind[1])))
      return std::nullopt;
    std::string out = is_digit(code_point_at(g[0], 0).value) ? "" : (pt_ ? "menos " : "minus ");
    const bool four_digits = g[1].size() == 4 && (g[1].starts_with("19") || g[1].starts_with("20"));
    if (four_digits && g[1].find_first_of(".,") == std::string_view::npos)
      return out + year(to_unsigned(g[1]), language_);
    return out + spoken_number(parse_number(g[1], language_), language_,
                               pt_ ? gender_of_noun(around.behind) : Gender::masculine);
  });
}

}  // namespace retell::text
