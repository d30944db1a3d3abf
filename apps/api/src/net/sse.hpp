// Server-sent events (WHATWG HTML, section 9.2) from bytes in any split. Pure.
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace retell::net {

class SseParser {
 public:
  explicit SseParser(std::size_t max_event = std::size_t{1} << 20) : max_event_(max_event) {}

  // Calls `on_event(event, data)` for each complete event; `event` is "message" when the stream names none.
  // False when an event is longer than the limit; the stream is then unusable.
  [[nodiscard]] bool push(std::string_view bytes,
                          const std::function<void(std::string_view event, std::string_view data)>& on_event);

 private:
  void line(std::string_view text, const std::function<void(std::string_view, std::string_view)>& on_event);
  std::size_t max_event_;
  std::string pending_;
  std::string event_;
  std::string data_;
  bool has_data_ = false;
  bool after_cr_ = false;
  bool first_line_ = true;
  bool failed_ = false;
};

}  // namespace retell::net
