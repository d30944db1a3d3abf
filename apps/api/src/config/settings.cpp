#include "config/settings.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace retell::config {
namespace {

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (auto part = trimmed(text.substr(0, comma)); !part.empty()) parts.push_back(std::move(part));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

}  // namespace

std::string variable_name(std::string_view key) {
  std::string name = "RETELL_";
  for (const char c : key) {
    if (c == '.')
      name.push_back('_');
    else
      name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return name;
}

std::optional<std::string> Settings::given(const std::string& key) const {
  if (const auto it = sources_.overrides.find(key); it != sources_.overrides.end()) return it->second;
  if (const auto it = sources_.environment.find(variable_name(key)); it != sources_.environment.end())
    return it->second;
  return std::nullopt;
}

void Settings::problem(const std::string& key, const std::string& message) {
  at_fault_.insert(key);
  problems_.push_back(key + ": " + message + " (or " + variable_name(key) + ")");
}

void Settings::text(const std::string& key, std::string& value) {
  keys_.push_back(key);
  if (const auto text = given(key))
    value = *text;
  else if (const auto found = node(key)) {
    if (const auto in_file = found.value_exact<std::string>())
      value = *in_file;
    else
      problem(key, "expected a text in quotes");
  }
}

void Settings::url(const std::string& key, std::string& value, std::string_view schemes) {
  text(key, value);
  while (value.ends_with('/')) value.pop_back();
  if (value.empty()) return;
  for (auto rest = schemes; !rest.empty();) {
    const auto space = std::min(rest.find(' '), rest.size());
    const auto start = std::string(rest.substr(0, space)) + "://";
    if (value.starts_with(start) && value.size() > start.size()) return;
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  problem(key, "expected an address such as https://example.com");
}

void Settings::flag(const std::string& key, bool& value) {
  keys_.push_back(key);
  if (const auto text = given(key)) {
    if (*text == "true" || *text == "1" || *text == "yes")
      value = true;
    else if (*text == "false" || *text == "0" || *text == "no")
      value = false;
    else
      problem(key, "expected true or false");
  } else if (const auto found = node(key)) {
    if (const auto in_file = found.value_exact<bool>())
      value = *in_file;
    else
      problem(key, "expected true or false");
  }
}

std::optional<std::int64_t> Settings::whole(const std::string& key, std::int64_t low, std::int64_t high) {
  keys_.push_back(key);
  std::optional<std::int64_t> number;
  if (const auto text = given(key)) {
    std::int64_t parsed = 0;
    const auto* end = text->data() + text->size();
    const auto [last, error] = std::from_chars(text->data(), end, parsed);
    if (error == std::errc() && last == end) number = parsed;
  } else if (const auto found = node(key)) {
    number = found.value_exact<std::int64_t>();
  } else {
    return std::nullopt;
  }
  if (number && *number >= low && *number <= high) return number;
  problem(key, "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return std::nullopt;
}

void Settings::list(const std::string& key, std::vector<std::string>& value) {
  keys_.push_back(key);
  if (const auto text = given(key)) {
    value = split(*text);
  } else if (const auto found = node(key)) {
    const auto* array = found.as_array();
    std::vector<std::string> items;
    if (array != nullptr) {
      for (const auto& item : *array) {
        if (const auto in_file = item.value_exact<std::string>()) items.push_back(*in_file);
      }
    }
    if (array == nullptr || items.size() != array->size())
      problem(key, "expected a list of texts");
    else
      value = std::move(items);
  }
}

void Settings::map(const std::string& key, std::map<std::string, std::string>& value) {
  keys_.push_back(key);
  if (const auto text = given(key)) {
    value.clear();
    for (const auto& part : split(*text)) {
      const auto equals = part.find('=');
      if (equals == std::string::npos) return problem(key, "expected name=value, name=value");
      value[trimmed(part.substr(0, equals))] = trimmed(part.substr(equals + 1));
    }
  } else if (const auto found = node(key)) {
    const auto* table = found.as_table();
    if (table == nullptr) return problem(key, "expected a table of texts");
    for (const auto& [name, item] : *table) {
      if (const auto in_file = item.value_exact<std::string>())
        value[std::string(name.str())] = *in_file;
      else
        problem(key + "." + std::string(name.str()), "expected a text in quotes");
    }
  }
}

void Settings::secret(const std::string& key, std::string& value) {
  keys_.push_back(key);
  const auto variable = variable_name(key);
  if (node(key)) {
    problems_.push_back(key + ": secrets do not belong in the file; set " + variable + " or " + variable + "_FILE");
    return;
  }
  if (const auto text = given(key)) {
    value = trimmed(*text);
    return;
  }
  const auto file = sources_.environment.find(variable + "_FILE");
  if (file == sources_.environment.end()) return;
  std::ifstream in(file->second, std::ios::binary);
  constexpr std::size_t longest = 16'384;
  std::string content;
  if (in) content.assign(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  value = trimmed(content);
  if (!in || value.empty() || content.size() > longest) {
    problems_.push_back(variable + "_FILE: cannot read a secret from " + file->second);
  }
}

void Settings::voices(std::vector<Voice>& voices) {
  keys_.emplace_back("voices");
  const auto found = node("voices");
  if (!found) return;
  const auto* array = found.as_array();
  if (array == nullptr) return (void)problems_.emplace_back("voices: expected [[voices]] tables");
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto where = "voices[" + std::to_string(i) + "]";
    const auto* table = array->get(i)->as_table();
    if (table == nullptr) return (void)problems_.emplace_back(where + ": expected a table");
    Voice voice;
    const std::map<std::string_view, std::string*> fields = {
        {"id", &voice.id},         {"name", &voice.name},
        {"vendor", &voice.vendor}, {"vendor_voice", &voice.vendor_voice},
        {"model", &voice.model},   {"language", &voice.language},
        {"gender", &voice.gender}, {"accent", &voice.accent}};
    for (const auto& [name, item] : *table) {
      const auto field = fields.find(name.str());
      const auto in_file = item.value_exact<std::string>();
      if (field == fields.end())
        problems_.push_back(where + "." + std::string(name.str()) + ": is not a known setting");
      else if (!in_file)
        problems_.push_back(where + "." + std::string(name.str()) + ": expected a text in quotes");
      else
        *field->second = *in_file;
    }
    for (const auto* name : {"id", "name", "vendor"}) {
      if (fields.at(name)->empty()) problems_.push_back(where + "." + name + ": is required");
    }
    if (voice.gender != "female" && voice.gender != "male")
      problems_.push_back(where + ".gender: expected female or male");
    voices.push_back(std::move(voice));
  }
}

void Settings::check_unknown() { check_unknown(file_, ""); }

void Settings::check_unknown(const toml::table& table, const std::string& prefix) {
  for (const auto& [name, item] : table) {
    const auto key = prefix + std::string(name.str());
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) continue;
    const bool is_section =
        std::any_of(keys_.begin(), keys_.end(), [&](const auto& k) { return k.starts_with(key + "."); });
    if (is_section && item.is_table())
      check_unknown(*item.as_table(), key + ".");
    else if (is_section)
      problems_.emplace_back(key).append(": expected a table, [").append(key).append("]");
    else
      problems_.push_back(key + ": is not a known setting");
  }
}

}  // namespace retell::config
