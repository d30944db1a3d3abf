#include "domain/variables.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <optional>

namespace retell::domain {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// Replaces from the inside out; `at` stands after the opening braces. Returns where the closing braces end, or nothing.
struct Filler {
  const Variables& variables;
  std::size_t longest;
  int depth = 0;

  static constexpr int deepest = 8;

  std::string fill(std::string_view text) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
      const auto open = text.find("{{", at);
      if (open == std::string_view::npos) break;
      out.append(text.substr(at, open - at));
      const auto close = matching(text, open);
      if (!close) {
        at = open;
        break;
      }
      append_value(out, text.substr(open, *close - open));
      at = *close;
    }
    return out.append(text.substr(at));
  }

 private:
  // The end of the "}}" that belongs to the "{{" at `open`.
  static std::optional<std::size_t> matching(std::string_view text, std::size_t open) {
    int level = 0;
    for (std::size_t i = open; i + 1 < text.size();) {
      const auto pair = text.substr(i, 2);
      if (pair == "{{") {
        ++level;
        i += 2;
      } else if (pair == "}}") {
        i += 2;
        if (--level == 0) return i;
      } else {
        ++i;
      }
    }
    return std::nullopt;
  }

  void append_value(std::string& out, std::string_view braced) {
    const auto inner = braced.substr(2, braced.size() - 4);
    std::string name;
    if (inner.find("{{") != std::string_view::npos && depth < deepest) {
      ++depth;
      name = std::string(trimmed(fill(inner)));
      --depth;
    } else {
      name = std::string(trimmed(inner));
    }
    const auto found = variables.find(name);
    if (found == variables.end() || out.size() + found->second.size() > longest)
      out.append(braced);
    else
      out += found->second;
  }
};

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
  return Filler{variables, longest}.fill(text);
}

Variables time_variables(core::WallTime now, const std::string& timezone) {
  Variables variables;
  const auto* zone = find_zone(timezone);
  if (zone == nullptr) zone = find_zone("America/Los_Angeles");
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
