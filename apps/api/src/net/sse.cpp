#include "net/sse.hpp"

namespace retell::net {

namespace {
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
}

bool SseParser::push(std::string_view bytes,
                     const std::function<void(std::string_view event, std::string_view data)>& on_event) {
  if (failed_) return false;
  while (!bytes.empty()) {
    if (after_cr_) {
      after_cr_ = false;
      if (bytes.front() == '\n') {
        bytes.remove_prefix(1);
        continue;
      }
    }
    const auto end = bytes.find_first_of("\r\n");
    const auto part = bytes.substr(0, end);
    if (pending_.size() + data_.size() + event_.size() + part.size() > max_event_) {
      failed_ = true;
      return false;
    }
    if (end == std::string_view::npos) {
      pending_.append(part);
      return true;
    }
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (pending_.empty()) {
      line(part, on_event);
    } else {
      pending_.append(part);
      line(pending_, on_event);
      pending_.clear();
    }
  }
  return true;
}

void SseParser::line(std::string_view text, const std::function<void(std::string_view, std::string_view)>& on_event) {
  if (first_line_) {
    first_line_ = false;
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  }
  if (text.empty()) {
    if (has_data_) on_event(event_.empty() ? std::string_view("message") : std::string_view(event_), data_);
    event_.clear();
    data_.clear();
    has_data_ = false;
    return;
  }
  const auto colon = text.find(':');
  const auto name = text.substr(0, colon);
  auto value = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "data") {
    if (has_data_) data_ += '\n';
    data_.append(value);
    has_data_ = true;
  } else if (name == "event") {
    event_.assign(value);
  }
  // Comments, `id` and `retry` mean nothing to a client that does not reconnect.
}

}  // namespace retell::net
