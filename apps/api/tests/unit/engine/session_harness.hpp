// A call with scripted vendors and a far end made of memory, on a real worker in real time.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "audio/wav.hpp"
#include "core/race.hpp"
#include "engine/call_session.hpp"
#include "support/paths.hpp"
#include "support/run.hpp"

namespace retell::engine::test {

using namespace std::chrono_literals;

// Posts to the executor unless its stream is gone.
class Outlet {
 public:
  explicit Outlet(core::Executor executor) : executor_(std::move(executor)) {}
  void operator()(std::function<void()> work) const {
    boost::asio::post(executor_, [alive = std::weak_ptr<int>(alive_), work = std::move(work)] {
      if (alive.lock()) work();
    });
  }

 private:
  core::Executor executor_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

struct Script {
  std::vector<std::string> heard = {"What is the weather like?"};  // one final for each finalize, then empty ones
  std::map<std::string, std::string> answers = {};                 // by the last user line; "" is the default
  std::vector<providers::ToolCall> tool_calls = {};                // of completions until one of them was run
  std::string dead_voice = {};                                     // a voice vendor whose streams fail
  std::vector<std::string> asked = {};                             // last user lines that the model was given
  int words_per_second = 4;
};

class FakeStt final : public providers::Stt {
 public:
  FakeStt(Script& script, providers::SttOptions options) : script_(script), options_(std::move(options)) {}
  std::string_view name() const override { return "fake"; }
  std::unique_ptr<providers::SttStream> open(providers::SttHandler handler) override {
    struct Stream final : providers::SttStream {
      Stream(Script& s, core::Executor e, providers::SttHandler h)
          : script(s), post(std::move(e)), handler(std::move(h)) {}
      void send(std::span<const std::int16_t>) override {}
      void finalize(std::uint32_t token) override {
        post([this, token] {
          std::string text;
          if (next < script.heard.size()) text = script.heard[next++];
          if (!text.empty()) handler(providers::SttFinal{text, {}});
          handler(providers::SttFinalized{token});
        });
      }
      Script& script;
      Outlet post;
      providers::SttHandler handler;
      std::size_t next = 0;
    };
    return std::make_unique<Stream>(script_, options_.executor, std::move(handler));
  }

 private:
  Script& script_;
  providers::SttOptions options_;
};

class FakeLlm final : public providers::Llm {
 public:
  FakeLlm(Script& script, providers::LlmOptions options) : script_(script), options_(std::move(options)) {}
  std::string_view name() const override { return "fake"; }
  std::unique_ptr<providers::LlmStream> stream(providers::LlmRequest request, providers::LlmHandler handler) override {
    struct Stream final : providers::LlmStream {
      explicit Stream(core::Executor e) : post(std::move(e)) {}
      Outlet post;
    };
    auto stream = std::make_unique<Stream>(options_.executor);
    const auto said = request.messages.back().content;
    script_.asked.push_back(said);
    // A speculation that is dropped must not use them up: until a call of theirs is in the conversation, they are made.
    const bool called =
        std::ranges::any_of(request.messages, [](const auto& message) { return !message.tool_calls.empty(); });
    stream->post([this, said, called, handler] {
      if (const auto calls = script_.tool_calls; !called && !calls.empty()) {
        for (const auto& call : calls) handler(providers::LlmToolCall{call});
        handler(providers::LlmDone{"tool_calls"});
        return;
      }
      const auto found = script_.answers.find(said);
      const auto answer = found != script_.answers.end() ? found->second : script_.answers[""];
      if (!answer.empty()) handler(providers::LlmText{answer});
      handler(providers::LlmDone{"stop", 10, 5});
    });
    return stream;
  }

 private:
  Script& script_;
  providers::LlmOptions options_;
};

// A hum for each word.
class FakeTts final : public providers::Tts {
 public:
  FakeTts(Script& script, std::string name, providers::TtsOptions options)
      : script_(script), name_(std::move(name)), options_(std::move(options)) {}
  std::string_view name() const override { return name_; }
  std::unique_ptr<providers::TtsStream> open(providers::TtsHandler handler) override {
    struct Stream final : providers::TtsStream {
      Stream(FakeTts& o, providers::TtsHandler h) : owner(o), post(o.options_.executor), handler(std::move(h)) {}
      void speak(std::uint32_t chunk, std::string text) override {
        post([this, chunk, text] {
          if (owner.script_.dead_voice == owner.name_) {
            handler(providers::TtsError{{core::ErrorCode::io, "the socket was closed", {}}});
            return;
          }
          const auto words = 1 + std::count(text.begin(), text.end(), ' ');
          const auto rate = owner.options_.sample_rate;
          std::vector<std::int16_t> hum(static_cast<std::size_t>(words * rate / owner.script_.words_per_second));
          for (std::size_t i = 0; i < hum.size(); ++i) {
            hum[i] = static_cast<std::int16_t>(8000 * std::sin(2 * 3.14159265 * 220 * static_cast<double>(i) / rate));
          }
          handler(providers::TtsAudio{chunk, hum});
          handler(providers::TtsChunkDone{chunk});
        });
      }
      void finish() override {
        post([this] { handler(providers::TtsDone{}); });
      }
      FakeTts& owner;
      Outlet post;
      providers::TtsHandler handler;
    };
    return std::make_unique<Stream>(*this, std::move(handler));
  }

 private:
  Script& script_;
  std::string name_;
  providers::TtsOptions options_;
};

// Plays what it is given, remembers what it hears, answers marks at once.
class MemoryTransport final : public MediaTransport {
 public:
  explicit MemoryTransport(core::Executor executor) : timer_(executor) {}
  int sample_rate() const override { return audio::wideband; }
  void start(Listener& listener) override {
    listener_ = &listener;
    due_ = std::chrono::steady_clock::now();
    pace();
  }
  void send(const audio::AudioFrame& frame) override {
    ++frames;
    audible = audible || !frame.is_silent();
    if (!frame.is_silent()) last_audible = std::chrono::steady_clock::now();
  }
  void mark(std::uint64_t id) override {
    boost::asio::post(timer_.get_executor(), [this, id] {
      if (listener_ != nullptr) listener_->on_mark(id, false);
    });
  }
  void clear() override {
    ++clears;
    cleared_at = std::chrono::steady_clock::now();
  }
  void hang_up() override {
    boost::asio::post(timer_.get_executor(), [this] { close(""); });
  }

  // What the caller says from now on.
  void say(std::vector<std::int16_t> samples) {
    speech_ = std::move(samples);
    said_ = 0;
  }
  void close(std::string_view error) {
    timer_.cancel();
    if (auto* listener = std::exchange(listener_, nullptr)) listener->on_closed(error);
  }

  int frames = 0;
  int clears = 0;
  bool audible = false;
  core::TimePoint last_audible{};
  core::TimePoint cleared_at{};

 private:
  void pace() {
    due_ += 20ms;
    timer_.expires_at(due_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error || listener_ == nullptr) return;
      const auto left = std::span(speech_).subspan(std::min(said_, speech_.size()));
      const auto size = std::min<std::size_t>(left.size(), 320);
      said_ += size;
      listener_->on_audio(audio::AudioFrame(audio::wideband, left.first(size)));
      pace();
    });
  }
  boost::asio::steady_timer timer_;
  Listener* listener_ = nullptr;
  core::TimePoint due_{};
  std::vector<std::int16_t> speech_;
  std::size_t said_ = 0;
};

class Harness {
 public:
  Harness() : worker(0), net(worker, {}, {}), clock(worker.executor()), files(1) {
    for (const char* voice : {"voice", "spare"}) {
      registry.add_tts(voice, [this, voice](const providers::Place&, providers::TtsOptions options) {
        return core::Result<std::unique_ptr<providers::Tts>>(
            std::make_unique<FakeTts>(script, voice, std::move(options)));
      });
    }
    registry.add_stt("ears", [this](const providers::Place&, providers::SttOptions options) {
      return core::Result<std::unique_ptr<providers::Stt>>(std::make_unique<FakeStt>(script, std::move(options)));
    });
    registry.add_llm("mind", [this](const providers::Place&, providers::LlmOptions options) {
      return core::Result<std::unique_ptr<providers::Llm>>(std::make_unique<FakeLlm>(script, std::move(options)));
    });
    plan.call_id = "call_test";
    plan.hearing.vendor = {"ears", ""};
    plan.dialogue.vendor = {"mind", ""};
    plan.speech.vendor = {"voice", ""};
    plan.dialogue.begin_message = "Hello there.";
    plan.recording_path = (folder.path() / "call.wav").string();
  }

  // Runs the call; `steps` run beside it on its worker.
  CallEnded call(std::function<core::Task<void>(MemoryTransport&, CallSession&)> steps) {
    worker.start();
    auto done = boost::asio::co_spawn(worker.executor(), body(std::move(steps)), boost::asio::use_future);
    done.get();
    worker.stop();
    files.join();
    for (const auto& event : events) {
      if (const auto* ended = std::get_if<CallEnded>(&event)) return *ended;
    }
    return {};
  }

  static std::vector<std::int16_t> speech() {
    return audio::read_wav(retell::test::data_file("vad/speech_16k.wav")).value().samples;
  }

  Script script;
  CallPlan plan;
  retell::test::TemporaryFolder folder;
  core::Worker worker;
  net::Client net;
  MediaClock clock;
  core::BlockingPool files;
  providers::Registry registry;
  SpeechCache cache;
  std::vector<CallEvent> events;

 private:
  core::Task<void> body(std::function<core::Task<void>(MemoryTransport&, CallSession&)> steps) {
    clock.start();
    MemoryTransport transport(worker.executor());
    {
      CallSession session({worker, net, clock, files, registry, cache, true}, plan,
                          [this](const CallEvent& event) { events.push_back(event); }, {});
      core::TaskGroup group(worker.executor());
      group.spawn("steps", steps(transport, session));
      co_await core::with_timeout(session.run(transport), 30s, "the call");
      group.cancel();
      co_await group.join();
    }
    clock.stop();
  }
};

}  // namespace retell::engine::test
