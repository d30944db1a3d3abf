#include "domain/variables.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <optional>

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

void add_times(Variables& variables, core::WallTime now, const date::time_zone* zone, const std::string& suffix) {
  const auto local = date::make_zoned(zone, std::chrono::floor<std::chrono::seconds>(now));
  variables["current_time" + suffix] = date::format("%A, %B %d, %Y at %I:%M %p %Z", local);
  const auto day = date::floor<date::days>(local.get_local_time());
  const double hours = std::chrono::duration<double, std::ratio<3600>>(local.get_local_time() - day).count();
  variables["current_hour" + suffix] = fmt::format("{:.2f}", hours);
  std::string calendar;
  for (int i = 0; i < 14; ++i) {
    calendar += date::format("%A, %B %d, %Y", day + date::days(i));
    calendar += i == 0 ? " (Today)\n" : "\n";
  }
  calendar.pop_back();
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
