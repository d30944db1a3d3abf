#include "json/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace retell::json {
namespace {

void append_string(std::string& out, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
          out += "\\u00";
          out.push_back(hex[byte >> 4U]);
          out.push_back(hex[byte & 0x0FU]);
        } else {
          out.push_back(c);
        }
      }
    }
  }
  out.push_back('"');
}

// ECMA-262 Number::toString: shortest digits that read back, plain notation between 1e-6 and 1e21.
void append_double(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  if (number == 0) {
    out.push_back('0');  // JSON.stringify(-0) is "0"
    return;
  }
  const double size = std::fabs(number);
  std::array<char, 400> buffer{};
  const auto format = size >= 1e-6 && size < 1e21 ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const auto e = text.find('e');
  if (e == std::string_view::npos) {
    out += text;
    return;
  }
  // C prints e-07, JavaScript e-7.
  out += text.substr(0, e + 2);
  auto exponent = text.substr(e + 2);
  while (exponent.size() > 1 && exponent.front() == '0') exponent.remove_prefix(1);
  out += exponent;
}

template <class Integer>
void append_integer(std::string& out, Integer number) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

void append(std::string& out, const Value& value) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      return;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case boost::json::kind::int64:
      append_integer(out, value.get_int64());
      return;
    case boost::json::kind::uint64:
      append_integer(out, value.get_uint64());
      return;
    case boost::json::kind::double_:
      append_double(out, value.get_double());
      return;
    case boost::json::kind::string:
      append_string(out, value.get_string());
      return;
    case boost::json::kind::array: {
      out.push_back('[');
      bool first = true;
      for (const auto& item : value.get_array()) {
        if (!first) out.push_back(',');
        first = false;
        append(out, item);
      }
      out.push_back(']');
      return;
    }
    case boost::json::kind::object: {
      out.push_back('{');
      bool first = true;
      for (const auto& member : value.get_object()) {
        if (!first) out.push_back(',');
        first = false;
        append_string(out, member.key());
        out.push_back(':');
        append(out, member.value());
      }
      out.push_back('}');
      return;
    }
  }
}

}  // namespace

core::Result<Value> parse(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.bytes) {
    return core::fail(core::ErrorCode::too_large, "JSON is larger than " + std::to_string(limits.bytes) + " bytes");
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth;
  boost::system::error_code problem;
  auto value = boost::json::parse({text.data(), text.size()}, problem, {}, options);
  if (problem == boost::json::error::too_deep) {
    return core::fail(core::ErrorCode::invalid, "JSON nests deeper than " + std::to_string(limits.depth) + " levels");
  }
  if (problem) return core::fail(core::ErrorCode::invalid, "not valid JSON: " + problem.message());
  return value;
}

std::string dump(const Value& value) {
  std::string out;
  append(out, value);
  return out;
}

}  // namespace retell::json
