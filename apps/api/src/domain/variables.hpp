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

// The same in a URL. Values are percent-encoded where path, query or fragment have begun, so that none can break the
// URL or say more than its place does; before, they are host and port as written. A name without a value stays as it
// is, its braces encoded as they must be in a URL.
[[nodiscard]] std::string fill_url(std::string_view url, const Variables& variables);

// The first {{name}} that a filled URL still holds; "" when there is none.
[[nodiscard]] std::string unfilled_variable(std::string_view url);

// current_time, current_hour and current_calendar in `timezone`, which falls back to America/Los_Angeles when unknown:
// "Thursday, March 28, 2024 at 11:46 PM PST".
[[nodiscard]] Variables time_variables(core::WallTime now, const std::string& timezone);

// Whether there is such a zone; where there is no database of zones, any may be.
[[nodiscard]] bool is_timezone(const std::string& name);

// Adds current_time_<zone> (and _hour_, _calendar_) to `variables` for each zone that `text` asks for.
void add_zoned_time_variables(std::string_view text, core::WallTime now, Variables& variables);

}  // namespace retell::domain
