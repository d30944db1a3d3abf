#include "domain/variables.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>
#include <optional>

#include "crypto/encoding.hpp"
#include "text/template.hpp"

namespace retell::domain {
namespace {

constexpr auto default_zone = "America/Los_Angeles";  // Retell's

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

const date::time_zone* find_zone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

// "Monday, January 05, 2026". Not by date::format, whose streams took a third of the time in which a call is made.
std::string written(date::local_days day) {
  constexpr std::array<std::string_view, 7> weekdays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                        "Thursday", "Friday", "Saturday"};
  constexpr std::array<std::string_view, 12> months = {"January",   "February", "March",    "April",
                                                       "May",       "June",     "July",     "August",
                                                       "September", "October",  "November", "December"};
  const date::year_month_day parts(day);
  return fmt::format("{}, {} {:02}, {}", weekdays.at(date::weekday(day).c_encoding()),
                     months.at(static_cast<unsigned>(parts.month()) - 1), static_cast<unsigned>(parts.day()),
                     static_cast<int>(parts.year()));
}

// What has a meaning in a URL, or is encoded already.
constexpr std::string_view of_urls = "!#$%&'()*+,/:;=?@[]";

void add_times(Variables& variables, core::WallTime now, const date::time_zone* zone, const std::string& suffix) {
  const auto moment = std::chrono::floor<std::chrono::seconds>(now);
  const auto info = zone->get_info(moment);
  const date::local_seconds local((moment + info.offset).time_since_epoch());
  const auto day = date::floor<date::days>(local);
  const date::hh_mm_ss time(local - day);
  variables["current_time" + suffix] =
      fmt::format("{} at {:02}:{:02} {} {}", written(day), date::make12(time.hours()).count(), time.minutes().count(),
                  date::is_am(time.hours()) ? "AM" : "PM", info.abbrev);
  const double hours = std::chrono::duration<double, std::ratio<3600>>(local - day).count();
  variables["current_hour" + suffix] = fmt::format("{:.2f}", hours);
  std::string calendar = written(day) + " (Today)";
  for (int i = 1; i < 14; ++i) calendar += "\n" + written(day + date::days(i));
  variables["current_calendar" + suffix] = std::move(calendar);
}

}  // namespace

std::string fill_variables(std::string_view text, const Variables& variables, std::size_t longest) {
  std::size_t size = text.size();
  return text::render_template(text, [&](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(std::string(name));
    if (found == variables.end() || size + found->second.size() > longest) return std::nullopt;
    size += found->second.size();
    return found->second;
  });
}

std::string fill_url(std::string_view url, const Variables& variables) {
  const auto scheme = url.find("://");
  const auto path = scheme == std::string_view::npos ? scheme : url.find_first_of("/?#", scheme + 3);
  // A variable first, which may be all of the URL.
  if (path == std::string_view::npos) return fill_variables(url, variables);
  Variables encoded;
  for (const auto& [name, value] : variables) encoded[name] = crypto::percent_encode(value);
  return fill_variables(url.substr(0, path), variables) +
         crypto::percent_encode(fill_variables(url.substr(path), encoded), of_urls);
}

std::string unfilled_variable(std::string_view url) {
  constexpr std::array<std::array<std::string_view, 2>, 2> braces = {{{"{{", "}}"}, {"%7B%7B", "%7D%7D"}}};
  for (const auto& [open, close] : braces) {
    const auto begin = url.find(open);
    const auto end = begin == std::string_view::npos ? begin : url.find(close, begin);
    if (end == std::string_view::npos) continue;
    return "{{" + std::string(url.substr(begin + open.size(), end - begin - open.size())) + "}}";
  }
  return {};
}

bool is_timezone(const std::string& name) { return find_zone(name) != nullptr || find_zone(default_zone) == nullptr; }

Variables time_variables(core::WallTime now, const std::string& timezone) {
  Variables variables;
  const auto* zone = find_zone(timezone);
  if (zone == nullptr) zone = find_zone(default_zone);
  if (zone != nullptr) add_times(variables, now, zone, "");
  return variables;
}

void add_zoned_time_variables(std::string_view text, core::WallTime now, Variables& variables) {
  constexpr std::string_view marks[] = {"current_time_", "current_hour_", "current_calendar_"};
  for (const auto mark : marks) {
    for (auto at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + mark.size())) {
      const auto begin = at + mark.size();
      const auto name = std::string(trimmed(text.substr(begin, text.find('}', begin) - begin)));
      if (name.find('{') != std::string::npos || name.size() > 64 || variables.contains(std::string(mark) + name))
        continue;
      if (const auto* zone = find_zone(name)) add_times(variables, now, zone, "_" + name);
    }
  }
}

}  // namespace retell::domain
