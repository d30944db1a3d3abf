#include "providers/remote/openai_tts.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "fakes/fake_openai.hpp"
#include "rig.hpp"

namespace retell::providers::remote {

namespace {

using fakes::FakeOpenAi;
using Fault = FakeOpenAi::Fault;
using namespace std::chrono_literals;  // NOLINT
using test::Events;
using test::only;

struct Heard {
  std::uint32_t chunk;
  std::vector<std::int16_t> samples;
};
using Event = std::variant<Heard, TtsWords, TtsChunkDone, TtsDone, TtsError>;

class OpenAiTts : public ::testing::Test {
 protected:
  OpenAiTtsOptions options() {
    OpenAiTtsOptions vendor;
    vendor.base_url = server.base_url();
    vendor.first_audio_timeout = vendor.liveness = test::no_matter;
    return vendor;
  }
  void say(const std::vector<std::string>& chunks, int sample_rate = 16'000) { say(options(), chunks, sample_rate); }
  void say(const OpenAiTtsOptions& vendor, const std::vector<std::string>& chunks, int sample_rate = 16'000) {
    TtsOptions call;
    call.executor = rig.worker().executor();
    call.sample_rate = sample_rate;
    rig.on_worker([&] {
      tts = *openai_tts(vendor)(rig.place(), call);
      stream = tts->open([this](TtsEvent event) {
        std::visit(
            [this](auto& e) {
              if constexpr (std::is_same_v<std::remove_cvref_t<decltype(e)>, TtsAudio>)
                events.add(Heard{e.chunk, {e.samples.begin(), e.samples.end()}});
              else
                events.add(std::move(e));
            },
            event);
      });
      std::uint32_t number = 0;
      for (const auto& chunk : chunks) stream->speak(number++, chunk);
      stream->finish();
    });
  }
  core::Error failure() { return only<TtsError>(events.until_first<TtsError>()).at(0).error; }
  void TearDown() override {
    rig.on_worker([this] {
      stream.reset();
      tts.reset();
    });
  }

  FakeOpenAi server;
  test::Rig rig;
  Events<Event> events;
  std::unique_ptr<Tts> tts;
  std::unique_ptr<TtsStream> stream;
};

TEST_F(OpenAiTts, speaks_chunks_in_order_at_the_calls_rate) {
  say({"Hello there.", "Bye."}, 8'000);
  const auto all = events.until_first<TtsDone>();
  std::vector<std::size_t> samples(2, 0);
  std::uint32_t last = 0;
  int loudest = 0;
  for (const auto& part : only<Heard>(all)) {
    EXPECT_GE(part.chunk, last);
    last = part.chunk;
    samples.at(part.chunk) += part.samples.size();
    for (const auto sample : part.samples) loudest = std::max(loudest, std::abs(static_cast<int>(sample)));
  }
  EXPECT_NEAR(static_cast<double>(samples[0]), 12 * 60 * 8, 40);  // 12 characters of 60 ms, 8 samples a millisecond
  EXPECT_NEAR(static_cast<double>(samples[1]), 4 * 60 * 8, 40);
  EXPECT_NEAR(loudest, 4'000, 400);  // the fake's tone: a part cut within a sample would be noise at full scale
  EXPECT_EQ(only<TtsChunkDone>(all).size(), 2U);
}

TEST_F(OpenAiTts, no_audio_for_a_text_is_an_error) {
  server.fault.set(Fault::no_audio);
  say({"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::protocol);
}

TEST_F(OpenAiTts, a_half_open_connection_times_out) {
  server.fault.set(Fault::half_open);
  auto vendor = options();
  vendor.first_audio_timeout = 300ms;
  say(vendor, {"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
}

TEST_F(OpenAiTts, audio_that_stalls_or_breaks_off_is_an_error) {
  server.fault.set(Fault::mid_stream_stall);
  auto vendor = options();
  vendor.liveness = 200ms;
  say(vendor, {"Hello there."});
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
  EXPECT_TRUE(only<TtsChunkDone>(events.now()).empty());
}

TEST_F(OpenAiTts, a_broken_connection_is_an_error) {
  server.fault.set(Fault::mid_stream_close);
  say({"Hello there."});
  failure();
  EXPECT_TRUE(only<TtsChunkDone>(events.now()).empty());
}

TEST_F(OpenAiTts, a_429_that_passes_is_not_heard) {
  server.fault.set(Fault::rate_limited, 1);
  say({"Hello."});
  const auto all = events.until_first<TtsDone>();
  EXPECT_EQ(only<TtsChunkDone>(all).size(), 1U);
  EXPECT_EQ(server.requests, 2);
}

TEST_F(OpenAiTts, a_wrong_key_is_told_at_once) {
  server.fault.set(Fault::unauthorized);
  say({"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::unauthorized);
  EXPECT_EQ(server.requests, 1);
}

TEST_F(OpenAiTts, a_refusal_is_told_in_the_vendors_words) {
  server.fault.set(Fault::rate_limited);
  say({"Hello."});
  EXPECT_EQ(failure().message, "openai answered 429: slow down");
  EXPECT_EQ(server.requests, 3);
}

}  // namespace

}  // namespace retell::providers::remote
