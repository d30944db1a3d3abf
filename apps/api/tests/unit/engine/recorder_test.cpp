#include "engine/recorder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "audio/wav.hpp"
#include "support/run.hpp"

namespace retell::engine {
namespace {

constexpr int rate = 8000;
constexpr std::size_t frame = 160;

// Both sides click once a second, at the same moment: where the clicks lie in the file tells of the alignment. The
// caller's frame n is said at tick n, whenever it arrives.
class RecorderTest : public testing::Test {
 protected:
  RecorderTest() {
    recorder_.emplace(context_.get_executor(), files_, path_, rate, core::Logger{});
    boost::asio::co_spawn(context_, recorder_->run(), [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
  }
  ~RecorderTest() override {
    recorder_->close();
    context_.run();
  }

  static audio::AudioFrame sound(int n) {
    audio::AudioFrame out(rate);
    if (n % 50 == 0) out.data[0] = 8000;
    return out;
  }
  void caller(int from, int to) {
    for (int n = from; n < to; ++n) recorder_->caller(sound(n));
  }
  void tick() { recorder_->tick(sound(ticks_++)); }
  // `frames_at(n)`: how many of the caller's frames have arrived before tick n.
  template <class F>
  void play(int ticks, F&& frames_at) {
    int arrived = 0;
    for (int n = 0; n < ticks; ++n) {
      const int now = std::max(arrived, frames_at(n));
      caller(arrived, now);
      arrived = now;
      tick();
    }
  }
  audio::WavAudio recording() {
    recorder_->close();
    context_.run();
    EXPECT_FALSE(recorder_->failed());
    return audio::read_wav(path_).value();
  }
  static std::vector<double> clicks_ms(const audio::WavAudio& wav, int channel) {
    std::vector<double> out;
    const auto samples = wav.channel(channel);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (samples[i] > 4000) out.push_back(1000.0 * static_cast<double>(i) / rate);
    }
    return out;
  }
  // How far the caller's clicks lie from the agent's, which are true; those of the first `skip` ms are not looked at.
  static double worst_shift_ms(const audio::WavAudio& wav, double skip = 0) {
    double worst = 0;
    for (const double at : clicks_ms(wav, 0)) {
      if (at < skip) continue;
      worst = std::max(worst, std::abs(at - 1000 * std::round(at / 1000)));
    }
    return worst;
  }

  boost::asio::io_context context_;
  core::BlockingPool files_{1};
  test::TemporaryFolder folder_;
  std::string path_ = (folder_.path() / "call.wav").string();
  std::optional<Recorder> recorder_;
  int ticks_ = 0;
};

TEST_F(RecorderTest, puts_both_sides_where_they_were_said) {
  play(500, [](int n) { return n + 1; });
  const auto wav = recording();
  EXPECT_EQ(wav.frames(), 500 * frame);
  EXPECT_EQ(clicks_ms(wav, 0), clicks_ms(wav, 1));
  EXPECT_EQ(clicks_ms(wav, 0).size(), 10U);
}

TEST_F(RecorderTest, keeps_frames_in_their_places_when_they_come_in_bursts) {
  play(1000, [](int n) { return n / 9 * 9 + 1; });  // every 180 ms
  const auto wav = recording();
  EXPECT_EQ(clicks_ms(wav, 0), clicks_ms(wav, 1));
}

TEST_F(RecorderTest, is_aligned_again_after_the_network_stood_still) {
  play(1000, [](int n) { return n < 200 || n >= 325 ? n + 1 : 200; });  // from 4 s to 6.5 s, then all at once
  const auto wav = recording();
  EXPECT_EQ(wav.frames(), 1000 * frame);
  EXPECT_LE(worst_shift_ms(wav), 20);
  EXPECT_GE(clicks_ms(wav, 0).size(), 17U);
}

TEST_F(RecorderTest, is_aligned_again_after_frames_were_lost) {
  for (int n = 0; n < 1500; ++n) {
    if (n < 200 || n >= 260) recorder_->caller(sound(n));
    tick();
  }
  const auto wav = recording();
  EXPECT_EQ(wav.frames(), 1500 * frame);
  EXPECT_LE(worst_shift_ms(wav, 15'000), 40);
  EXPECT_LE(worst_shift_ms(wav), 200);  // at once: no more than what stays open for late frames
}

TEST_F(RecorderTest, begins_with_the_call_and_not_with_what_was_said_before_it) {
  recorder_->caller(sound(1));
  for (int n = 1; n < 50; ++n) recorder_->caller(sound(n));  // waited for the call to begin
  play(200, [](int n) { return n + 1; });
  EXPECT_LE(worst_shift_ms(recording()), 20);
}

TEST_F(RecorderTest, follows_a_caller_whose_clock_is_slower_or_faster) {
  // 0.5 % is a hundred times what two quartzes differ by: a frame every 4 s.
  play(2900, [](int n) { return static_cast<int>((n + 1) * 0.995); });
  const auto clicks = clicks_ms(recording(), 0);
  ASSERT_GT(clicks.size(), 50U);
  // The caller's last click came some 280 ms late; it is written within 60 ms of when it came.
  EXPECT_NEAR(clicks.back(), 1000.0 * static_cast<double>(clicks.size() - 1) / 0.995, 60);
}

TEST_F(RecorderTest, loses_no_time_when_the_clock_stood_still) {
  play(50, [](int n) { return n + 1; });
  for (int missed = 0; missed < 25; ++missed) tick();  // all at once, and then what came in meanwhile
  caller(50, 76);
  tick();
  for (int n = 76; n < 200; ++n) {
    recorder_->caller(sound(n));
    tick();
  }
  const auto wav = recording();
  EXPECT_EQ(wav.frames(), 200 * frame);
  EXPECT_EQ(clicks_ms(wav, 0), clicks_ms(wav, 1));
}

TEST_F(RecorderTest, leaves_a_playable_file_when_the_program_dies) {
  play(500, [](int n) { return n + 1; });
  // Nobody closes it: what is on disk has to do.
  for (int i = 0; i < 200; ++i) {
    context_.restart();
    context_.run_for(std::chrono::milliseconds(5));
    if (const auto wav = audio::read_wav(path_); wav && wav->seconds() >= 8) break;
  }
  const auto wav = audio::read_wav(path_);
  ASSERT_TRUE(wav);
  EXPECT_EQ(wav->channels, 2);
  EXPECT_GE(wav->seconds(), 8.0);
  context_.restart();
}

TEST_F(RecorderTest, says_when_the_file_cannot_be_written) {
  Recorder lost(context_.get_executor(), files_, (folder_.path() / "no" / "such.wav").string(), rate, core::Logger{});
  boost::asio::co_spawn(context_, lost.run(), [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
  lost.close();
  recorder_->close();
  context_.run();
  EXPECT_TRUE(lost.failed());
  context_.restart();
}

}  // namespace
}  // namespace retell::engine
