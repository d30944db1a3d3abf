#include "domain/rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace retell::domain {
namespace {

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
  if (value && value->size() > longest) {
    problems.add(std::string(field), fmt::format("must be at most {} bytes long", longest));
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

void check_engine(json::Problems& problems, const std::string& field, const ResponseEngine& engine) {
  if (const auto* custom = std::get_if<CustomLlmEngine>(&engine)) {
    check_url(problems, field + ".llm_websocket_url", custom->llm_websocket_url, true);
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

bool is_language(std::string_view tag) {
  if (tag == "multi") return true;
  const auto dash = tag.find('-');
  const auto base = tag.substr(0, dash);
  if (base.size() < 2 || base.size() > 3 || !std::all_of(base.begin(), base.end(), is_letter)) return false;
  if (dash == std::string_view::npos) return true;
  const auto region = tag.substr(dash + 1);
  return region.size() >= 2 && region.size() <= 4 &&
         std::all_of(region.begin(), region.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_tool_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '-';
  });
}

}  // namespace retell::domain
