// A whole call in real time with vendors and a far end inside the process. The far end plays what it gets as a
// telephone does (one frame every 20 ms), sends the caller's sound, and writes down what was heard and when.
#pragma once
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "audio/voiced.hpp"
#include "audio/wav.hpp"
#include "engine/call_session.hpp"
#include "fake_vendors.hpp"
#include "support/paths.hpp"
#include "support/run.hpp"

namespace retell::test {

inline constexpr int line_rate = 8000;

// A real voice, `ms` long, from the voice activity test's recording, without the pauses that could end a turn.
inline std::vector<std::int16_t> voice(int ms) {
  const auto wav = audio::read_wav(data_file("vad/speech_8k.wav"));
  const auto all = wav->mono();
  audio::VoicedOptions options;
  options.join_ms = 40;
  const auto spans = audio::voiced_spans(all, line_rate, options);
  std::vector<std::int16_t> out;
  const auto wanted = static_cast<std::size_t>(ms * line_rate / 1000);
  for (const auto& span : spans) {
    out.insert(out.end(), all.begin() + span.begin, all.begin() + span.end);
    if (out.size() >= wanted) break;
  }
  out.resize(wanted);
  return out;
}

// The caller's telephone.
class FarEnd final : public engine::MediaTransport {
 public:
  FarEnd(core::Executor executor, bool with_marks)
      : executor_(executor), timer_(std::in_place, executor), with_marks_(with_marks) {}

  [[nodiscard]] int sample_rate() const override { return line_rate; }
  void start(Listener& listener) override {
    listener_ = &listener;
    zero_ = std::chrono::steady_clock::now();
    tick();
  }
  void send(const audio::AudioFrame& frame) override { queue_.push_back({frame, 0}); }
  void mark(std::uint64_t id) override { queue_.push_back({std::nullopt, id}); }
  void clear() override {
    ++clears;
    std::vector<std::uint64_t> marks;
    for (const auto& item : queue_) {
      if (!item.frame) marks.push_back(item.mark);
    }
    queue_.clear();
    for (const auto id : marks) answer(id, true);
  }
  void hang_up() override {
    hanging_up_ = true;
    if (listener_ == nullptr) return;
  }

  // The caller's doings, from the call's worker.
  void say(std::vector<std::int16_t> samples) {
    mouth_.insert(mouth_.end(), samples.begin(), samples.end());
    voice_ended_ms = -1;
  }
  void leave() { close(); }
  // Before the worker goes: what was heard can be looked at longer.
  void unplug() {
    closed_ = true;
    timer_.reset();
    executor_ = {};
  }
  void press(char digit) { listener_->on_digit(digit); }

  [[nodiscard]] double now_ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - zero_).count();
  }
  [[nodiscard]] bool closed() const { return closed_; }

  // What the caller heard: 20 ms frames, one for every 20 ms of the call.
  std::vector<std::int16_t> heard;
  std::vector<std::int16_t> said;
  int clears = 0;
  double voice_ended_ms = -1;
  std::size_t deepest = 0;  // most frames queued at the far end
  double late_ms = 0;       // by which this thread was kept waiting by the machine, all in all

 private:
  struct Item {
    std::optional<audio::AudioFrame> frame;
    std::uint64_t mark = 0;
  };

  void answer(std::uint64_t id, bool cleared) {
    if (!with_marks_) return;
    boost::asio::post(executor_, [this, id, cleared, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired() && !closed_) listener_->on_mark(id, cleared);
    });
  }

  void close() {
    if (std::exchange(closed_, true)) return;
    timer_->cancel();
    boost::asio::post(executor_, [this, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) listener_->on_closed({});
    });
  }

  void tick() {
    if (closed_) return;
    const double late = now_ms() - 20.0 * ticks_;
    if (late > noticed_late_ms_ + 5) late_ms += late - noticed_late_ms_;
    noticed_late_ms_ = late;
    deepest = std::max(deepest, queue_.size());
    while (!queue_.empty() && !queue_.front().frame) {
      answer(queue_.front().mark, false);
      queue_.pop_front();
    }
    audio::AudioFrame out(line_rate);
    if (!queue_.empty()) {
      out = *queue_.front().frame;
      queue_.pop_front();
    } else if (hanging_up_) {
      close();
      return;
    }
    heard.insert(heard.end(), out.samples().begin(), out.samples().end());
    audio::AudioFrame in(line_rate);
    const auto take = std::min(mouth_.size(), in.size());
    std::copy_n(mouth_.begin(), take, in.data.begin());
    mouth_.erase(mouth_.begin(), mouth_.begin() + static_cast<std::ptrdiff_t>(take));
    said.insert(said.end(), in.samples().begin(), in.samples().end());
    ++ticks_;
    timer_->expires_at(zero_ + ticks_ * 20ms);
    timer_->async_wait([this](auto error) {
      if (!error && !closed_) tick();
    });
    listener_->on_audio(in);
  }

  core::Executor executor_;
  std::optional<boost::asio::steady_timer> timer_;
  bool with_marks_;
  Listener* listener_ = nullptr;
  core::TimePoint zero_{};
  int ticks_ = 0;
  double noticed_late_ms_ = 0;  // of the tick before
  std::deque<Item> queue_;
  std::vector<std::int16_t> mouth_;
  bool hanging_up_ = false;
  bool closed_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

class Conversation {
 public:
  using Step = std::function<void(Conversation&)>;

  Conversation() {
    plan.call_id = "call_test";
    plan.hearing.vendor.name = "stt";
    plan.dialogue.vendor.name = "llm";
    plan.dialogue.system_prompt = "You are a test.";
    plan.dialogue.begin_message = "Hello there.";
    plan.speech.vendor.name = "tts";
    llm.answer = [](const auto&) { return Answer{"Fine, thank you."}; };
    fallback_llm.answer = [](const auto&) { return Answer{"From the second model."}; };
    fallback_tts.tone_hz = 900;
    stt.lines = {"How are you today?", "And what about tomorrow?"};
  }

  void at(int ms, Step step) { steps_.emplace_back(ms, std::move(step)); }

  // Runs the call; the far end leaves after `limit` if nobody has ended it.
  void run(Millis limit = 5s) {
    core::Worker worker(0);
    core::BlockingPool files(1);
    worker.start();
    providers::Registry registry;
    const auto add_stt = [&](const char* name, SttScript& script) {
      registry.add_stt(name,
                       [&script](const providers::Place&,
                                 providers::SttOptions options) -> core::Result<std::unique_ptr<providers::Stt>> {
                         return std::make_unique<FakeStt>(script, std::move(options));
                       });
    };
    const auto add_tts = [&](const char* name, TtsScript& script) {
      registry.add_tts(name,
                       [&script](const providers::Place&,
                                 providers::TtsOptions options) -> core::Result<std::unique_ptr<providers::Tts>> {
                         return std::make_unique<FakeTts>(script, std::move(options));
                       });
    };
    const auto add_llm = [&](const char* name, LlmScript& script) {
      registry.add_llm(name,
                       [&script](const providers::Place&,
                                 providers::LlmOptions options) -> core::Result<std::unique_ptr<providers::Llm>> {
                         return std::make_unique<FakeLlm>(script, std::move(options));
                       });
    };
    registry.add_end_of_turn("judge",
                             [this](const providers::Place&,
                                    core::Executor executor) -> core::Result<std::unique_ptr<providers::EndOfTurn>> {
                               return std::make_unique<FakeEndOfTurn>(end_of_turn, std::move(executor));
                             });
    add_stt("stt", stt);
    add_stt("stt2", stt);
    add_tts("tts", tts);
    add_tts("tts2", fallback_tts);
    add_llm("llm", llm);
    add_llm("llm2", fallback_llm);
    std::promise<void> done;
    auto call = [&]() -> core::Task<void> {
      net::Client client(worker, {}, {});
      engine::MediaClock clock(worker.executor());
      clock.start();
      far.emplace(worker.executor(), with_marks);
      engine::EngineContext context{worker, client, clock, files, registry, cache, true};
      {
        engine::CallSession made(context, plan, [this](const engine::CallEvent& event) { note(event); }, {});
        session = &made;
        boost::asio::steady_timer ring(worker.executor(), ringing);
        co_await ring.async_wait(boost::asio::use_awaitable);
        Later script(worker.executor());
        for (const auto& [ms, step] : steps_) script.after(Millis(ms), [this, step] { step(*this); });
        script.after(limit, [this] { far->leave(); });
        co_await made.run(*far);
        session = nullptr;
      }
      clock.stop();
      far->unplug();
    };
    boost::asio::co_spawn(worker.executor(), call(), [&](const std::exception_ptr& error) {
      EXPECT_FALSE(error);
      done.set_value();
    });
    ASSERT_EQ(done.get_future().wait_for(limit + 15s), std::future_status::ready);
    worker.stop();
    ASSERT_TRUE(ended.has_value());
  }

  // When the agent could be heard at the far end.
  [[nodiscard]] std::vector<audio::VoicedSpan> heard_spans() const {
    return audio::audible_spans(far->heard, line_rate);
  }
  // A bound on a time, on a machine that may be busy with other things.
  [[nodiscard]] double within(double ms) const { return ms + far->late_ms; }
  [[nodiscard]] double to_ms(std::int64_t samples) const { return static_cast<double>(samples) * 1000 / line_rate; }
  // Share of the heard sound's zero crossings that fit a tone.
  [[nodiscard]] bool hears_tone(double hz, double from_ms, double to) const {
    const auto begin = static_cast<std::size_t>(from_ms * line_rate / 1000);
    const auto end = std::min(far->heard.size(), static_cast<std::size_t>(to * line_rate / 1000));
    double s = 0, c = 0, power = 0;
    for (auto i = begin; i < end; ++i) {
      const double w = 2 * std::numbers::pi * hz * static_cast<double>(i) / line_rate;
      s += far->heard[i] * std::sin(w);
      c += far->heard[i] * std::cos(w);
      power += static_cast<double>(far->heard[i]) * far->heard[i];
    }
    return power > 0 && (s * s + c * c) / (power * static_cast<double>(end - begin)) > 0.1;
  }
  [[nodiscard]] std::string lines() const {
    std::string out;
    for (const auto& line : ended->transcript) {
      using Role = engine::Utterance::Role;
      const char* who[] = {"agent", "user", "call", "result", "dtmf"};
      out += std::string(who[static_cast<int>(line.role)]) + (line.interrupted && line.role == Role::agent ? "!" : "") +
             ": " + (line.role == Role::tool_call_invocation ? line.name : line.content) + "\n";
    }
    return out;
  }

  engine::CallPlan plan;
  engine::SpeechCache cache;  // of the worker: outlives a call
  EndOfTurnScript end_of_turn;
  SttScript stt;
  TtsScript tts, fallback_tts;
  LlmScript llm, fallback_llm;
  bool with_marks = true;
  Millis ringing{150};

  std::optional<FarEnd> far;
  engine::CallSession* session = nullptr;
  std::optional<engine::CallEnded> ended;
  std::vector<engine::TurnLatency> measured;
  std::vector<std::string> live_agent;  // what the live view showed of the agent's lines
  int updates = 0;

 private:
  void note(const engine::CallEvent& event) {
    if (const auto* e = std::get_if<engine::CallEnded>(&event)) ended = *e;
    if (const auto* e = std::get_if<engine::TurnMeasured>(&event)) measured.push_back(e->latency);
    if (const auto* e = std::get_if<engine::LiveText>(&event);
        e != nullptr && e->role == engine::Utterance::Role::agent)
      live_agent.push_back(e->text);
    if (std::holds_alternative<engine::TranscriptUpdated>(event)) ++updates;
  }
  std::vector<std::pair<int, Step>> steps_;
};

}  // namespace retell::test
