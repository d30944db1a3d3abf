#include "net/http_message.hpp"

#include <algorithm>

#include "crypto/encoding.hpp"

namespace retell::net {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Calls `visit(name, value)`, still encoded, for each pair until it gives false.
template <class F>
void each_pair(std::string_view text, F visit) {
  while (!text.empty()) {
    const auto end = text.find('&');
    const auto pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    const auto value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    if (!visit(pair.substr(0, equals), value)) return;
  }
}

}  // namespace

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

void Headers::set(std::string_view name, std::string value) {
  remove(name);
  fields_.emplace_back(name, std::move(value));
}

void Headers::remove(std::string_view name) {
  std::erase_if(fields_, [name](const auto& field) { return same_name(field.first, name); });
}

void Headers::add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }

std::string percent_decode(std::string_view text, bool plus_is_space) {
  const auto is_plain = [&](char c) { return c != '%' && !(plus_is_space && c == '+'); };
  if (std::all_of(text.begin(), text.end(), is_plain)) return std::string(text);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += plus_is_space && text[i] == '+' ? ' ' : text[i];
  }
  return out;
}

std::string percent_encode(std::string_view text) { return crypto::percent_encode(text); }

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
  std::optional<std::string> found;
  each_pair(query, [&](std::string_view key, std::string_view value) {
    if (percent_decode(key, true) != name) return true;
    found = percent_decode(value, true);
    return false;
  });
  return found;
}

std::vector<std::pair<std::string, std::string>> parse_form(std::string_view body, std::size_t limit) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (limit == 0) return pairs;
  each_pair(body, [&](std::string_view key, std::string_view value) {
    pairs.emplace_back(percent_decode(key, true), percent_decode(value, true));
    return pairs.size() < limit;
  });
  return pairs;
}

}  // namespace retell::net
