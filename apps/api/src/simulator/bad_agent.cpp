#include "simulator/bad_agent.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <exception>
#include <numbers>

#include "audio/frame.hpp"
#include "audio/g711.hpp"
#include "core/task_group.hpp"
#include "crypto/encoding.hpp"
#include "simulator/carrier_buffer.hpp"

namespace retell::simulator {
namespace {

namespace bj = boost::json;

constexpr double frame_length_ms = 20;
constexpr double drifting_frame_ms = 21;
constexpr double greeting_seconds = 1.5;
constexpr double answer_seconds = 4;
constexpr int voiced_to_stop = 5;      // 100 ms of the caller stop the agent
constexpr int silence_to_answer = 20;  // 400 ms
constexpr float voiced_dbfs = -45.0F;
constexpr std::uint64_t gap_every = 40;  // frames
constexpr std::uint64_t ahead = 3;       // frames sent at once when an utterance begins

}  // namespace

void BadAgent::speak(double seconds) {
  frames_left_ = static_cast<std::uint64_t>(seconds * 1000 / frame_length_ms);
  frame_ = 0;
  next_ms_ = -1;
}

std::string BadAgent::media() {
  std::string codes(line_frame, '\0');
  for (std::size_t i = 0; i < line_frame; ++i) {
    const double t = static_cast<double>(frame_ * line_frame + i) / line_rate;
    const auto sample = static_cast<std::int16_t>(std::lround(8000 * std::sin(2 * std::numbers::pi * 440 * t)));
    codes[i] = static_cast<char>(audio::ulaw_encode(sample));
  }
  ++frame_;
  --frames_left_;
  return fmt::format(R"({{"event":"media","streamSid":"{}","media":{{"payload":"{}"}}}})", stream_sid_,
                     crypto::to_base64(codes));
}

void BadAgent::hear(float dbfs, Messages& out) {
  if (dbfs > voiced_dbfs) {
    caller_silent_ = 0;
    caller_spoke_ = true;
    if (++caller_voiced_ >= voiced_to_stop && frames_left_ > 0 && fault_ != Fault::ignores_caller) {
      frames_left_ = 0;
      out.push_back(fmt::format(R"({{"event":"clear","streamSid":"{}"}})", stream_sid_));
    }
    return;
  }
  caller_voiced_ = 0;
  if (++caller_silent_ == silence_to_answer && caller_spoke_) {
    caller_spoke_ = false;
    if (fault_ != Fault::dead_air && frames_left_ == 0) speak(answer_seconds);
  }
}

BadAgent::Messages BadAgent::on_message(std::string_view text) {
  Messages out;
  boost::system::error_code error;
  const auto message = bj::parse(text, error);
  const auto* object = error ? nullptr : message.if_object();
  const auto* event = object == nullptr ? nullptr : object->if_contains("event");
  if (event == nullptr) return out;
  if (*event == "start") {
    stream_sid_ = std::string_view(object->at("streamSid").as_string());
    greeting_due_ = true;
    if (fault_ == Fault::garbage) out.emplace_back(R"({"event":"media","streamSid":"MZ of another call"})");
  } else if (*event == "media") {
    const auto codes = crypto::from_base64(std::string_view(object->at("media").at("payload").as_string()));
    if (!codes) return out;
    std::vector<std::int16_t> samples;
    for (const char code : *codes) samples.push_back(audio::ulaw_decode(static_cast<std::uint8_t>(code)));
    hear(audio::dbfs(samples), out);
  }
  return out;
}

BadAgent::Messages BadAgent::tick(double now_ms) {
  Messages out;
  if (stream_sid_.empty()) return out;
  if (greeting_due_) {
    greeting_due_ = false;
    speak(greeting_seconds);
  }
  if (frames_left_ == 0) return out;
  if (next_ms_ < 0) {
    next_ms_ = now_ms;
    for (std::uint64_t i = 0; i < ahead && frames_left_ > 0; ++i) out.push_back(media());
    if (fault_ == Fault::bursts) {
      while (frames_left_ > 0) out.push_back(media());
    }
  }
  const double pace = fault_ == Fault::drift ? drifting_frame_ms : frame_length_ms;
  while (frames_left_ > 0 && now_ms >= next_ms_ + pace) {
    next_ms_ += pace;
    out.push_back(media());
    if (fault_ == Fault::gaps && frame_ % gap_every == 0) next_ms_ += 160;
  }
  return out;
}

core::Task<void> serve_bad_agent(net::WebSocket socket, Fault fault) {
  BadAgent agent(fault);
  const auto read = [](net::WebSocket& from, BadAgent& to) -> core::Task<void> {
    co_await from.run([&](std::string_view data, bool /*binary*/) {
      for (const auto& message : to.on_message(data)) from.send_text(message);
    });
  };
  core::asio::steady_timer timer(co_await core::asio::this_coro::executor);
  core::TaskGroup group(timer.get_executor());
  const auto reader = group.spawn("bad agent's reader", read(socket, agent));
  const auto start = std::chrono::steady_clock::now();
  std::exception_ptr failure;
  try {
    while (!reader.done()) {
      timer.expires_after(std::chrono::milliseconds(5));
      co_await timer.async_wait(core::asio::use_awaitable);
      const double now = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
      for (const auto& message : agent.tick(now)) socket.send_text(message);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  co_await core::asio::this_coro::reset_cancellation_state(core::asio::disable_cancellation());
  group.cancel();
  co_await group.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace retell::simulator
