#include "json/text.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

namespace retell::json {
namespace {

// Builds the tree as Boost.JSON's own parser does, but reads numbers exactly: that one is off by the last bit for those
// of 16 and 17 digits, and a client that sends 0.30000000000000004 wants it back.
class TreeBuilder {
 public:
  using Code = boost::system::error_code;
  using Text = boost::json::string_view;
  static constexpr std::size_t max_object_size = Object::max_size();
  static constexpr std::size_t max_array_size = Array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  TreeBuilder() { stack_.reset(); }
  Value release() { return stack_.release(); }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_object_end(std::size_t count, Code&) { return stack_.push_object(count), true; }
  bool on_array_end(std::size_t count, Code&) { return stack_.push_array(count), true; }
  bool on_key_part(Text part, std::size_t, Code&) { return stack_.push_chars(part), true; }
  bool on_key(Text part, std::size_t, Code&) { return stack_.push_key(part), true; }
  bool on_string_part(Text part, std::size_t, Code&) { return stack_.push_chars(part), true; }
  bool on_string(Text part, std::size_t, Code&) { return stack_.push_string(part), true; }
  bool on_bool(bool value, Code&) { return stack_.push_bool(value), true; }
  bool on_null(Code&) { return stack_.push_null(), true; }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }
  bool on_number_part(Text part, Code&) { return number_.append(part.data(), part.size()), true; }
  bool on_int64(std::int64_t value, Text, Code&) { return number_.clear(), stack_.push_int64(value), true; }
  bool on_uint64(std::uint64_t value, Text, Code&) { return number_.clear(), stack_.push_uint64(value), true; }
  bool on_double(double rough, Text part, Code&) {
    number_.append(part.data(), part.size());
    double exact = 0;
    const auto read = std::from_chars(number_.data(), number_.data() + number_.size(), exact);
    stack_.push_double(read.ec == std::errc() ? exact : rough);
    number_.clear();
    return true;
  }

 private:
  boost::json::value_stack stack_;
  std::string number_;  // its text so far
};

// Which bytes cannot stand in a string as they are.
constexpr auto escaped = [] {
  std::array<bool, 256> bytes{};
  for (std::size_t control = 0; control < 0x20; ++control) bytes[control] = true;
  bytes['"'] = bytes['\\'] = true;
  return bytes;
}();

void append_string(std::string& out, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  std::size_t from = 0;  // of what can be taken as it is
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!escaped[byte]) continue;
    out.append(text.substr(from, i - from));
    from = i + 1;
    out.push_back('\\');
    switch (text[i]) {
      case '"':
      case '\\':
        out.push_back(text[i]);
        break;
      case '\b':
        out.push_back('b');
        break;
      case '\f':
        out.push_back('f');
        break;
      case '\n':
        out.push_back('n');
        break;
      case '\r':
        out.push_back('r');
        break;
      case '\t':
        out.push_back('t');
        break;
      default:
        out.append("u00");
        out.push_back(hex[byte >> 4U]);
        out.push_back(hex[byte & 0xFU]);
    }
  }
  out.append(text.substr(from));
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
  std::array<char, 32> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific).ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  if (text.front() == '-') {
    out.push_back('-');
    text.remove_prefix(1);
  }
  const auto e = text.find('e');
  int exponent = 0;
  const auto* exponent_begin = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(exponent_begin, text.data() + text.size(), exponent);
  std::string digits(1, text.front());
  if (e > 1) digits += text.substr(2, e - 2);
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // where the decimal point stands, counted from the first digit
  if (point > 21 || point < -5) {
    out.push_back(digits.front());
    if (count > 1) out.append(".").append(digits, 1);
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  } else if (point >= count) {
    out.append(digits).append(static_cast<std::size_t>(point - count), '0');
  } else if (point > 0) {
    out.append(digits, 0, static_cast<std::size_t>(point)).append(".").append(digits, static_cast<std::size_t>(point));
  } else {
    out.append("0.").append(static_cast<std::size_t>(-point), '0').append(digits);
  }
}

template <class Integer>
void append_integer(std::string& out, Integer number) {
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

// A writer's choices where JSON leaves more than one: as it came, or as JavaScript has it.
enum class Style : std::uint8_t { as_it_came, javascript };

// ECMA-262's array index: a whole number below 2^32 - 1 in its plain form. Objects list such members first.
std::optional<std::uint32_t> array_index(std::string_view name) {
  if (name.empty() || name.size() > 10 || (name.front() == '0' && name.size() > 1)) return std::nullopt;
  std::uint64_t index = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
  if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return std::nullopt;
  if (index >= std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  return static_cast<std::uint32_t>(index);
}

template <class Integer>
void append_integer(std::string& out, Integer number, Style style) {
  constexpr std::int64_t largest_exact = std::int64_t{1} << 53;
  const bool exact = std::cmp_less_equal(number, largest_exact) && std::cmp_greater_equal(number, -largest_exact);
  if (style == Style::javascript && !exact)
    append_double(out, static_cast<double>(number));
  else
    append_integer(out, number);
}

void append(std::string& out, const Value& value, Style style);

void append_member(std::string& out, const boost::json::key_value_pair& member, Style style) {
  if (out.back() != '{') out.push_back(',');
  append_string(out, member.key());
  out.push_back(':');
  append(out, member.value(), style);
}

void append_object(std::string& out, const Object& object, Style style) {
  std::vector<std::pair<std::uint32_t, const boost::json::key_value_pair*>> indexed;
  if (style == Style::javascript) {
    for (const auto& member : object) {
      if (const auto index = array_index(member.key())) indexed.emplace_back(*index, &member);
    }
    std::sort(indexed.begin(), indexed.end());
  }
  out.push_back('{');
  for (const auto& [index, member] : indexed) append_member(out, *member, style);
  for (const auto& member : object) {
    if (indexed.empty() || !array_index(member.key())) append_member(out, member, style);
  }
  out.push_back('}');
}

void append(std::string& out, const Value& value, Style style) {
  switch (value.kind()) {
    case boost::json::kind::null:
      out += "null";
      return;
    case boost::json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case boost::json::kind::int64:
      append_integer(out, value.get_int64(), style);
      return;
    case boost::json::kind::uint64:
      append_integer(out, value.get_uint64(), style);
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
        append(out, item, style);
      }
      out.push_back(']');
      return;
    }
    case boost::json::kind::object:
      append_object(out, value.get_object(), style);
      return;
  }
}

}  // namespace

core::Result<Value> parse(std::string_view text, const ParseLimits& limits) {
  if (text.size() > limits.bytes) {
    return core::fail(core::ErrorCode::too_large, "JSON is larger than " + std::to_string(limits.bytes) + " bytes");
  }
  boost::json::parse_options options;
  options.max_depth = limits.depth;
  boost::json::basic_parser<TreeBuilder> parser(options);
  boost::system::error_code problem;
  const auto used = parser.write_some(false, text.data(), text.size(), problem);
  if (!problem && used < text.size()) problem = boost::json::error::extra_data;
  if (problem == boost::json::error::too_deep) {
    return core::fail(core::ErrorCode::invalid, "JSON nests deeper than " + std::to_string(limits.depth) + " levels");
  }
  if (problem == boost::json::error::incomplete) {
    return core::fail(core::ErrorCode::invalid, std::string(ends_in_the_middle));
  }
  if (problem) return core::fail(core::ErrorCode::invalid, "not valid JSON: " + problem.message());
  return parser.handler().release();
}

std::string dump(const Value& value) {
  std::string out;
  append(out, value, Style::as_it_came);
  return out;
}

std::string dump_as_javascript(const Value& value) {
  std::string out;
  append(out, value, Style::javascript);
  return out;
}

}  // namespace retell::json
