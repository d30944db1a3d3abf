#include "providers/remote/vendor_error.hpp"

#include <charconv>
#include <cmath>

#include "json/text.hpp"

namespace retell::providers::remote {

namespace {

constexpr std::size_t most_words = 300;

std::string_view text_of(const json::Value& value) {
  if (const auto* text = value.if_string()) return {text->data(), text->size()};
  return {};
}

std::string_view message_in(const json::Object& object) {
  for (const auto* key : {"error", "detail", "message", "err_msg", "description", "reason"}) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) continue;
    if (const auto text = text_of(*value); !text.empty()) return text;
    if (const auto* inner = value->if_object()) {
      if (const auto* message = inner->if_contains("message")) {
        if (const auto text = text_of(*message); !text.empty()) return text;
      }
    }
  }
  return {};
}

// Cuts at a character's border and keeps control characters out of logs.
std::string one_line(std::string_view text) {
  if (text.size() > most_words) {
    auto end = most_words;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    text = text.substr(0, end);
  }
  std::string line(text);
  for (auto& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

core::ErrorCode code_of(unsigned status) {
  if (status == 401 || status == 403) return core::ErrorCode::unauthorized;
  if (status == 408) return core::ErrorCode::timeout;
  if (status == 429) return core::ErrorCode::rate_limited;
  if (status >= 500) return core::ErrorCode::unavailable;
  if (status >= 400) return core::ErrorCode::unprocessable;
  return core::ErrorCode::protocol;
}

}  // namespace

std::string vendor_words(std::string_view body) {
  if (const auto parsed = json::parse(body, {.bytes = std::size_t{64} << 10, .depth = 16})) {
    if (const auto* object = parsed->if_object()) {
      if (const auto message = message_in(*object); !message.empty()) return one_line(message);
    }
  }
  return one_line(body);
}

core::Error error_of_status(std::string_view vendor, unsigned status, std::string_view body) {
  std::string message = std::string(vendor) + " answered " + std::to_string(status);
  if (const auto words = vendor_words(body); !words.empty()) message += ": " + words;
  return {code_of(status), std::move(message)};
}

bool worth_retrying(unsigned status) {
  return status == 408 || status == 409 || status == 425 || status == 429 || (status >= 500 && status != 501);
}

std::optional<std::chrono::milliseconds> retry_after(const net::Headers& headers) {
  const auto number = [&](std::string_view name) -> std::optional<double> {
    const auto text = headers.get(name);
    if (!text) return std::nullopt;
    double value = 0;
    const auto end = std::from_chars(text->data(), text->data() + text->size(), value);
    if (end.ec != std::errc{} || !std::isfinite(value) || value < 0 || value > 86'400'000) return std::nullopt;
    return value;
  };
  if (const auto ms = number("retry-after-ms")) return std::chrono::milliseconds(std::llround(*ms));
  if (const auto seconds = number("retry-after")) return std::chrono::milliseconds(std::llround(*seconds * 1'000));
  return std::nullopt;
}

}  // namespace retell::providers::remote
