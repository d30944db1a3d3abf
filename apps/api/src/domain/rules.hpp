// Checks shared by several objects.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "domain/analysis.hpp"
#include "domain/response_engine.hpp"
#include "json/errors.hpp"
#include "json/value.hpp"

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
// The same of one without which nothing works.
void check_address(json::Problems& problems, const std::string& field, const std::string& value,
                   bool websocket = false);

// Locales ("pt-BR") in any of the forms that agents take them.
void check_languages(json::Problems& problems, std::string_view field,
                     const std::optional<std::variant<std::string, std::vector<std::string>>>& languages);
// Where a call can be put through to: a number in E.164 form or a SIP URI.
void check_callable(json::Problems& problems, std::string_view field, std::string_view target);
// A zone of the IANA database ("America/Sao_Paulo").
void check_timezone(json::Problems& problems, std::string_view field, const std::optional<std::string>& zone);
void check_engine(json::Problems& problems, const std::string& field, const ResponseEngine& engine);

// What a model is to find out, at the path `at`: it can choose from nothing only by failing.
template <class Item>
void check_choices(json::Problems& problems, const std::string& at, const std::vector<Item>& items) {
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto* choice = std::get_if<EnumAnalysis>(&items[i]);
    if (choice != nullptr && choice->choices.empty()) {
      problems.add(at + "[" + std::to_string(i) + "].choices", "must not be empty");
    }
  }
}

// Of a partial update: members that can be changed but not removed.
void check_not_null(json::Problems& problems, const json::Value& update,
                    std::initializer_list<std::string_view> members);

// What came, without the members that only replies have and without those that are null: these are not set. invalid
// when it is no object.
[[nodiscard]] core::Result<json::Object> settings_of(const json::Value& body, std::span<const char* const> read_only);

// "+", then 7 to 15 digits not beginning with 0 (ITU-T E.164).
[[nodiscard]] bool is_e164(std::string_view number);
// "sip:" or "sips:" and an address.
[[nodiscard]] bool is_sip_uri(std::string_view text);
// One of the locales of Retell's agents ("pt-BR", "es-419", "fil-PH"), or "multi".
[[nodiscard]] bool is_language(std::string_view tag);
// 1 to 64 of a-z A-Z 0-9 _ -, Retell's rule for the names of tools and states.
[[nodiscard]] bool is_tool_name(std::string_view name);

}  // namespace retell::domain
