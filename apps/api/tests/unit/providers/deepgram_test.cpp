#include <gtest/gtest.h>

#include "fakes/fake_deepgram.hpp"
#include "providers/remote/deepgram_stt.hpp"
#include "providers/remote/deepgram_wire.hpp"
#include "rig.hpp"

namespace retell::providers::remote {

namespace {

using fakes::FakeDeepgram;
using Fault = FakeDeepgram::Fault;
using namespace std::chrono_literals;  // NOLINT
using test::Events;
using test::only;

constexpr int rate = 16'000;

class Deepgram : public ::testing::Test {
 protected:
  DeepgramOptions options() {
    DeepgramOptions options;
    options.base_url = server.base_url();
    options.api_key = "dg-key";
    options.connect_timeout = options.liveness = options.finalize_timeout = test::no_matter;
    options.piece = 40ms;  // the spans below are multiples of it
    return options;
  }
  void make(DeepgramOptions vendor, SttOptions call = {}) {
    rig.on_worker([&] {
      call.executor = rig.worker().executor();
      stt = *deepgram_stt(std::move(vendor))(rig.place(), std::move(call));
    });
  }
  void listen() {
    rig.on_worker([this] { stream = stt->open([this](SttEvent event) { events.add(std::move(event)); }); });
  }
  void open(DeepgramOptions vendor, SttOptions call = {}) {
    make(std::move(vendor), std::move(call));
    listen();
  }
  void open() { open(options()); }
  // Sends `ms` of silence or of a sound in frames of 20 ms.
  void hear(int ms, std::int16_t level = 0) {
    rig.on_worker([&] {
      const std::vector<std::int16_t> frame(rate / 50, level);
      for (int i = 0; stream && i < ms / 20; ++i) stream->send(frame);
    });
  }
  void finalize(std::uint32_t token) {
    rig.on_worker([&] { stream->finalize(token); });
  }
  core::Error failure() {
    const auto errors = only<SttError>(events.until_first<SttError>());
    EXPECT_TRUE(errors.at(0).fatal);
    return errors.at(0).error;
  }
  std::vector<std::string> finals(std::size_t count) {
    const auto all = events.until([&](const auto& e) { return only<SttFinal>(e).size() >= count; });
    std::vector<std::string> texts;
    for (const auto& final : only<SttFinal>(all)) texts.push_back(final.text);
    return texts;
  }
  void TearDown() override {
    rig.on_worker([this] {
      stream.reset();
      stt.reset();
    });
  }

  FakeDeepgram server{{.utterances = {{"hello there friend", 0.2, 1.0}, {"how are you", 1.5, 2.0}}}};
  test::Rig rig;
  Events<SttEvent> events;
  std::unique_ptr<Stt> stt;
  std::unique_ptr<SttStream> stream;
};

TEST_F(Deepgram, hears_segments_with_the_times_of_their_words) {
  open();
  hear(2'200);
  EXPECT_EQ(finals(2), (std::vector<std::string>{"hello there friend", "how are you"}));
  const auto all = events.now();
  const auto words = only<SttFinal>(all)[0].words;
  ASSERT_EQ(words.size(), 3U);
  EXPECT_EQ(words[0].text, "hello");
  EXPECT_NEAR(words[0].start_s, 0.2, 0.001);
  EXPECT_NEAR(words[2].end_s, 1.0, 0.001);
  ASSERT_FALSE(only<SttPartial>(all).empty());
  EXPECT_EQ(only<SttPartial>(all)[0].text, "hello");
}

TEST_F(Deepgram, asks_for_what_the_call_needs) {
  SttOptions call;
  call.language = "pt-BR";
  call.sample_rate = 8'000;
  call.keywords = {"Aço Forte", "NF-e"};
  open(options(), call);
  ASSERT_TRUE(test::eventually([&] { return server.streams == 1; }));
  EXPECT_EQ(server.targets.all().at(0),
            "/v1/listen?model=nova-3&language=pt-BR&encoding=linear16&channels=1&sample_rate=8000"
            "&interim_results=true&punctuate=true&smart_format=true&endpointing=300"
            "&keyterm=A%C3%A7o%20Forte&keyterm=NF-e");
}

TEST_F(Deepgram, finalize_settles_what_is_running_and_is_answered) {
  open();
  hear(600);
  finalize(7);
  const auto all = events.until_first<SttFinalized>();
  EXPECT_EQ(only<SttFinalized>(all)[0].token, 7U);
  ASSERT_EQ(only<SttFinal>(all).size(), 1U);
  EXPECT_EQ(only<SttFinal>(all)[0].text, "hello there friend");
}

TEST_F(Deepgram, an_unanswered_finalize_settles_the_last_guess_and_the_late_final_adds_nothing) {
  server.fault.set(Fault::no_finalize);
  auto vendor = options();
  vendor.finalize_timeout = 100ms;
  open(vendor);
  hear(700);
  events.until([](const auto& e) { return only<SttPartial>(e).size() >= 2; });
  finalize(1);
  auto all = events.until_first<SttFinalized>();
  ASSERT_EQ(only<SttFinal>(all).size(), 1U);
  EXPECT_EQ(only<SttFinal>(all)[0].text, "hello there");
  hear(1'500);
  // "hello there friend" comes now, ending later than what was settled: only its new words count.
  EXPECT_EQ(finals(3), (std::vector<std::string>{"hello there", "friend", "how are you"}));
}

TEST_F(Deepgram, duplicate_finals_count_once) {
  server.fault.set(Fault::duplicate_final);
  open();
  hear(2'200);
  finalize(1);
  events.until_first<SttFinalized>();
  EXPECT_EQ(finals(2), (std::vector<std::string>{"hello there friend", "how are you"}));
}

TEST_F(Deepgram, late_finals_count_once) {
  server.fault.set(Fault::late_final);
  open();
  hear(2'200);
  finalize(1);
  events.until_first<SttFinalized>();
  EXPECT_EQ(finals(2), (std::vector<std::string>{"hello there friend", "how are you"}));
}

TEST_F(Deepgram, shrinking_partials_are_passed_on_and_the_final_is_whole) {
  server.fault.set(Fault::shrinking);
  open();
  hear(1'100);
  EXPECT_EQ(finals(1).at(0), "hello there friend");
  std::vector<std::string> partials;
  for (const auto& partial : only<SttPartial>(events.now())) partials.push_back(partial.text);
  EXPECT_EQ(partials, (std::vector<std::string>{"hello", "hello there friend"}));
}

TEST_F(Deepgram, keeps_a_silent_stream_alive) {
  auto vendor = options();
  vendor.keep_alive = 50ms;
  open(vendor);
  EXPECT_TRUE(test::eventually([&] { return server.keep_alives >= 3; }));
  EXPECT_TRUE(events.now().empty());
}

TEST_F(Deepgram, silence_without_audio_is_no_failure) {
  auto vendor = options();
  vendor.liveness = 60ms;
  open(vendor);
  ASSERT_TRUE(test::eventually([&] { return server.streams == 1; }));
  std::this_thread::sleep_for(250ms);  // four times the limit, with nothing sent
  EXPECT_TRUE(events.now().empty());
}

TEST_F(Deepgram, a_deaf_transcriber_is_found_out) {
  server.fault.set(Fault::deaf);
  auto vendor = options();
  vendor.liveness = 300ms;
  open(vendor);
  hear(400);
  const auto error = failure();
  EXPECT_EQ(error.code, core::ErrorCode::timeout);
  EXPECT_EQ(error.message, "Deepgram has not answered to 400 ms of audio");
}

TEST_F(Deepgram, a_half_open_connection_is_found_out) {
  server.fault.set(Fault::half_open);
  auto vendor = options();
  vendor.liveness = 300ms;
  open(vendor);
  hear(400);
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
}

TEST_F(Deepgram, an_unanswered_handshake_fails_within_the_connect_timeout) {
  server.fault.set(Fault::no_handshake);
  auto vendor = options();
  vendor.connect_timeout = 300ms;
  const auto began = std::chrono::steady_clock::now();
  open(vendor);
  failure();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 4s);
}

TEST_F(Deepgram, a_refusal_says_why) {
  server.fault.set(Fault::refused);
  open();
  EXPECT_EQ(failure().code, core::ErrorCode::rate_limited);
}

TEST_F(Deepgram, a_wrong_key_says_why_and_is_not_repeated) {
  auto vendor = options();
  vendor.api_key = "dg-wrong-secret";
  open(vendor);
  const auto error = failure();
  EXPECT_EQ(error.code, core::ErrorCode::unauthorized);
  EXPECT_EQ(error.message.find("dg-wrong"), std::string::npos);
}

TEST_F(Deepgram, a_close_in_the_middle_is_fatal) {
  server.fault.set(Fault::close_1011);
  open();
  hear(100);
  EXPECT_EQ(failure().message, "Deepgram closed the connection (1011, NET-0001)");
}

TEST_F(Deepgram, a_close_by_policy_is_fatal) {
  server.fault.set(Fault::close_1008);
  open();
  hear(100);
  EXPECT_EQ(failure().code, core::ErrorCode::rate_limited);
}

TEST_F(Deepgram, garbage_is_fatal) {
  server.fault.set(Fault::garbage);
  open();
  hear(100);
  EXPECT_EQ(failure().code, core::ErrorCode::protocol);
}

TEST_F(Deepgram, an_error_message_is_fatal) {
  server.fault.set(Fault::error_message);
  open();
  hear(100);
  EXPECT_EQ(failure().message, "Deepgram failed: x");
}

TEST_F(Deepgram, a_destroyed_stream_says_goodbye_in_the_background_and_no_more_to_us) {
  open();
  hear(500);
  events.until_first<SttPartial>();
  std::size_t told = 0;
  rig.on_worker([&] {
    stream.reset();
    told = events.now().size();
  });
  EXPECT_TRUE(test::eventually([&] { return server.finished == 1 && server.connections() == 0; }));
  EXPECT_EQ(events.now().size(), told);
}

TEST_F(Deepgram, what_is_said_before_the_connection_stands_is_kept) {
  open();
  hear(1'100);  // without waiting for the handshake
  EXPECT_EQ(finals(1).at(0), "hello there friend");
  EXPECT_TRUE(test::eventually(
      [&] { return server.samples == 1'080 * rate / 1'000 || server.samples == 1'100 * rate / 1'000; }));
}

TEST_F(Deepgram, a_stream_may_be_destroyed_by_its_own_handler) {
  std::atomic<int> told = 0;
  rig.on_worker([&] {
    SttOptions call;
    call.executor = rig.worker().executor();
    stt = *deepgram_stt(options())(rig.place(), std::move(call));
    stream = stt->open([&](SttEvent) {
      ++told;
      stream.reset();
    });
  });
  hear(1'100);
  EXPECT_TRUE(test::eventually([&] { return told == 1 && server.connections() == 0; }));
}

TEST_F(Deepgram, prewarming_makes_the_connection_that_the_stream_uses) {
  make(options());
  rig.on_worker([this] {
    stt->prewarm();
    stt->prewarm();
  });
  ASSERT_TRUE(test::eventually([&] { return server.streams == 1; }));
  listen();
  hear(2'200);
  EXPECT_EQ(finals(2), (std::vector<std::string>{"hello there friend", "how are you"}));
  EXPECT_EQ(server.streams, 1);
}

TEST_F(Deepgram, a_connection_that_waits_is_kept_alive_and_given_up_with_its_owner) {
  auto vendor = options();
  vendor.keep_alive = 50ms;
  make(vendor);
  rig.on_worker([this] { stt->prewarm(); });
  EXPECT_TRUE(test::eventually([&] { return server.keep_alives >= 3; }));
  EXPECT_EQ(server.connections(), 1U);
  rig.on_worker([this] { stt.reset(); });
  EXPECT_TRUE(test::eventually([&] { return server.finished == 1 && server.connections() == 0; }));
}

TEST_F(Deepgram, a_connection_that_waited_too_long_for_the_vendor_is_replaced) {
  server.fault.set(Fault::close_waiting, 1);
  auto vendor = options();
  vendor.keep_alive = 50ms;
  make(vendor);
  rig.on_worker([this] { stt->prewarm(); });
  ASSERT_TRUE(test::eventually([&] { return server.streams == 2; }));
  listen();
  hear(1'100);
  EXPECT_EQ(finals(1).at(0), "hello there friend");
  EXPECT_EQ(server.streams, 2);
}

TEST_F(Deepgram, a_refused_prewarming_is_no_failure_of_the_call) {
  server.fault.set(Fault::refused, 1);
  make(options());
  rig.on_worker([this] { stt->prewarm(); });
  ASSERT_TRUE(test::eventually([&] { return server.targets.size() == 1 && server.connections() == 0; }));
  listen();
  hear(1'100);
  EXPECT_EQ(finals(1).at(0), "hello there friend");
  EXPECT_EQ(server.streams, 1);
}

TEST_F(Deepgram, without_a_key_there_is_no_adapter) {
  const auto made = deepgram_stt({})(rig.place(), SttOptions());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, core::ErrorCode::unauthorized);
}

TEST(DeepgramWire, names_languages_as_the_vendor_does) {
  EXPECT_EQ(deepgram_language("pt-BR"), "pt-BR");
  EXPECT_EQ(deepgram_language("es-ES"), "es");
  EXPECT_EQ(deepgram_language("multi"), "multi");
  EXPECT_EQ(deepgram_language("ja-JP"), "ja");
}

TEST(DeepgramWire, boosts_words_by_the_name_that_the_model_knows) {
  DeepgramOptions vendor;
  vendor.model = "nova-2";
  SttOptions call;
  call.keywords = {"Retell"};
  EXPECT_NE(deepgram_url(vendor, call).find("&keywords=Retell"), std::string::npos);
}

TEST(DeepgramWire, metadata_is_a_sign_of_life_and_results_without_alternatives_are_refused) {
  EXPECT_TRUE(std::holds_alternative<DeepgramNotice>(*read_deepgram(R"({"type":"Metadata"})")));
  EXPECT_FALSE(read_deepgram(R"({"type":"Results","channel":{}})"));
  EXPECT_FALSE(read_deepgram("[]"));
}

}  // namespace

}  // namespace retell::providers::remote
