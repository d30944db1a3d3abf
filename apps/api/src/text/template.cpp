#include "text/template.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace retell::text {
namespace {

// Names are short; a longer run between braces is prose or JSON. Also bounds the look-ahead for the closing braces.
constexpr std::size_t max_name_bytes = 256;
constexpr int max_depth = 4;

class Renderer {
 public:
  Renderer(std::string_view text, const Lookup& lookup) : text_(text), lookup_(lookup) {}

  std::string run() {
    std::string out;
    out.reserve(text_.size());
    std::size_t at = 0;
    while (at < text_.size()) {
      const std::size_t open = text_.find("{{", at);
      out += text_.substr(at, open == std::string_view::npos ? open : open - at);
      if (open == std::string_view::npos) break;
      at = open;
      if (auto value = variable(at, 1)) {
        out += *value;
      } else {
        out += text_[at++];  // not a variable: keep one brace and look again behind it
      }
    }
    return out;
  }

 private:
  // At "{{": what the variable becomes, with `at` moved behind it; nothing when no variable starts here.
  std::optional<std::string> variable(std::size_t& at, int depth) {
    if (depth > max_depth) return std::nullopt;
    std::string inside;
    std::size_t i = at + 2;
    while (i < text_.size() && inside.size() <= max_name_bytes && i - at <= max_depth * max_name_bytes) {
      const auto rest = text_.substr(i);
      if (rest.starts_with("{{")) {
        auto inner = variable(i, depth + 1);
        if (!inner) return std::nullopt;
        inside += *inner;
        continue;
      }
      if (rest.starts_with("}}")) {
        const auto name = trim(inside);
        if (name.empty()) return std::nullopt;
        at = i + 2;
        if (auto value = lookup_(name)) return value;
        return "{{" + inside + "}}";
      }
      if (rest.front() == '\n' || rest.front() == '{' || rest.front() == '}') return std::nullopt;
      inside += rest.front();
      ++i;
    }
    return std::nullopt;
  }

  std::string_view text_;
  const Lookup& lookup_;
};

}  // namespace

std::string render_template(std::string_view text, const Lookup& lookup) { return Renderer(text, lookup).run(); }

std::vector<std::string> template_variables(std::string_view text) {
  std::vector<std::string> names;
  const Lookup note = [&names](std::string_view name) -> std::optional<std::string> {
    if (name.find('{') == std::string_view::npos && std::ranges::find(names, name) == names.end()) {
      names.emplace_back(name);
    }
    return std::nullopt;
  };
  (void)render_template(text, note);
  return names;
}

}  // namespace retell::text
