// Checks shared by several objects.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "json/errors.hpp"

namespace retell::domain {

// Adds "must be from <low> to <high>" to `problems` when the field is set and outside.
void check_range(json::Problems& problems, std::string_view field, const std::optional<double>& value, double low,
                 double high);
void check_at_least(json::Problems& problems, std::string_view field, const std::optional<double>& value, double low);
void check_text(json::Problems& problems, std::string_view field, const std::optional<std::string>& value,
                std::size_t longest);
// An absolute http(s) (or ws(s), when `websocket`) URL; a {{variable}} may stand anywhere in it.
void check_url(json::Problems& problems, std::string_view field, const std::optional<std::string>& value,
               bool websocket = false);

// "+", then 7 to 15 digits not beginning with 0 (ITU-T E.164).
[[nodiscard]] bool is_e164(std::string_view number);
// The shape of a BCP 47 tag with at most a region ("pt-BR", "es-419", "fil-PH"), or "multi".
[[nodiscard]] bool is_language(std::string_view tag);
// 1 to 64 of a-z A-Z 0-9 _ -, Retell's rule for the names of tools and states.
[[nodiscard]] bool is_tool_name(std::string_view name);

}  // namespace retell::domain
