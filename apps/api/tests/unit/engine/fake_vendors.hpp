// Vendors inside the process, for conversations in tests: a transcriber that knows what will be said, a voice of pure
// tones, a model that follows a script. Everything on the call's worker.
#pragma once
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cmath>
#include <deque>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "audio/frame.hpp"
#include "providers/registry.hpp"

namespace retell::test {

using namespace std::chrono_literals;
using core::Millis;

// Delivers events later, and none once it is gone.
class Later {
 public:
  explicit Later(core::Executor executor) : executor_(std::move(executor)) {}
  void after(Millis delay, std::function<void()> work) {
    auto timer = std::make_shared<boost::asio::steady_timer>(executor_, delay);
    timer->async_wait([timer, work = std::move(work), alive = std::weak_ptr<bool>(alive_)](auto error) {
      if (!error && !alive.expired()) work();
    });
  }

 private:
  core::Executor executor_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// What the caller will say, in order, shared by all transcribers of a call. An empty line is a sound without words.
struct SttScript {
  std::deque<std::string> lines;
  Millis delay{50};
  int fail_after_voiced_ms = -1;  // the first transcriber dies once, after so much voice
  bool silent_death = false;      // it stops answering instead
  int refusals = 0;               // so many streams after the first fail at once
  int streams = 0;
  std::vector<int> voiced_ms;         // heard by each stream
  std::vector<std::int16_t> samples;  // everything sent to the first
};

class FakeStt final : public providers::Stt {
 public:
  FakeStt(SttScript& script, providers::SttOptions options) : script_(script), options_(std::move(options)) {}
  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] std::unique_ptr<providers::SttStream> open(providers::SttHandler handler) override {
    const auto index = script_.streams++;
    script_.voiced_ms.push_back(0);
    return std::make_unique<Stream>(script_, options_, std::move(handler), static_cast<std::size_t>(index));
  }

 private:
  class Stream final : public providers::SttStream {
   public:
    Stream(SttScript& script, const providers::SttOptions& options, providers::SttHandler handler, std::size_t index)
        : script_(script),
          rate_(options.sample_rate),
          handler_(std::move(handler)),
          index_(index),
          later_(options.executor) {
      if (index_ == 0 || script_.refusals <= 0) return;
      --script_.refusals;
      dead_ = true;
      emit(providers::SttError{{core::ErrorCode::io, "connection refused"}, true});
    }

    void send(std::span<const std::int16_t> samples) override {
      if (index_ == 0) script_.samples.insert(script_.samples.end(), samples.begin(), samples.end());
      const auto step = static_cast<std::size_t>(rate_) / 100;
      for (std::size_t at = 0; at + step <= samples.size(); at += step) {
        if (audio::dbfs(samples.subspan(at, step)) > -45.0F) voiced_ += 10, script_.voiced_ms[index_] += 10;
      }
      if (index_ == 0 && script_.fail_after_voiced_ms >= 0 && script_.voiced_ms[0] >= script_.fail_after_voiced_ms) {
        if (!dead_ && !script_.silent_death) {
          emit(providers::SttError{{core::ErrorCode::io, "the connection was lost"}, true});
        }
        dead_ = true;
      }
      if (!dead_ && voiced_ >= 300 && !partial_ && !script_.lines.empty() && !script_.lines.front().empty()) {
        partial_ = true;
        emit(providers::SttPartial{script_.lines.front()});
      }
    }

    void finalize(std::uint32_t token) override {
      if (dead_) return;
      if (voiced_ > 100 && !script_.lines.empty()) {
        emit(providers::SttFinal{script_.lines.front(), {}});
        script_.lines.pop_front();
      }
      voiced_ = 0;
      partial_ = false;
      emit(providers::SttFinalized{token});
    }

   private:
    void emit(providers::SttEvent event) {
      later_.after(script_.delay, [this, event = std::move(event)] { handler_(event); });
    }
    SttScript& script_;
    int rate_;
    providers::SttHandler handler_;
    std::size_t index_;
    Later later_;
    int voiced_ = 0;
    bool partial_ = false;
    bool dead_ = false;
  };

  SttScript& script_;
  providers::SttOptions options_;
};

// Every vendor has its own tone, so that a test hears which one speaks.
struct TtsScript {
  double tone_hz = 400;
  Millis first_audio{80};
  int ms_per_character = 40;
  int leading_silence_ms = 0;
  bool dead = false;            // never answers
  int failing_streams = 0;      // the first so many fail at their first clause
  int error_after_chunks = -1;  // then every stream fails
  int streams = 0;
  std::vector<std::string> spoken;
};

class FakeTts final : public providers::Tts {
 public:
  FakeTts(TtsScript& script, providers::TtsOptions options) : script_(script), options_(std::move(options)) {}
  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] std::unique_ptr<providers::TtsStream> open(providers::TtsHandler handler) override {
    const bool fails = script_.streams++ < script_.failing_streams;
    return std::make_unique<Stream>(script_, options_, std::move(handler), fails);
  }

 private:
  class Stream final : public providers::TtsStream {
   public:
    Stream(TtsScript& script, const providers::TtsOptions& options, providers::TtsHandler handler, bool fails)
        : script_(script),
          rate_(options.sample_rate),
          handler_(std::move(handler)),
          later_(options.executor),
          fails_(fails) {}

    void speak(std::uint32_t chunk, std::string text) override {
      if (script_.dead) return;
      if (fails_ || (script_.error_after_chunks >= 0 && static_cast<int>(chunk) >= script_.error_after_chunks)) {
        later_.after(script_.first_audio,
                     [this] { handler_(providers::TtsError{{core::ErrorCode::io, "the voice is gone"}}); });
        return;
      }
      script_.spoken.push_back(text);
      later_.after(script_.first_audio, [this, chunk, text = std::move(text)] {
        std::vector<std::int16_t> samples(static_cast<std::size_t>(chunk == 0 ? script_.leading_silence_ms : 0) *
                                          static_cast<std::size_t>(rate_) / 1000);
        const auto lead_ms = static_cast<int>(samples.size() * 1000 / static_cast<std::size_t>(rate_));
        const auto count = text.size() * static_cast<std::size_t>(script_.ms_per_character * rate_ / 1000);
        for (std::size_t i = 0; i < count; ++i) {
          const double t = static_cast<double>(i) / rate_;
          samples.push_back(static_cast<std::int16_t>(8000 * std::sin(2 * std::numbers::pi * script_.tone_hz * t)));
        }
        providers::TtsWords words{chunk, {}};
        std::size_t at = 0;
        while (at < text.size()) {
          auto end = std::min(text.find(' ', at), text.size());
          words.words.push_back({text.substr(at, end - at), lead_ms + static_cast<int>(at) * script_.ms_per_character,
                                 lead_ms + static_cast<int>(end) * script_.ms_per_character});
          at = end + 1;
        }
        handler_(words);
        // In pieces of an odd size, as vendors do.
        std::span<const std::int16_t> rest(samples);
        while (!rest.empty()) {
          const auto piece = rest.first(std::min<std::size_t>(rest.size(), 1237));
          rest = rest.subspan(piece.size());
          handler_(providers::TtsAudio{chunk, piece});
        }
        handler_(providers::TtsChunkDone{chunk});
      });
    }
    void finish() override {
      if (script_.dead || script_.error_after_chunks >= 0) return;
      later_.after(script_.first_audio + 1ms, [this] { handler_(providers::TtsDone{}); });
    }

   private:
    TtsScript& script_;
    int rate_;
    providers::TtsHandler handler_;
    Later later_;
    bool fails_;
  };

  TtsScript& script_;
  providers::TtsOptions options_;
};

// The learned opinion on whether the caller has finished.
struct EndOfTurnScript {
  float probability = 0.95F;
  Millis delay{30};
  struct Question {
    std::vector<std::int16_t> audio;
    int rate = 0;
  };
  std::vector<Question> asked;
};

class FakeEndOfTurn final : public providers::EndOfTurn {
 public:
  FakeEndOfTurn(EndOfTurnScript& script, core::Executor executor) : script_(script), later_(std::move(executor)) {}
  void ask(std::span<const std::int16_t> audio, int rate, std::function<void(float)> answer) override {
    script_.asked.push_back({{audio.begin(), audio.end()}, rate});
    later_.after(script_.delay,
                 [probability = script_.probability, answer = std::move(answer)] { answer(probability); });
  }

 private:
  EndOfTurnScript& script_;
  Later later_;
};

struct Answer {
  std::string text = {};
  std::vector<providers::ToolCall> calls = {};
  Millis delay{80};
  bool fails = false;
  bool never = false;
};
struct LlmScript {
  std::function<Answer(const providers::LlmRequest&)> answer;
  std::vector<providers::LlmRequest> requests;
};

class FakeLlm final : public providers::Llm {
 public:
  FakeLlm(LlmScript& script, providers::LlmOptions options) : script_(script), options_(std::move(options)) {}
  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] std::unique_ptr<providers::LlmStream> stream(providers::LlmRequest request,
                                                             providers::LlmHandler handler) override {
    script_.requests.push_back(request);
    return std::make_unique<Stream>(script_.answer(request), options_.executor, std::move(handler));
  }

 private:
  class Stream final : public providers::LlmStream {
   public:
    Stream(Answer answer, core::Executor executor, providers::LlmHandler handler)
        : answer_(std::move(answer)), handler_(std::move(handler)), later_(std::move(executor)) {
      if (answer_.never) return;
      later_.after(answer_.delay, [this] { step(); });
    }

   private:
    void step() {
      if (answer_.fails) {
        handler_(providers::LlmError{{core::ErrorCode::unavailable, "overloaded"}});
      } else if (at_ < answer_.text.size()) {
        const auto piece = answer_.text.substr(at_, 6);
        at_ += piece.size();
        later_.after(2ms, [this] { step(); });
        handler_(providers::LlmText{piece});
      } else if (call_ < answer_.calls.size()) {
        later_.after(2ms, [this] { step(); });
        handler_(providers::LlmToolCall{answer_.calls[call_++]});
      } else {
        handler_(providers::LlmDone{answer_.calls.empty() ? "stop" : "tool_calls", 100, 10});
      }
    }
    Answer answer_;
    providers::LlmHandler handler_;
    std::size_t at_ = 0;
    std::size_t call_ = 0;
    Later later_;
  };

  LlmScript& script_;
  providers::LlmOptions options_;
};

}  // namespace retell::test
