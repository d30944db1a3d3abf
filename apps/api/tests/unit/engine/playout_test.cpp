#include "engine/playout.hpp"

#include <gtest/gtest.h>

#include <map>

namespace retell::engine {
namespace {

using namespace std::chrono_literals;
using core::Millis;

constexpr int rate = 8000;

// A line that takes everything, and says when it stands still.
class Line final : public MediaTransport {
 public:
  [[nodiscard]] int sample_rate() const override { return rate; }
  void start(Listener&) override {}
  void send(const audio::AudioFrame& frame) override {
    ++frames;
    last = frame;
  }
  void mark(std::uint64_t id) override { marks.push_back(id); }
  void clear() override { ++clears; }
  void hang_up() override {}
  [[nodiscard]] bool congested() const override { return standing_still; }

  int frames = 0;
  int clears = 0;
  audio::AudioFrame last{rate};
  std::vector<std::uint64_t> marks;
  bool standing_still = false;
};

class PlayoutTest : public testing::Test {
 protected:
  // 20 ms of sound whose samples tell their number.
  static std::vector<std::int16_t> sound(int frames, int first = 1) {
    std::vector<std::int16_t> out;
    for (int i = 0; i < frames; ++i) out.insert(out.end(), 160, static_cast<std::int16_t>(first + i));
    return out;
  }
  audio::AudioFrame tick() {
    now_ += 20ms;
    return playout_.tick(line_, now_, now_);
  }
  int heard() { return tick().samples()[0]; }
  template <class Event>
  [[nodiscard]] std::vector<Event> reported() const {
    std::vector<Event> out;
    for (const auto& event : reports_) {
      if (const auto* e = std::get_if<Event>(&event)) out.push_back(*e);
    }
    return out;
  }

  Line line_;
  MediaCounters counters_;
  std::vector<turn::Event> reports_;
  Playout playout_{rate, [this](turn::Event event) { reports_.push_back(std::move(event)); }, counters_};
  core::TimePoint now_{std::chrono::hours(1)};
};

TEST_F(PlayoutTest, sends_a_small_lead_and_then_one_frame_a_tick) {
  playout_.begin(1);
  ASSERT_TRUE(playout_.append(1, sound(10)));
  tick();
  EXPECT_EQ(line_.frames, 1 + Playout::lead_frames);
  for (int i = 1; i < 5; ++i) {
    tick();
    EXPECT_EQ(line_.frames, 1 + Playout::lead_frames + i);
  }
  EXPECT_EQ(reported<turn::PlayoutStarted>().size(), 1U);
}

TEST_F(PlayoutTest, tells_what_the_far_end_hears_now) {
  playout_.begin(1);
  playout_.append(1, sound(4));
  playout_.complete(1);
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(heard(), i);
  EXPECT_EQ(heard(), 0);
}

TEST_F(PlayoutTest, never_sends_faster_after_it_was_paused) {
  playout_.begin(1);
  playout_.append(1, sound(100));
  for (int i = 0; i < 10; ++i) tick();
  const int before = line_.frames;
  playout_.pause(1);
  for (int i = 0; i < 50; ++i) tick();
  EXPECT_EQ(line_.frames, before);
  playout_.resume(1);
  for (int i = 0; i < 10; ++i) tick();
  EXPECT_LE(line_.frames, before + 10 + Playout::lead_frames);
  EXPECT_EQ(counters_.worst_gap_ms, 20);  // the pause was meant
}

TEST_F(PlayoutTest, silence_inside_a_turn_is_a_gap_however_long_it_is) {
  playout_.begin(1);
  playout_.append(1, sound(10));
  for (int i = 0; i < 60; ++i) tick();  // a second beyond what the synthesiser brought
  playout_.append(1, sound(10));
  playout_.complete(1);
  for (int i = 0; i < 40; ++i) tick();
  EXPECT_GE(counters_.worst_gap_ms, 1000);

  counters_.worst_gap_ms = 0;
  for (int i = 0; i < 100; ++i) tick();  // the caller's turn
  playout_.begin(2);
  playout_.append(2, sound(10));
  for (int i = 0; i < 10; ++i) tick();
  EXPECT_EQ(counters_.worst_gap_ms, 20);
}

TEST_F(PlayoutTest, silence_while_a_tool_works_is_no_gap) {
  playout_.begin(1);
  playout_.append(1, sound(10));
  playout_.await_tool(1);
  for (int i = 0; i < 60; ++i) tick();
  playout_.words_follow();  // those that are said while it works
  for (int i = 0; i < 60; ++i) tick();
  playout_.tool_done(1);
  for (int i = 0; i < 60; ++i) tick();  // the model thinks about the result
  playout_.words_follow();
  playout_.append(1, sound(10));
  for (int i = 0; i < 60; ++i) tick();
  EXPECT_EQ(counters_.worst_gap_ms, 20);
  playout_.append(1, sound(10));
  tick();
  EXPECT_GE(counters_.worst_gap_ms, 1000) << "the tool is done";
}

TEST_F(PlayoutTest, silence_behind_a_filler_is_no_gap) {
  playout_.begin(1);
  playout_.append(1, sound(10));
  playout_.await_words(1);
  for (int i = 0; i < 60; ++i) tick();
  playout_.words_follow();
  playout_.append(1, sound(10));
  tick();
  EXPECT_EQ(counters_.worst_gap_ms, 20);
}

TEST_F(PlayoutTest, an_interruption_clears_the_line_and_tells_what_was_heard) {
  playout_.begin(1);
  playout_.append(1, sound(100));
  for (int i = 0; i < 25; ++i) tick();
  playout_.interrupt(1, line_, now_);
  EXPECT_EQ(line_.clears, 1);
  ASSERT_EQ(reported<turn::PlayoutStopped>().size(), 1U);
  EXPECT_EQ(reported<turn::PlayoutStopped>()[0].played, Millis(500));
  EXPECT_EQ(counters_.cleared_bytes, (100U - 25U) * 320U);
  EXPECT_FALSE(playout_.append(1, sound(1)));
  EXPECT_EQ(counters_.stale_events, 1U);
  const int before = line_.frames;
  EXPECT_EQ(heard(), 0);
  EXPECT_EQ(line_.frames, before);
}

TEST_F(PlayoutTest, sound_of_an_older_turn_is_refused) {
  playout_.begin(1);
  playout_.append(1, sound(3));
  playout_.begin(2);
  EXPECT_FALSE(playout_.append(1, sound(3, 50)));
  EXPECT_TRUE(playout_.append(2, sound(3, 70)));
  EXPECT_EQ(heard(), 70);
}

TEST_F(PlayoutTest, takes_off_the_way_to_the_far_end_from_what_was_heard) {
  playout_.begin(1);
  playout_.append(1, sound(100));
  tick();
  ASSERT_EQ(line_.marks.size(), 1U);  // behind the first frame
  for (int i = 1; i < 12; ++i) tick();
  playout_.on_mark(line_.marks[0], false, now_);  // 220 ms after it was sent: 200 of them on the way
  for (int i = 12; i < 25; ++i) tick();
  playout_.interrupt(1, line_, now_);
  EXPECT_EQ(reported<turn::PlayoutStopped>().back().played, Millis(400));
}

TEST_F(PlayoutTest, is_finished_when_the_far_end_says_so) {
  playout_.begin(1);
  playout_.append(1, sound(5));
  playout_.complete(1);
  for (int i = 0; i < 6; ++i) tick();
  ASSERT_EQ(line_.marks.size(), 2U);
  EXPECT_TRUE(reported<turn::PlayoutFinished>().empty());
  playout_.on_mark(line_.marks[1], false, now_);
  ASSERT_EQ(reported<turn::PlayoutFinished>().size(), 1U);
  EXPECT_EQ(reported<turn::Played>().back().played, Millis(100));
}

TEST_F(PlayoutTest, does_not_wait_for_ever_for_a_far_end_that_answers_no_marks) {
  playout_.begin(1);
  playout_.append(1, sound(5));
  playout_.complete(1);
  for (int i = 0; i < 30; ++i) tick();
  EXPECT_EQ(reported<turn::PlayoutFinished>().size(), 1U);
}

TEST_F(PlayoutTest, holds_back_while_the_line_stands_still_and_does_not_burst_afterwards) {
  playout_.begin(1);
  playout_.append(1, sound(200));
  for (int i = 0; i < 10; ++i) tick();
  line_.standing_still = true;
  const int before = line_.frames;
  for (int i = 0; i < 50; ++i) tick();  // a second
  EXPECT_EQ(line_.frames, before);
  line_.standing_still = false;
  for (int i = 0; i < 10; ++i) tick();
  EXPECT_LE(line_.frames, before + 10 + Playout::lead_frames);
  EXPECT_EQ(line_.last.samples()[0], line_.frames) << "no frame was left out";
  EXPECT_GE(counters_.worst_gap_ms, 1000);  // and it is not hidden
}

TEST_F(PlayoutTest, builds_its_lead_up_again_after_the_clock_stood_still) {
  playout_.begin(1);
  playout_.append(1, sound(200));
  for (int i = 0; i < 10; ++i) tick();
  // Ten ticks are missed; meanwhile the far end played the lead, and then nothing.
  std::vector<int> meanwhile;
  meanwhile.reserve(10);
  for (int i = 0; i < 10; ++i) meanwhile.push_back(playout_.missed_tick().samples()[0]);
  now_ += 200ms;
  EXPECT_EQ(meanwhile, (std::vector<int>{11, 12, 0, 0, 0, 0, 0, 0, 0, 0}));
  const int before = line_.frames;
  EXPECT_EQ(heard(), 13);
  EXPECT_EQ(line_.frames, before + 1 + Playout::lead_frames);
  playout_.interrupt(1, line_, now_);
  EXPECT_EQ(reported<turn::PlayoutStopped>().back().played, Millis(13 * 20));
}

TEST_F(PlayoutTest, keeps_little_of_what_has_been_said) {
  playout_.begin(1);
  int first = 1;
  for (int second = 0; second < 600; ++second) {
    playout_.append(1, sound(50, first));
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(heard(), first);
      ++first;
    }
  }
  EXPECT_EQ(reported<turn::Played>().back().played, Millis(600'000));
  EXPECT_LT(playout_.held_samples(), 3U * rate);
}

TEST_F(PlayoutTest, a_murmur_gives_way_to_a_turn) {
  playout_.murmur(sound(10, 500));
  EXPECT_EQ(heard(), 500);
  playout_.begin(1);
  playout_.append(1, sound(10));
  playout_.murmur(sound(10, 900));
  int frames = 0;
  while (heard() != 1 && frames < 10) ++frames;
  EXPECT_LE(frames, Playout::lead_frames);  // only what the far end had already
}

TEST_F(PlayoutTest, counts_late_frames) {
  playout_.begin(1);
  playout_.append(1, sound(10));
  tick();
  now_ += 20ms;
  playout_.tick(line_, now_ - 15ms, now_);
  EXPECT_EQ(counters_.late_frames, 1U);
}

}  // namespace
}  // namespace retell::engine
