// A call host on two workers with vendors that are real loopback servers, and a telephone made of memory.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "app/call_host.hpp"
#include "core/ids.hpp"
#include "core/race.hpp"
#include "fakes/fake_deepgram.hpp"
#include "fakes/fake_elevenlabs.hpp"
#include "fakes/fake_openai.hpp"
#include "providers/remote/deepgram_stt.hpp"
#include "providers/remote/elevenlabs_tts.hpp"
#include "providers/remote/openai_chat.hpp"

namespace retell::app::test {

using namespace std::chrono_literals;  // NOLINT: a header of tests

inline bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

// The three vendors. The voice takes half a second to its first sound.
struct Vendors {
  fakes::FakeDeepgram ears{{.utterances = {}}};
  fakes::FakeElevenLabs voice{{.first_piece_delay = 500ms}};
  fakes::FakeOpenAi mind;

  void add_to(providers::Registry& registry) {
    providers::remote::DeepgramOptions deepgram;
    deepgram.base_url = ears.base_url();
    deepgram.api_key = "dg-key";
    registry.add_stt("deepgram", providers::remote::deepgram_stt(deepgram));
    providers::remote::ElevenLabsOptions elevenlabs;
    elevenlabs.base_url = voice.base_url();
    elevenlabs.api_key = "xi-key";
    registry.add_tts("elevenlabs", providers::remote::elevenlabs_tts(elevenlabs));
    providers::remote::OpenAiChatOptions openai;
    openai.base_url = mind.base_url();
    registry.add_llm("openai", providers::remote::openai_chat(openai));
  }
  [[nodiscard]] std::size_t connections() const {
    return ears.connections() + voice.connections() + mind.connections();
  }
};

// Notes when the agent was first heard.
class Telephone final : public engine::MediaTransport {
 public:
  [[nodiscard]] int sample_rate() const override { return audio::narrowband; }
  void start(Listener& listener) override {
    listener_ = &listener;
    started_ = std::chrono::steady_clock::now();
  }
  void send(const audio::AudioFrame& frame) override {
    if (!frame.is_silent() && !first_sound) first_sound = std::chrono::steady_clock::now() - started_;
  }
  void mark(std::uint64_t) override {}
  void clear() override {}
  void hang_up() override {}
  void leave() { listener_->on_closed({}); }

  std::optional<std::chrono::steady_clock::duration> first_sound;

 private:
  Listener* listener_ = nullptr;
  core::TimePoint started_;
};

class HostRig {
 public:
  explicit HostRig(CallHostOptions options = {}) {
    options.client.keep_alive = 300ms;  // of the model's pooled connections
    vendors.add_to(registry);
    workers.start();
    host.emplace(workers, files, registry, std::move(options), metrics, core::Logger());
    host->start();
  }
  ~HostRig() {
    host->stop();
    workers.stop();
    files.join();
  }
  HostRig(const HostRig&) = delete;
  HostRig& operator=(const HostRig&) = delete;

  std::string expect(const std::string& call_id, std::chrono::milliseconds within = 60s) {
    engine::CallPlan plan;
    plan.call_id = call_id;
    plan.hearing.vendor.name = "deepgram";
    plan.dialogue.vendor.name = "openai";
    plan.dialogue.begin_message = "Hello there.";
    plan.speech.vendor.name = "elevenlabs";
    auto token = core::make_id("", 24);
    host->expect(token,
                 {std::move(plan), [this](const engine::CallEvent& event) { note(event); }, [this] { ++missed; }},
                 within);
    return token;
  }

  // Runs the call on a worker until its telephone has been heard and `listeners` transcribers were asked for in all, or
  // for `at_most`.
  Telephone call(const std::string& token, core::Worker& worker, std::chrono::milliseconds at_most = 3s,
                 int listeners = 0) {
    Telephone phone;
    auto body = [&]() -> core::Task<void> {
      auto claimed = host->claim(token, worker);
      if (!claimed) {
        ADD_FAILURE() << "the call is not there";
        co_return;
      }
      core::TaskGroup group(worker.executor());
      group.spawn("caller",
                  [](HostRig& rig, Telephone& line, std::chrono::milliseconds limit, int wanted) -> core::Task<void> {
                    const auto over = [&] { return line.first_sound && rig.vendors.ears.streams >= wanted; };
                    for (auto waited = 0ms; waited < limit && !over(); waited += 5ms) co_await core::sleep_for(5ms);
                    line.leave();
                  }(*this, phone, at_most, listeners));
      co_await host->run(std::move(*claimed), phone);
      co_await group.join();
    };
    boost::asio::co_spawn(worker.executor(), body(), boost::asio::use_future).get();
    return phone;
  }
  [[nodiscard]] std::vector<int> loads() { return {workers.at(0).load, workers.at(1).load}; }

  Vendors vendors;
  core::WorkerPool workers{2};
  core::BlockingPool files{1};
  providers::Registry registry;
  core::Metrics metrics;
  std::optional<CallHost> host;
  std::atomic<int> missed{0};
  std::atomic<int> ended{0};

 private:
  void note(const engine::CallEvent& event) {
    if (std::holds_alternative<engine::CallEnded>(event)) ++ended;
  }
};

}  // namespace retell::app::test
