#include <gtest/gtest.h>

#include "fakes/fake_elevenlabs.hpp"
#include "providers/remote/elevenlabs_tts.hpp"
#include "providers/remote/elevenlabs_wire.hpp"
#include "rig.hpp"

namespace retell::providers::remote {

namespace {

using fakes::FakeElevenLabs;
using Fault = FakeElevenLabs::Fault;
using namespace std::chrono_literals;  // NOLINT
using test::Events;
using test::only;

// A TtsAudio with samples of its own.
struct Heard {
  std::uint32_t chunk;
  std::size_t samples;
};
using Event = std::variant<Heard, TtsWords, TtsChunkDone, TtsDone, TtsError>;

Event kept(TtsEvent event) {
  return std::visit(
      [](auto& e) -> Event {
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(e)>, TtsAudio>)
          return Heard{e.chunk, e.samples.size()};
        else
          return std::move(e);
      },
      event);
}

class ElevenLabs : public ::testing::Test {
 protected:
  ElevenLabsOptions options() {
    ElevenLabsOptions options;
    options.base_url = server.base_url();
    options.api_key = "xi-key";
    options.connect_timeout = options.first_audio_timeout = options.liveness = test::no_matter;
    return options;
  }
  void make(ElevenLabsOptions vendor, TtsOptions call = {}) {
    rig.on_worker([&] {
      call.executor = rig.worker().executor();
      tts = *elevenlabs_tts(std::move(vendor))(rig.place(), std::move(call));
    });
  }
  void make(TtsOptions call = {}) { make(options(), std::move(call)); }
  void say(const std::vector<std::string>& chunks, bool finish = true) {
    rig.on_worker([&] {
      stream = tts->open([this](TtsEvent event) { events.add(kept(std::move(event))); });
      std::uint32_t number = 0;
      for (const auto& chunk : chunks) stream->speak(number++, chunk);
      if (finish) stream->finish();
    });
  }
  core::Error failure() { return only<TtsError>(events.until_first<TtsError>()).at(0).error; }
  std::size_t samples(std::uint32_t chunk) {
    std::size_t sum = 0;
    for (const auto& part : only<Heard>(events.now())) sum += part.chunk == chunk ? part.samples : 0;
    return sum;
  }
  // Chunk numbers in the order in which anything was told of them, without repeats.
  std::vector<std::uint32_t> order() {
    std::vector<std::uint32_t> numbers;
    for (const auto& event : events.now()) {
      std::optional<std::uint32_t> number;
      if (const auto* audio = std::get_if<Heard>(&event)) number = audio->chunk;
      if (const auto* done = std::get_if<TtsChunkDone>(&event)) number = done->chunk;
      if (number && (numbers.empty() || numbers.back() != *number)) numbers.push_back(*number);
    }
    return numbers;
  }
  void TearDown() override {
    rig.on_worker([this] {
      stream.reset();
      tts.reset();
    });
  }

  FakeElevenLabs server;
  test::Rig rig;
  Events<Event> events;
  std::unique_ptr<Tts> tts;
  std::unique_ptr<TtsStream> stream;
};

TEST_F(ElevenLabs, speaks_chunks_in_order_with_the_times_of_their_words) {
  make();
  say({"Hello there.", "How are you today?", "Fine."});
  const auto all = events.until_first<TtsDone>();
  EXPECT_EQ(order(), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_EQ(samples(0), 12U * 60 * 16);  // 12 characters of 60 ms at 16 samples a millisecond
  EXPECT_EQ(samples(1), 18U * 60 * 16);
  std::vector<SpokenWord> words;
  for (const auto& part : only<TtsWords>(all)) {
    if (part.chunk == 0) words.insert(words.end(), part.words.begin(), part.words.end());
  }
  ASSERT_EQ(words.size(), 2U);
  EXPECT_EQ(words[0].text, "Hello");
  EXPECT_EQ(words[0].start_ms, 0);
  EXPECT_EQ(words[0].end_ms, 300);
  EXPECT_EQ(words[1].text, "there.");
  EXPECT_EQ(words[1].start_ms, 360);
  EXPECT_EQ(words[1].end_ms, 720);
}

TEST_F(ElevenLabs, asks_for_voice_rate_language_and_settings_in_the_published_form) {
  TtsOptions call;
  call.voice = "EXAVITQu4vr4xnSDxMaL";
  call.language = "pt-BR";
  call.sample_rate = 8'000;
  call.speed = 2.0;
  call.temperature = 0.5;
  make(call);
  say({"Olá."});
  events.until_first<TtsDone>();
  EXPECT_EQ(server.targets.all().at(0),
            "/v1/text-to-speech/EXAVITQu4vr4xnSDxMaL/multi-stream-input?model_id=eleven_flash_v2_5"
            "&output_format=pcm_8000&auto_mode=true&sync_alignment=true&inactivity_timeout=180&language_code=pt");
  EXPECT_EQ(server.settings.all().at(0), R"({"stability":0.75,"similarity_boost":0.75,"speed":1.2})");
  EXPECT_EQ(server.texts.all().at(0), "Olá. ");
  EXPECT_EQ(samples(0), 4U * 60 * 8);
}

TEST_F(ElevenLabs, turns_share_one_socket) {
  make();
  for (int turn = 1; turn <= 3; ++turn) {
    say({"Yes."});
    events.until([&](const auto& e) { return only<TtsDone>(e).size() == static_cast<std::size_t>(turn); });
  }
  EXPECT_EQ(server.sockets, 1);
  EXPECT_EQ(server.contexts, 3);
}

TEST_F(ElevenLabs, audio_of_another_context_does_not_reach_the_caller) {
  server.fault.set(Fault::stray_context);
  make();
  say({"Hello."});
  events.until_first<TtsDone>();
  EXPECT_EQ(samples(0), 6U * 60 * 16);
}

TEST_F(ElevenLabs, chunks_that_come_in_the_wrong_order_are_put_right) {
  server.fault.set(Fault::swapped);
  make();
  say({"First one.", "Second."});
  events.until_first<TtsDone>();
  EXPECT_EQ(order(), (std::vector<std::uint32_t>{0, 1}));
  EXPECT_EQ(samples(1), 7U * 60 * 16);
}

TEST_F(ElevenLabs, audio_without_alignment_is_played_without_words) {
  server.fault.set(Fault::no_alignment);
  make();
  say({"Hello."});
  const auto all = events.until_first<TtsDone>();
  EXPECT_TRUE(only<TtsWords>(all).empty());
  EXPECT_EQ(samples(0), 6U * 60 * 16);
}

TEST_F(ElevenLabs, punctuation_alone_is_done_at_once_and_not_sent) {
  make();
  say({"Well.", "…", "-- ¿?", "Yes."});
  const auto all = events.until_first<TtsDone>();
  EXPECT_EQ(only<TtsChunkDone>(all).size(), 4U);
  EXPECT_EQ(server.texts.size(), 2U);
}

TEST_F(ElevenLabs, a_turn_without_text_is_done_at_once) {
  make();
  say({});
  events.until_first<TtsDone>();
  EXPECT_EQ(server.contexts, 0);
}

TEST_F(ElevenLabs, no_audio_for_a_text_is_an_error) {
  server.fault.set(Fault::zero_audio);
  make();
  say({"Hello."});
  EXPECT_EQ(failure().message, "ElevenLabs sent no audio for a text");
}

TEST_F(ElevenLabs, a_deaf_vendor_times_out_on_the_first_audio) {
  server.fault.set(Fault::deaf);
  auto vendor = options();
  vendor.first_audio_timeout = 300ms;
  make(vendor);
  say({"Hello."});
  const auto error = failure();
  EXPECT_EQ(error.code, core::ErrorCode::timeout);
  EXPECT_EQ(error.message, "ElevenLabs sent no audio for 300 ms");
}

TEST_F(ElevenLabs, a_half_open_socket_times_out_on_the_first_audio) {
  server.fault.set(Fault::half_open);
  auto vendor = options();
  vendor.first_audio_timeout = 300ms;
  make(vendor);
  say({"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
}

TEST_F(ElevenLabs, a_slow_first_byte_is_too_slow) {
  server.fault.set(Fault::slow_first_byte);
  auto vendor = options();
  vendor.first_audio_timeout = 300ms;
  make(vendor);
  say({"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::timeout);
}

TEST_F(ElevenLabs, audio_that_stalls_is_an_error) {
  server.fault.set(Fault::mid_stream_stall);
  auto vendor = options();
  vendor.liveness = 200ms;
  make(vendor);
  say({"Hello there, friend."});
  EXPECT_EQ(failure().message, "ElevenLabs sent no more audio for 200 ms");
  EXPECT_EQ(samples(0), 3U * 60 * 16);
}

TEST_F(ElevenLabs, a_close_in_the_middle_is_an_error_and_nothing_is_said_twice) {
  server.fault.set(Fault::mid_stream_close);
  make();
  say({"Hello there, friend."});
  EXPECT_EQ(failure().message, "ElevenLabs closed the connection (1011, internal)");
  EXPECT_EQ(server.texts.size(), 1U);
}

TEST_F(ElevenLabs, a_close_for_too_many_contexts_is_an_error_on_a_fresh_socket) {
  server.fault.set(Fault::close_1008);
  make();
  say({"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::rate_limited);
}

TEST_F(ElevenLabs, garbage_is_an_error) {
  server.fault.set(Fault::garbage);
  make();
  say({"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::protocol);
}

TEST_F(ElevenLabs, an_error_message_is_an_error) {
  server.fault.set(Fault::error_message);
  make();
  say({"Hello."});
  EXPECT_EQ(failure().message, "ElevenLabs failed: quota_exceeded");
}

TEST_F(ElevenLabs, a_refused_or_unanswered_handshake_is_an_error) {
  server.fault.set(Fault::refused, 1);
  make();
  say({"Hello."});
  EXPECT_EQ(failure().code, core::ErrorCode::rate_limited);
}

TEST_F(ElevenLabs, an_unanswered_handshake_is_an_error) {
  server.fault.set(Fault::no_handshake);
  auto vendor = options();
  vendor.connect_timeout = 300ms;
  make(vendor);
  say({"Hello."});
  failure();
}

TEST_F(ElevenLabs, a_wrong_key_is_told_and_not_repeated) {
  server.fault.set(Fault::unauthorized);
  make();
  say({"Hello."});
  const auto error = failure();
  EXPECT_EQ(error.code, core::ErrorCode::unauthorized);
  EXPECT_EQ(error.message.find("xi-key"), std::string::npos);
}

TEST_F(ElevenLabs, a_socket_that_the_vendor_dropped_between_turns_is_replaced_unheard) {
  server.drop_idle = true;
  make();
  say({"One."});
  events.until_first<TtsDone>();
  ASSERT_TRUE(test::eventually([&] { return server.closed == 1; }));
  say({"Two."});
  const auto all = events.until([](const auto& e) { return only<TtsDone>(e).size() == 2; });
  EXPECT_TRUE(only<TtsError>(all).empty());
  EXPECT_EQ(server.sockets, 2);
}

TEST_F(ElevenLabs, cancelling_in_the_middle_closes_the_socket_and_warms_another) {
  server.fault.set(Fault::mid_stream_stall, 1);
  make();
  say({"A long sentence that will not be heard to its end."});
  events.until_first<Heard>();
  std::size_t told = 0;
  rig.on_worker([&] {
    stream.reset();
    told = events.now().size();
  });
  EXPECT_TRUE(test::eventually([&] { return server.closed == 1 && server.sockets == 2; }));
  EXPECT_EQ(events.now().size(), told);
  say({"Next."});
  events.until_first<TtsDone>();
  EXPECT_EQ(server.sockets, 2);
}

TEST_F(ElevenLabs, many_fast_interruptions_never_exceed_the_contexts_of_a_socket) {
  make();
  for (int i = 0; i < 20; ++i) {
    say({"One sentence.", "Another sentence.", "And a third."}, false);
    rig.on_worker([&] { stream.reset(); });
  }
  say({"Done."});
  const auto all = events.until_first<TtsDone>();
  EXPECT_TRUE(only<TtsError>(all).empty());
}

TEST_F(ElevenLabs, a_stream_may_be_destroyed_by_its_own_handler) {
  make();
  std::atomic<int> told = 0;
  rig.on_worker([&] {
    stream = tts->open([&](TtsEvent) {
      ++told;
      stream.reset();
    });
    stream->speak(0, "Hello.");
    stream->finish();
  });
  EXPECT_TRUE(test::eventually([&] { return told == 1; }));
  rig.on_worker([&] { tts.reset(); });
  EXPECT_TRUE(test::eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(told, 1);
}

TEST_F(ElevenLabs, prewarming_opens_the_socket_that_the_first_turn_uses) {
  make();
  rig.on_worker([&] { tts->prewarm(); });
  ASSERT_TRUE(test::eventually([&] { return server.sockets == 1; }));
  say({"Hello."});
  events.until_first<TtsDone>();
  EXPECT_EQ(server.sockets, 1);
}

TEST_F(ElevenLabs, a_socket_that_stood_idle_when_it_was_lost_is_replaced_before_the_next_turn) {
  server.drop_idle = true;
  auto vendor = options();
  vendor.liveness = 500ms;
  make(vendor);
  rig.on_worker([&] { tts->prewarm(); });
  ASSERT_TRUE(test::eventually([&] { return server.sockets == 1; }));
  std::this_thread::sleep_for(600ms);  // longer than `liveness`: it stands
  say({"One."});
  events.until_first<TtsDone>();
  EXPECT_TRUE(test::eventually([&] { return server.closed == 1 && server.sockets == 2; }));
}

TEST_F(ElevenLabs, a_waiting_socket_that_fails_with_the_first_text_is_replaced_unheard) {
  server.fault.set(Fault::close_1008, 1);
  make();
  rig.on_worker([&] { tts->prewarm(); });
  ASSERT_TRUE(test::eventually([&] { return server.sockets == 1; }));
  std::this_thread::sleep_for(500ms);  // its handshake has arrived
  say({"Hello."});
  const auto all = events.until_first<TtsDone>();
  EXPECT_TRUE(only<TtsError>(all).empty());
  EXPECT_EQ(samples(0), 6U * 60 * 16);
  EXPECT_EQ(server.sockets, 2);
}

TEST_F(ElevenLabs, a_waiting_socket_is_given_up_with_its_owner) {
  make();
  rig.on_worker([&] { tts->prewarm(); });
  ASSERT_TRUE(test::eventually([&] { return server.sockets == 1; }));
  rig.on_worker([&] { tts.reset(); });
  EXPECT_TRUE(test::eventually([&] { return server.closed == 1 && server.connections() == 0; }));
}

TEST(WordTimer, puts_words_together_that_are_cut_between_parts) {
  WordTimer timer;
  EXPECT_TRUE(timer.add({{"H", 0, 50}, {"e", 50, 50}}, 0).empty());
  const auto first = timer.add({{"y", 0, 40}, {" ", 40, 10}, {"é", 50, 30}}, 100);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].text, "Hey");
  EXPECT_EQ(first[0].end_ms, 140);
  const auto last = timer.finish();
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(last[0].text, "é");
  EXPECT_EQ(last[0].start_ms, 150);
  EXPECT_TRUE(timer.finish().empty());
}

}  // namespace

}  // namespace retell::providers::remote
