#include "providers/local/piper_text.hpp"

#include <boost/json/parse.hpp>

namespace retell::providers::local {
namespace {

namespace json = boost::json;

constexpr std::size_t least_first_clause = 8;  // letters; a lone "Yes," sounds torn off

std::string_view next_character(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  return text.substr(at, lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
}

float number_or(const json::object& object, std::string_view name, float otherwise) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_number() ? static_cast<float>(value->to_number<double>()) : otherwise;
}

}  // namespace

core::Result<PiperConfig> parse_piper_config(std::string_view text) {
  json::error_code wrong;
  const auto value = json::parse(text, wrong);
  const auto* root = wrong ? nullptr : value.if_object();
  const auto object_at = [&](std::string_view name) -> const json::object* {
    const auto* member = root == nullptr ? nullptr : root->if_contains(name);
    return member == nullptr ? nullptr : member->if_object();
  };
  const auto* audio = object_at("audio");
  const auto* ids = object_at("phoneme_id_map");
  if (audio == nullptr || ids == nullptr) {
    return core::fail(core::ErrorCode::invalid, "not the configuration of a Piper voice");
  }
  PiperConfig config;
  config.sample_rate = static_cast<int>(number_or(*audio, "sample_rate", 22'050));
  if (const auto* espeak = object_at("espeak")) {
    const auto* voice = espeak->if_contains("voice");
    if (voice != nullptr && voice->is_string()) config.language = std::string(voice->get_string());
  }
  if (const auto* inference = object_at("inference")) {
    config.noise = number_or(*inference, "noise_scale", config.noise);
    config.length = number_or(*inference, "length_scale", config.length);
    config.noise_width = number_or(*inference, "noise_w", config.noise_width);
  }
  config.several_speakers = number_or(*root, "num_speakers", 1) > 1;
  for (const auto& [phoneme, numbers] : *ids) {
    if (!numbers.is_array()) return core::fail(core::ErrorCode::invalid, "expected arrays", "phoneme_id_map");
    for (const auto& number : numbers.get_array()) {
      if (number.is_int64()) config.ids[phoneme].push_back(number.get_int64());
    }
  }
  for (const auto* needed : {"^", "$", "_"}) {
    if (!config.ids.contains(needed)) return core::fail(core::ErrorCode::invalid, needed, "phoneme_id_map");
  }
  return config;
}

std::vector<std::int64_t> piper_ids(const PiperConfig& config, std::string_view phonemes) {
  std::vector<std::int64_t> ids = config.ids.find("^")->second;
  const auto& pad = config.ids.find("_")->second;
  const auto append = [&](const std::vector<std::int64_t>& more) { ids.insert(ids.end(), more.begin(), more.end()); };
  append(pad);
  for (std::size_t at = 0; at < phonemes.size();) {
    const auto character = next_character(phonemes, at);
    at += character.size();
    const auto found = config.ids.find(character);
    if (found == config.ids.end()) continue;
    append(found->second);
    append(pad);
  }
  append(config.ids.find("$")->second);
  return ids;
}

std::vector<Clause> split_clauses(std::string_view text) {
  std::vector<Clause> clauses;
  std::string current;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool mark = std::string_view(",;:.!?").find(c) != std::string_view::npos;
    const bool ends = mark && (i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n');
    if (!ends) {
      current += c == '\n' ? ' ' : c;
      continue;
    }
    if (current.size() < least_first_clause && c == ',' && clauses.empty()) {
      current += c;  // stays with what follows
      continue;
    }
    if (current.find_first_not_of(" .!?,;:") != std::string::npos) clauses.push_back({current, c});
    current.clear();
  }
  if (current.find_first_not_of(" .!?,;:") != std::string::npos) clauses.push_back({current, '.'});
  return clauses;
}

std::string tidy_phonemes(std::string_view text) {
  std::string out;
  bool aside = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto character = next_character(text, at);
    at += character.size();
    if (character == "(") aside = true;
    if (!aside) {
      if (character == "\n" || character == "\r") {
        if (!out.empty() && out.back() != ' ') out += ' ';
      } else if (character == "ç") {
        out += "c\u0327";
      } else {
        out += character;
      }
    }
    if (character == ")") aside = false;
  }
  const auto first = out.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(' ') - first + 1);
}

}  // namespace retell::providers::local
