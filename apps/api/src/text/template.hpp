// Dynamic variables in prompts and messages: "Hello {{name}}". Pure, any thread.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace retell::text {

// The value of a variable, or nothing when there is none by that name; an empty value is a value.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

// Replaces each {{name}} (spaces around the name do not matter) by its value, the inner ones of nested braces first:
// {{current_time_{{my_timezone}}}}. A name without a value stays in the text, braces and all. Values are taken as they
// are: braces inside a value are never looked at, so a caller cannot reach other variables by what he says.
[[nodiscard]] std::string render_template(std::string_view text, const Lookup& lookup);

// The names a text asks for, outermost names of nested braces left out, each once, in order of appearance.
[[nodiscard]] std::vector<std::string> template_variables(std::string_view text);

}  // namespace retell::text
