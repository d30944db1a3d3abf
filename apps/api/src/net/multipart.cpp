#include "net/multipart.hpp"

#include <algorithm>

namespace retell::net {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t longest_boundary = 70;  // RFC 2046
constexpr std::size_t longest_head = 8'192;   // of one part

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A parameter of a header's value: `form-data; name="a \"b\""; filename=c`. Browsers write a quote as \" or %22.
std::optional<std::string> parameter(std::string_view value, std::string_view wanted) {
  auto at = value.find(';');
  while (at != std::string_view::npos) {
    value = trim(value.substr(at + 1));
    const auto equals = value.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto name = trim(value.substr(0, equals));
    value = trim(value.substr(equals + 1));
    std::string text;
    if (value.starts_with('"')) {
      std::size_t i = 1;
      for (; i < value.size() && value[i] != '"'; ++i) {
        if (value[i] == '\\' && i + 1 < value.size()) ++i;
        text.push_back(value[i]);
      }
      if (i >= value.size()) return std::nullopt;
      at = value.find(';', i);
    } else {
      at = value.find(';');
      text = trim(value.substr(0, at));
    }
    if (same(name, wanted)) return text;
  }
  return std::nullopt;
}

std::string base_name(std::string name) {
  const auto slash = name.find_last_of("/\\");
  return slash == std::string::npos ? name : name.substr(slash + 1);
}

bool read_head(std::string_view head, Part& part) {
  bool named = false;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view() : head.substr(end + 2);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const auto name = trim(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    if (same(name, "Content-Type")) part.content_type = value;
    if (!same(name, "Content-Disposition")) continue;
    const auto field = parameter(value, "name");
    if (!field) return false;
    part.name = *field;
    named = true;
    if (auto file = parameter(value, "filename")) {
      part.is_file = true;
      part.file_name = base_name(std::move(*file));
    }
  }
  return named;
}

}  // namespace

core::Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body,
                                                std::size_t most) {
  constexpr auto broken = "the body is not well-formed multipart/form-data";
  if (!same(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) {
    return fail(ErrorCode::invalid, "expected a body of type multipart/form-data");
  }
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > longest_boundary) {
    return fail(ErrorCode::invalid, "the content type names no boundary");
  }
  const std::string first = "--" + *boundary;
  const std::string next = "\r\n" + first;
  std::vector<Part> parts;
  if (!body.starts_with(first)) return fail(ErrorCode::invalid, broken);
  body.remove_prefix(first.size());
  for (;;) {
    if (body.starts_with("--")) return parts;
    if (!body.starts_with("\r\n")) return fail(ErrorCode::invalid, broken);
    body.remove_prefix(2);
    const auto head = body.find("\r\n\r\n");
    if (head == std::string_view::npos || head > longest_head) return fail(ErrorCode::invalid, broken);
    if (parts.size() == most) return fail(ErrorCode::too_large, "the body has too many parts");
    Part part;
    if (!read_head(body.substr(0, head), part)) return fail(ErrorCode::invalid, broken);
    body.remove_prefix(head + 4);
    // An empty part's end may begin with the line break that closed its head.
    const auto end = body.starts_with(first) ? 0 : body.find(next);
    if (end == std::string_view::npos) return fail(ErrorCode::invalid, broken);
    part.content = body.substr(0, end);
    body.remove_prefix(body.starts_with(first) ? first.size() : end + next.size());
    parts.push_back(std::move(part));
  }
}

}  // namespace retell::net
