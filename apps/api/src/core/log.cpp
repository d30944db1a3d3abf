#include "core/log.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

namespace retell::core {
namespace {

// Lines that may wait for the sink's thread before the oldest are dropped.
constexpr std::size_t kQueueLines = 8192;

struct Sink {
  Sink() { spdlog::set_default_logger(spdlog::stderr_color_mt("early")); }
  std::atomic<LogLevel> level{LogLevel::info};
  std::atomic<LogFormat> format{LogFormat::text};
};

// The process's one sink, as spdlog itself keeps one registry.
Sink& sink() {
  static Sink instance;
  return instance;
}

std::string quoted(std::string_view text) {
  return boost::json::serialize(boost::json::value(boost::json::string_view(text.data(), text.size())));
}

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warn:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

}  // namespace

bool parse_log_level(std::string_view text, LogLevel& out) {
  if (text == "debug")
    out = LogLevel::debug;
  else if (text == "info")
    out = LogLevel::info;
  else if (text == "warn")
    out = LogLevel::warn;
  else if (text == "error")
    out = LogLevel::error;
  else if (text == "off")
    out = LogLevel::off;
  else
    return false;
  return true;
}

void init_log(LogLevel level, LogFormat format) {
  sink().level = level;
  sink().format = format;
  spdlog::init_thread_pool(kQueueLines, 1);
  spdlog::sink_ptr target;
  if (format == LogFormat::json)
    target = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  else
    target = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  auto logger = std::make_shared<spdlog::async_logger>("retell", target, spdlog::thread_pool(),
                                                       spdlog::async_overflow_policy::overrun_oldest);
  logger->set_level(to_spdlog(level));
  logger->set_pattern(
      format == LogFormat::json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%H:%M:%S.%e %^%-5l%$ %v",
      format == LogFormat::json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local);
  spdlog::set_default_logger(logger);
}

void shutdown_log() {
  sink().level = LogLevel::off;
  spdlog::shutdown();
}

Logger Logger::with(std::string_view key, std::string_view value) const {
  Logger copy = *this;
  copy.text_fields_ += fmt::format(" {}={}", key, value);
  copy.json_fields_ += fmt::format(",{}:{}", quoted(key), quoted(value));
  return copy;
}

bool Logger::enabled(LogLevel level) { return level >= sink().level.load(std::memory_order_relaxed); }

void Logger::write(LogLevel level, const std::string& message) const {
  auto* logger = spdlog::default_logger_raw();
  if (logger == nullptr) return;
  if (sink().format.load(std::memory_order_relaxed) == LogFormat::json) {
    logger->log(to_spdlog(level), "\"message\":{}{}", quoted(message), json_fields_);
  } else {
    logger->log(to_spdlog(level), "{}{}", message, text_fields_);
  }
}

}  // namespace retell::core
