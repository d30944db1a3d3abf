// Structured logging: a Logger is a value that carries its fields (call_id, agent_id), so every line has them.
// Any thread. The sink is asynchronous and bounded: a slow disk drops the oldest lines, never blocks a caller.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace retell::core {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };
enum class LogFormat : std::uint8_t { text, json };

// Sets up the process's sink (standard error); before it, and after shutdown_log, lines go to standard error at once.
void init_log(LogLevel level, LogFormat format);
void shutdown_log();  // writes what is queued; call last in main
[[nodiscard]] bool parse_log_level(std::string_view text, LogLevel& out);

class Logger {
 public:
  Logger() = default;

  // A copy that adds one field to every line. Values must not be secrets.
  [[nodiscard]] Logger with(std::string_view key, std::string_view value) const;

  template <class... A>
  void debug(fmt::format_string<A...> format, A&&... args) const {
    if (enabled(LogLevel::debug)) write(LogLevel::debug, fmt::format(format, std::forward<A>(args)...));
  }
  template <class... A>
  void info(fmt::format_string<A...> format, A&&... args) const {
    if (enabled(LogLevel::info)) write(LogLevel::info, fmt::format(format, std::forward<A>(args)...));
  }
  template <class... A>
  void warn(fmt::format_string<A...> format, A&&... args) const {
    if (enabled(LogLevel::warn)) write(LogLevel::warn, fmt::format(format, std::forward<A>(args)...));
  }
  template <class... A>
  void error(fmt::format_string<A...> format, A&&... args) const {
    if (enabled(LogLevel::error)) write(LogLevel::error, fmt::format(format, std::forward<A>(args)...));
  }

 private:
  [[nodiscard]] static bool enabled(LogLevel level);
  void write(LogLevel level, const std::string& message) const;

  std::string text_fields_;  // ` call_id=call_1`
  std::string json_fields_;  // `,"call_id":"call_1"`
};

}  // namespace retell::core
