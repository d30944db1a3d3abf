// {{dynamic variables}} in prompts, messages, URLs and headers.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "core/clock.hpp"

namespace retell::domain {

using Variables = std::map<std::string, std::string>;

// text::render_template with these values. The result is at most about `longest` bytes: a value that does not fit is
// left out and its name stays as written, so that a short text and a long value cannot fill the memory.
[[nodiscard]] std::string fill_variables(std::string_view text, const Variables& variables,
                                         std::size_t longest = std::size_t{1} << 20U);

// current_time, current_hour and current_calendar in `timezone`, which falls back to America/Los_Angeles when unknown:
// "Thursday, March 28, 2024 at 11:46 PM PST".
[[nodiscard]] Variables time_variables(core::WallTime now, const std::string& timezone);

// Whether there is such a zone; where there is no database of zones, any may be.
[[nodiscard]] bool is_timezone(const std::string& name);

// Adds current_time_<zone> (and _hour_, _calendar_) to `variables` for each zone that `text` asks for.
void add_zoned_time_variables(std::string_view text, core::WallTime now, Variables& variables);

}  // namespace retell::domain
