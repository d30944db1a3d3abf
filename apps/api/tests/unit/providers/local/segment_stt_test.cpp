// The logic of segments, partials and finals, with a transcriber that answers at once or when told to.
#include "providers/local/segment_stt.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <deque>
#include <variant>

#include "audio/wav.hpp"
#include "support/paths.hpp"

namespace retell::providers::local {
namespace {

// Hears "N ms" for N milliseconds of audio; keeps the jobs until answer().
class FakeTranscriber final : public Transcriber {
 public:
  [[nodiscard]] std::string_view name() const override { return "fake"; }
  [[nodiscard]] bool submit(TranscriptionJob job, Priority /*priority*/) override {
    if (full) return false;
    jobs.push_back(std::move(job));
    return true;
  }
  [[nodiscard]] bool has_idle() const override { return idle; }
  [[nodiscard]] std::size_t threads() const override { return 1; }

  void answer() {
    auto job = std::move(jobs.front());
    jobs.pop_front();
    job.done("heard " + std::to_string(job.samples.size() / 16) + " ms");
  }
  // Jobs that somebody still wants.
  [[nodiscard]] std::size_t wanted() const {
    std::size_t count = 0;
    for (const auto& job : jobs) count += job.abandon->load() ? 0 : 1;
    return count;
  }

  std::deque<TranscriptionJob> jobs;
  bool full = false;
  bool idle = true;
};

class SegmentSttTest : public ::testing::Test {
 protected:
  SegmentSttTest() { open(); }
  void open() {
    SttOptions options;
    options.executor = context_.get_executor();
    // The square wave below is loud, but no voice.
    stt_ = std::make_unique<SegmentStt>(transcriber_, options, needs_voice_);
    stream_ = stt_->open([this](SttEvent event) {
      if (auto* partial = std::get_if<SttPartial>(&event)) partials_.push_back(partial->text);
      if (auto* settled = std::get_if<SttFinal>(&event)) finals_.push_back(settled->text);
      if (auto* done = std::get_if<SttFinalized>(&event)) tokens_.push_back(done->token);
      if (auto* error = std::get_if<SttError>(&event)) errors_.push_back(error->error.message);
    });
  }
  void send(int ms, bool speech) {
    for (int at = 0; at < ms; at += 20) {
      std::vector<std::int16_t> frame(320);
      for (std::size_t i = 0; i < frame.size(); ++i) {
        frame[i] = static_cast<std::int16_t>((speech ? 6000 : 3) * (i % 2 == 0 ? 1 : -1));
      }
      stream_->send(frame);
    }
    settle();
  }
  void settle() {
    context_.restart();
    context_.poll();
  }

  bool needs_voice_ = false;
  boost::asio::io_context context_;
  FakeTranscriber transcriber_;
  std::unique_ptr<SegmentStt> stt_;
  std::unique_ptr<SttStream> stream_;
  std::vector<std::string> partials_;
  std::vector<std::string> finals_;
  std::vector<std::uint32_t> tokens_;
  std::vector<std::string> errors_;
};

TEST_F(SegmentSttTest, a_call_that_rings_has_the_model_loaded_once) {
  stt_->prewarm();
  stt_->prewarm();
  ASSERT_EQ(transcriber_.jobs.size(), 1U);
  transcriber_.answer();
  EXPECT_TRUE(finals_.empty());
  EXPECT_TRUE(partials_.empty());
}

TEST_F(SegmentSttTest, asks_nothing_of_silence_and_still_answers) {
  send(3'000, false);
  stream_->finalize(4);
  settle();
  EXPECT_TRUE(transcriber_.jobs.empty());
  EXPECT_EQ(finals_, std::vector<std::string>{""});
  EXPECT_EQ(tokens_, std::vector<std::uint32_t>{4});
}

TEST_F(SegmentSttTest, decodes_nothing_that_is_loud_but_no_voice) {
  stream_.reset();
  needs_voice_ = true;
  open();
  send(400, false);
  send(600, true);
  send(800, false);
  stream_->finalize(3);
  settle();
  EXPECT_TRUE(transcriber_.jobs.empty());
  EXPECT_EQ(finals_, std::vector<std::string>{""});

  const auto speech = audio::read_wav(test::data_file("vad/speech_16k.wav"));
  ASSERT_TRUE(speech.has_value());
  const auto samples = speech->mono();
  for (std::size_t at = 0; at + 320 <= samples.size(); at += 320) stream_->send(std::span(samples).subspan(at, 320));
  settle();
  EXPECT_FALSE(transcriber_.jobs.empty());
}

TEST_F(SegmentSttTest, has_the_text_before_the_turn_is_over) {
  send(400, false);
  send(400, true);
  send(200, false);  // a pause: decoded at once
  ASSERT_EQ(transcriber_.jobs.size(), 1U);
  transcriber_.answer();
  settle();
  ASSERT_EQ(partials_.size(), 1U);
  send(300, false);
  EXPECT_TRUE(transcriber_.jobs.empty());  // nothing new was said
  stream_->finalize(9);
  settle();
  EXPECT_EQ(finals_, partials_);
  EXPECT_EQ(tokens_, std::vector<std::uint32_t>{9});
}

TEST_F(SegmentSttTest, drops_a_partial_that_missed_the_last_words) {
  send(600, true);
  ASSERT_EQ(transcriber_.jobs.size(), 1U);  // a partial, slow
  send(200, true);
  send(200, false);
  ASSERT_EQ(transcriber_.jobs.size(), 2U);
  EXPECT_EQ(transcriber_.wanted(), 1U);
  transcriber_.answer();
  transcriber_.answer();
  settle();
  EXPECT_EQ(partials_.size(), 1U);
}

TEST_F(SegmentSttTest, makes_no_partials_while_every_thread_is_busy) {
  transcriber_.idle = false;
  send(2'000, true);
  EXPECT_TRUE(transcriber_.jobs.empty());
  stream_->finalize(1);
  ASSERT_EQ(transcriber_.jobs.size(), 1U);
  transcriber_.answer();
  settle();
  EXPECT_EQ(finals_, std::vector<std::string>{"heard 2000 ms"});
}

TEST_F(SegmentSttTest, starts_afresh_after_a_final) {
  send(500, true);
  stream_->finalize(1);
  settle();
  while (!transcriber_.jobs.empty()) transcriber_.answer();
  settle();
  send(600, true);
  stream_->finalize(2);
  settle();
  while (!transcriber_.jobs.empty()) transcriber_.answer();
  settle();
  ASSERT_EQ(finals_.size(), 2U);
  EXPECT_EQ(finals_[1], "heard 600 ms");
  EXPECT_EQ(tokens_, (std::vector<std::uint32_t>{1, 2}));
}

TEST_F(SegmentSttTest, keeps_what_is_said_while_a_final_is_under_way) {
  send(500, true);
  stream_->finalize(1);
  send(800, true);
  while (transcriber_.wanted() > 0) {
    transcriber_.answer();
    settle();
    if (!tokens_.empty()) break;
  }
  ASSERT_EQ(tokens_.size(), 1U);
  EXPECT_EQ(finals_[0], "heard 500 ms");
  stream_->finalize(2);
  settle();
  while (!transcriber_.jobs.empty()) {
    transcriber_.answer();
    settle();
  }
  ASSERT_EQ(finals_.size(), 2U);
  EXPECT_EQ(finals_[1], "heard 800 ms");
}

TEST_F(SegmentSttTest, settles_a_long_monologue_without_being_asked) {
  transcriber_.idle = false;
  send(28'000, true);
  ASSERT_EQ(transcriber_.jobs.size(), 1U);
  transcriber_.answer();
  settle();
  EXPECT_EQ(finals_.size(), 1U);
  EXPECT_TRUE(tokens_.empty());
}

TEST_F(SegmentSttTest, delivers_nothing_after_it_is_gone) {
  send(600, true);
  ASSERT_EQ(transcriber_.jobs.size(), 1U);
  stream_.reset();
  EXPECT_EQ(transcriber_.wanted(), 0U);
  transcriber_.answer();
  settle();
  EXPECT_TRUE(partials_.empty());
  EXPECT_EQ(transcriber_.streams.load(), 0);
}

TEST_F(SegmentSttTest, says_that_it_is_full_instead_of_falling_behind) {
  transcriber_.full = true;
  send(600, true);
  stream_->finalize(1);
  settle();
  ASSERT_EQ(errors_.size(), 1U);
  transcriber_.full = false;
  transcriber_.streams = 1'000;
  open();
  settle();
  EXPECT_EQ(errors_.size(), 2U);
}

}  // namespace
}  // namespace retell::providers::local
