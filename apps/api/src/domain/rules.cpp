#include "domain/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "domain/variables.hpp"
#include "text/utf8.hpp"

namespace retell::domain {
namespace {

constexpr std::array<std::string_view, 64> locales = {
    "en-US", "en-IN",  "en-GB", "en-AU", "en-NZ", "de-DE", "es-ES",  "es-419", "hi-IN", "fr-FR", "fr-CA",
    "ja-JP", "pt-PT",  "pt-BR", "zh-CN", "ru-RU", "it-IT", "ko-KR",  "nl-NL",  "nl-BE", "pl-PL", "tr-TR",
    "vi-VN", "ro-RO",  "bg-BG", "ca-ES", "th-TH", "da-DK", "fi-FI",  "el-GR",  "hu-HU", "id-ID", "no-NO",
    "sk-SK", "sv-SE",  "lt-LT", "lv-LV", "cs-CZ", "ms-MY", "af-ZA",  "ar-SA",  "az-AZ", "bs-BA", "cy-GB",
    "fa-IR", "fil-PH", "gl-ES", "he-IL", "hr-HR", "hy-AM", "is-IS",  "kk-KZ",  "kn-IN", "mk-MK", "mr-IN",
    "ne-NP", "sl-SI",  "sr-RS", "sw-KE", "ta-IN", "ur-IN", "yue-CN", "uk-UA",  "multi"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

}  // namespace

void check_range(json::Problems& problems, std::string_view field, const std::optional<double>& value, double low,
                 double high) {
  if (value && !(*value >= low && *value <= high)) {
    problems.add(std::string(field), fmt::format("must be from {} to {}", low, high));
  }
}

void check_at_least(json::Problems& problems, std::string_view field, const std::optional<double>& value, double low) {
  if (value && !(*value >= low)) problems.add(std::string(field), fmt::format("must be at least {}", low));
}

void check_text(json::Problems& problems, std::string_view field, const std::optional<std::string>& value,
                std::size_t longest) {
  if (value && value->size() > longest && text::utf8_length(*value) > longest) {
    problems.add(std::string(field), fmt::format("must be at most {} characters long", longest));
  }
}

void check_url(json::Problems& problems, std::string_view field, const std::optional<std::string>& value,
               bool websocket) {
  if (!value || value->empty() || value->find("{{") != std::string::npos) return;
  const std::string_view url = *value;
  const std::string_view scheme = websocket ? "ws" : "http";
  const bool fits = url.starts_with(scheme) &&
                    (url.substr(scheme.size()).starts_with("://") || url.substr(scheme.size()).starts_with("s://"));
  const auto host = url.find("://");
  if (!fits || url.size() > 2048 || host + 3 >= url.size() || url.find_first_of(" \t\r\n") != std::string_view::npos) {
    problems.add(std::string(field), fmt::format("must be a URL beginning with {0}:// or {0}s://", scheme));
  }
}

void check_address(json::Problems& problems, const std::string& field, const std::string& value, bool websocket) {
  if (value.empty()) problems.add(field, "must not be empty");
  check_url(problems, field, value, websocket);
}

void check_languages(json::Problems& problems, std::string_view field,
                     const std::optional<std::variant<std::string, std::vector<std::string>>>& languages) {
  if (!languages) return;
  const auto check = [&](const std::string& tag) {
    if (!is_language(tag)) problems.add(std::string(field), "expected locales such as en-US or pt-BR");
  };
  if (const auto* one = std::get_if<std::string>(&*languages)) return check(*one);
  const auto& list = std::get<std::vector<std::string>>(*languages);
  if (list.empty() || list.size() > 64) problems.add(std::string(field), "expected at least one locale");
  for (const auto& tag : list) check(tag);
}

void check_callable(json::Problems& problems, std::string_view field, std::string_view target) {
  if (is_e164(target) || is_sip_uri(target)) return;
  problems.add(std::string(field), "must be a number in E.164 form, such as +14155550100, or a SIP URI");
}

void check_timezone(json::Problems& problems, std::string_view field, const std::optional<std::string>& zone) {
  if (zone && !is_timezone(*zone)) {
    problems.add(std::string(field), "expected a zone of the IANA database, such as America/Sao_Paulo");
  }
}

void check_engine(json::Problems& problems, const std::string& field, const ResponseEngine& engine) {
  if (const auto* custom = std::get_if<CustomLlmEngine>(&engine)) {
    check_address(problems, field + ".llm_websocket_url", custom->llm_websocket_url, true);
  }
}

void check_not_null(json::Problems& problems, const json::Value& update,
                    std::initializer_list<std::string_view> members) {
  const auto* object = update.if_object();
  for (const auto name : members) {
    const auto* value = object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
    if (value != nullptr && value->is_null()) problems.add(std::string(name), "must not be null");
  }
}

core::Result<json::Object> settings_of(const json::Value& body, std::span<const char* const> read_only) {
  const auto* given = body.if_object();
  if (given == nullptr) return core::fail(core::ErrorCode::invalid, "expected an object");
  json::Object settings;
  for (const auto& member : *given) {
    const std::string_view name = member.key();
    const bool ours = std::find(read_only.begin(), read_only.end(), name) != read_only.end();
    if (!ours && !member.value().is_null()) settings[name] = member.value();
  }
  return settings;
}

bool is_e164(std::string_view number) {
  if (!number.starts_with('+') || number.size() < 8 || number.size() > 16 || number[1] == '0') return false;
  return std::all_of(number.begin() + 1, number.end(), is_digit);
}

bool is_sip_uri(std::string_view text) {
  constexpr std::size_t longest = 512;
  const auto colon = text.find(':');
  const auto scheme = text.substr(0, colon);
  return (scheme == "sip" || scheme == "sips") && colon + 1 < text.size() && text.size() <= longest &&
         text.find_first_of(" \t\r\n") == std::string_view::npos;
}

bool is_language(std::string_view tag) { return std::find(locales.begin(), locales.end(), tag) != locales.end(); }

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
  });
}

}  // namespace retell::domain
