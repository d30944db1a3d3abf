#include "storage/cache/resp.hpp"

#include <charconv>

namespace retell::storage::resp {
namespace {

enum class Outcome : std::uint8_t { done, incomplete, malformed };

// Reads values off the front of `input_`.
class Reader {
 public:
  explicit Reader(std::string_view input) : input_(input) {}
  [[nodiscard]] std::size_t used() const { return at_; }

  Outcome value(Value& out, int depth) {
    if (depth > deepest) return Outcome::malformed;
    std::string_view line;
    if (const auto had = read_line(line); had != Outcome::done) return had;
    if (line.empty()) return Outcome::malformed;
    const char kind = line.front();
    line.remove_prefix(1);
    switch (kind) {
      case '+':
      case '(':
        out.what = std::string(line);
        return Outcome::done;
      case '-':
        out.what = Failure{std::string(line)};
        return Outcome::done;
      case ':':
        return number(line, out);
      case ',':
        return real(line, out);
      case '#':
        if (line != "t" && line != "f") return Outcome::malformed;
        out.what = std::int64_t{line == "t" ? 1 : 0};
        return Outcome::done;
      case '_':
        out.what = nullptr;
        return line.empty() ? Outcome::done : Outcome::malformed;
      case '$':
      case '=':
      case '!':
        return bulk(kind, line, out);
      case '*':
      case '~':
      case '>':
      case '%':
        out.push = kind == '>';
        return array(line, kind == '%' ? 2 : 1, out, depth);
      case '|': {  // attributes stand before the value that they describe
        Value attributes;
        if (const auto had = array(line, 2, attributes, depth); had != Outcome::done) return had;
        return value(out, depth + 1);
      }
      default:
        return Outcome::malformed;
    }
  }

 private:
  Outcome read_line(std::string_view& line) {
    const auto end = input_.find("\r\n", at_);
    if (end == std::string_view::npos) {
      return input_.size() - at_ > longest_text ? Outcome::malformed : Outcome::incomplete;
    }
    line = input_.substr(at_, end - at_);
    at_ = end + 2;
    return Outcome::done;
  }

  template <class Number>
  static bool read(std::string_view text, Number& out) {
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    return problem == std::errc() && end == text.data() + text.size();
  }

  static Outcome number(std::string_view line, Value& out) {
    std::int64_t whole = 0;
    if (line.starts_with('+')) line.remove_prefix(1);
    if (!read(line, whole)) return Outcome::malformed;
    out.what = whole;
    return Outcome::done;
  }

  static Outcome real(std::string_view line, Value& out) {
    double value = 0;
    if (!read(line, value)) return Outcome::malformed;
    out.what = value;
    return Outcome::done;
  }

  // A length, or -1 for the null of version 2.
  static bool length(std::string_view line, std::size_t most, std::int64_t& out) {
    return read(line, out) && out >= -1 && (out < 0 || static_cast<std::size_t>(out) <= most);
  }

  Outcome bulk(char kind, std::string_view line, Value& out) {
    std::int64_t size = 0;
    if (!length(line, longest_text, size)) return Outcome::malformed;
    if (size < 0) {
      out.what = nullptr;
      return Outcome::done;
    }
    const auto bytes = static_cast<std::size_t>(size);
    if (input_.size() - at_ < bytes + 2) return Outcome::incomplete;
    std::string text(input_.substr(at_, bytes));
    if (input_.substr(at_ + bytes, 2) != "\r\n") return Outcome::malformed;
    at_ += bytes + 2;
    if (kind == '=') {  // "txt:" before the text
      if (text.size() < 4) return Outcome::malformed;
      text.erase(0, 4);
    }
    if (kind == '!')
      out.what = Failure{std::move(text)};
    else
      out.what = std::move(text);
    return Outcome::done;
  }

  Outcome array(std::string_view line, std::size_t per_item, Value& out, int depth) {
    std::int64_t count = 0;
    if (!length(line, longest_array, count)) return Outcome::malformed;
    if (count < 0) {
      out.what = nullptr;
      return Outcome::done;
    }
    Array items;
    const auto wanted = static_cast<std::size_t>(count) * per_item;
    // The count is the sender's word alone, so room is made only as items come.
    while (items.size() < wanted) {
      if (const auto had = value(items.emplace_back(), depth + 1); had != Outcome::done) return had;
    }
    out.what = std::move(items);
    return Outcome::done;
  }

  std::string_view input_;
  std::size_t at_ = 0;
};

}  // namespace

core::Result<std::optional<Parsed>> parse(std::string_view input) {
  Reader reader(input);
  Parsed parsed;
  switch (reader.value(parsed.value, 0)) {
    case Outcome::done:
      parsed.used = reader.used();
      return parsed;
    case Outcome::incomplete:
      return std::nullopt;
    case Outcome::malformed:
      break;
  }
  return core::fail(core::ErrorCode::protocol, "Redis answered in no known form");
}

std::string command(const std::vector<std::string_view>& words) {
  std::string out = "*" + std::to_string(words.size()) + "\r\n";
  for (const auto word : words) {
    out += '$';
    out += std::to_string(word.size());
    out += "\r\n";
    out += word;
    out += "\r\n";
  }
  return out;
}

}  // namespace retell::storage::resp
