#include "benchmarks/far_ends.hpp"

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audio/g711.hpp"
#include "core/race.hpp"
#include "crypto/encoding.hpp"

namespace retell::benchmarks {

namespace {

using core::Task;
using std::chrono::milliseconds;

constexpr std::size_t samples_per_frame = 160;
constexpr milliseconds frame{20};
constexpr milliseconds between_calls{5};  // a new call every so often, while the series climbs
constexpr milliseconds heard_out{700};    // of the agent's silence before the caller speaks again
constexpr milliseconds patience{6'000};   // for an agent that says nothing
constexpr milliseconds new_talk{300};     // a pause in the agent's frames that begins a new talk
constexpr std::size_t first_pause_frames = 25;
// A turn of both sides takes about ten seconds; calls begin anywhere in it, so that they do not speak in chorus.
// Coprime to the step, so that neighbours are far apart.
constexpr std::size_t cycle_frames = 500;
constexpr std::size_t phase_step = 197;

// The first stretch of at least 0.8 s that no pause divides: one thing said, so that each turn has one end.
std::span<const std::int16_t> one_utterance(std::span<const std::int16_t> speech) {
  constexpr float voiced = 300;
  constexpr std::size_t pause = 6;  // frames
  constexpr std::size_t least = 40;
  const auto frames = speech.size() / samples_per_frame;
  std::size_t begin = 0;
  std::size_t last_voiced = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    if (audio::rms(speech.subspan(i * samples_per_frame, samples_per_frame)) > voiced) {
      if (i > last_voiced + pause) begin = i;
      last_voiced = i;
    } else if (i == last_voiced + pause && last_voiced >= begin + least) {
      break;
    }
  }
  return speech.subspan(begin * samples_per_frame, (last_voiced + 1 - begin) * samples_per_frame);
}

double ms(core::TimePoint::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }

core::TimePoint now() { return std::chrono::steady_clock::now(); }

}  // namespace

struct FarEnds::Call {
  explicit Call(std::size_t which) : number(which), said(0), quiet_until(which * phase_step % cycle_frames) {}
  std::size_t number;
  std::optional<net::WebSocket> socket;
  bool open = false;
  std::string stream;
  std::uint64_t sequence = 0;
  std::size_t said;         // frames of the speech that are over
  std::size_t quiet_until;  // frames to wait before the first words
  bool speaking = false;
  bool waiting = false;  // for the agent's answer
  core::TimePoint spoke_until{};
  // the agent's talk
  core::TimePoint play_end{};
  core::TimePoint last_frame{};
  std::uint64_t talk_frames = 0;
  core::TimePoint talk_start{};
  double steadiest = 0;
  std::deque<std::pair<core::TimePoint, std::string>> marks;
};

FarEnds::FarEnds(core::Worker& worker, ScriptedVendors& vendors, const std::vector<std::int16_t>& speech)
    : worker_(worker), vendors_(vendors), client_(worker, {}, {}), group_(worker.executor()) {
  const auto encode = [](std::span<const std::int16_t> samples) {
    std::array<std::uint8_t, samples_per_frame> codes{};
    audio::ulaw_encode(samples, codes);
    return crypto::to_base64({reinterpret_cast<const char*>(codes.data()), codes.size()});
  };
  const auto said = one_utterance(speech);
  for (std::size_t at = 0; at + samples_per_frame <= said.size(); at += samples_per_frame) {
    speech_.push_back(encode(said.subspan(at, samples_per_frame)));
  }
  silence_ = encode(std::array<std::int16_t, samples_per_frame>{});
}

FarEnds::~FarEnds() = default;

void FarEnds::call(std::uint16_t port, std::size_t count) {
  group_.spawn("calls", [](FarEnds& self, std::uint16_t to, std::size_t wanted) -> Task<void> {
    while (self.calls_.size() < wanted) {
      self.calls_.push_back(std::make_unique<Call>(self.calls_.size()));
      self.group_.spawn("call", self.run(*self.calls_.back(), to));
      co_await core::sleep_for(between_calls);
    }
  }(*this, port, count));
  if (!std::exchange(ticking_, true)) group_.spawn("clock", clock());
}

Task<void> FarEnds::run(Call& call, std::uint16_t port) {
  auto socket =
      co_await client_.connect({.url = fmt::format("ws://127.0.0.1:{}/media", port), .reach = net::Reach::any});
  if (!socket) {
    ++figures_.lost_calls;
    co_return;
  }
  call.socket.emplace(std::move(*socket));
  call.stream = fmt::format("MZ{:032x}", call.number);
  call.socket->send_text(R"({"event":"connected","protocol":"Call","version":"1.0.0"})");
  call.socket->send_text(fmt::format(
      R"({{"event":"start","sequenceNumber":"1","start":{{"accountSid":"AC{:032x}","streamSid":"{}","callSid":"CA{:032x}",)"
      R"("tracks":["inbound"],"mediaFormat":{{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}},)"
      R"("customParameters":{{"call":"{}"}}}},"streamSid":"{}"}})",
      0, call.stream, call.number, call.number, call.stream));
  call.open = true;
  co_await call.socket->run([&](std::string_view message, bool) { hear(call, message); });
  call.open = false;
  ++figures_.lost_calls;
}

Task<void> FarEnds::clock() {
  boost::asio::steady_timer timer(worker_.context());
  auto next = now();
  for (std::size_t slot = 0;; slot = (slot + 1) % 4) {
    next += frame / 4;
    timer.expires_at(next);
    co_await timer.async_wait(boost::asio::use_awaitable);
    const auto time = now();
    figures_.own_lateness_ms.push_back(ms(time - next));
    for (std::size_t i = slot; i < calls_.size(); i += 4) {
      if (calls_[i]->open) tick(*calls_[i], time);
    }
  }
}

void FarEnds::tick(Call& call, core::TimePoint time) {
  while (!call.marks.empty() && call.marks.front().first <= time) {
    call.socket->send_text(
        fmt::format(R"({{"event":"mark","sequenceNumber":"{}","streamSid":"{}","mark":{{"name":"{}"}}}})",
                    ++call.sequence, call.stream, call.marks.front().second));
    call.marks.pop_front();
  }
  if (!call.speaking) {
    const bool agent_done = call.last_frame != core::TimePoint{} && time - call.play_end > heard_out && !call.waiting;
    const bool gave_up = call.waiting && time - call.spoke_until > patience;
    const bool begins = call.sequence == first_pause_frames + call.quiet_until && call.spoke_until == core::TimePoint{};
    if (agent_done || gave_up || begins) {
      call.speaking = true;
      call.said = 0;
    }
  }
  const auto& payload = call.speaking ? speech_[call.said] : silence_;
  ++call.sequence;
  call.socket->send_text(fmt::format(
      R"({{"event":"media","sequenceNumber":"{}","media":{{"track":"inbound","chunk":"{}","timestamp":"{}","payload":"{}"}},"streamSid":"{}"}})",
      call.sequence, call.sequence, call.sequence * 20, payload, call.stream));
  if (call.speaking && ++call.said == speech_.size()) {
    call.speaking = false;
    call.waiting = true;
    call.spoke_until = time;
  }
}

void FarEnds::hear(Call& call, std::string_view message) {
  const auto time = now();
  if (message.find(R"("event":"media")") != std::string_view::npos) {
    ++figures_.frames_in;
    const bool begins = time - call.last_frame > new_talk;
    call.last_frame = time;
    call.play_end = std::max(call.play_end, time) + frame;
    if (begins) {
      call.talk_start = time;
      call.talk_frames = 0;
      call.steadiest = 0;
      if (std::exchange(call.waiting, false)) {
        ++figures_.turns;
        const auto& trace = vendors_.trace(call.number);
        if (trace.transcript_sent < trace.model_asked && trace.model_asked < trace.speech_asked &&
            trace.speech_asked < trace.audio_sent) {
          figures_.added_ms.push_back(ms(time - trace.transcript_sent) - ms(trace.token_sent - trace.model_asked) -
                                      ms(trace.audio_sent - trace.speech_asked));
        }
      }
    }
    const auto against_pace = ms(time - call.talk_start) - 20.0 * static_cast<double>(call.talk_frames++);
    call.steadiest = std::min(call.steadiest, against_pace);
    figures_.lateness_ms.push_back(against_pace - call.steadiest);
  } else if (const auto at = message.find(R"("name":")"); at != std::string_view::npos) {
    const auto name = message.substr(at + 8, message.find('"', at + 8) - at - 8);
    call.marks.emplace_back(call.play_end, name);
  } else if (message.find(R"("event":"clear")") != std::string_view::npos) {
    call.play_end = time;
    for (auto& mark : call.marks) mark.first = time;
  }
}

FarEndFigures FarEnds::take() { return std::exchange(figures_, {}); }

std::size_t FarEnds::live() const {
  return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), [](const auto& c) { return c->open; }));
}

}  // namespace retell::benchmarks
