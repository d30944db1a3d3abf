#include "engine/turn/silence_watchdog.hpp"

#include <gtest/gtest.h>

namespace retell::engine::turn {
namespace {

using Rung = SilenceWatchdog::Rung;

constexpr TimePoint zero{std::chrono::hours(1)};
TimePoint at(int ms) { return zero + Millis(ms); }

// Follows the dog's own deadlines: which rung, when.
std::vector<std::pair<Rung, int>> follow(SilenceWatchdog& dog, int from, int to) {
  std::vector<std::pair<Rung, int>> climbed;
  TimePoint now = at(from);
  while (const auto next = dog.deadline(now)) {
    if (*next > at(to)) break;
    now = *next;
    const auto rung = dog.climb(now);
    if (rung == Rung::none) continue;
    climbed.emplace_back(rung, static_cast<int>(std::chrono::duration_cast<Millis>(now - zero).count()));
  }
  return climbed;
}

using Climb = std::vector<std::pair<Rung, int>>;

TEST(SilenceWatchdog, climbs_each_rung_once) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  EXPECT_EQ(
      follow(dog, 0, 60'000),
      (Climb{{Rung::filler, 2'000}, {Rung::fail_over, 4'000}, {Rung::second_filler, 6'000}, {Rung::give_up, 8'000}}));
  EXPECT_FALSE(dog.deadline(at(60'000)));
}

TEST(SilenceWatchdog, sleeps_while_the_reply_sounds) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  dog.progress();
  EXPECT_FALSE(dog.deadline(at(10)));
  dog.silent(at(5'000));
  EXPECT_EQ(follow(dog, 5'000, 7'500), (Climb{{Rung::filler, 7'000}}));
}

TEST(SilenceWatchdog, does_not_count_the_time_the_caller_had_the_reply_held) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  dog.hold(at(1'000));
  EXPECT_FALSE(dog.deadline(at(1'000)));
  EXPECT_EQ(dog.climb(at(3'000)), Rung::none);
  dog.release(at(3'000));
  EXPECT_EQ(follow(dog, 3'000, 4'500), (Climb{{Rung::filler, 4'000}}));
}

TEST(SilenceWatchdog, bridges_a_tool_with_fillers_until_its_time_is_up) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  dog.tool_runs(at(500), at(500 + 12'000));
  EXPECT_EQ(follow(dog, 500, 15'000), (Climb{{Rung::filler, 3'000}, {Rung::filler, 9'000}, {Rung::fail_over, 14'500}}));
}

TEST(SilenceWatchdog, gives_the_fall_back_its_full_time_after_an_error) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  dog.failed_over(at(300));
  EXPECT_EQ(follow(dog, 300, 20'000), (Climb{{Rung::second_filler, 2'000}, {Rung::give_up, 4'300}}));
}

TEST(SilenceWatchdog, starts_over_when_the_tool_has_answered) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  dog.tool_runs(at(0), at(60'000));
  dog.tool_ended(at(1'000));
  EXPECT_FALSE(dog.tool_running());
  EXPECT_EQ(follow(dog, 1'000, 5'500), (Climb{{Rung::filler, 2'000}, {Rung::fail_over, 5'000}}));
}

TEST(SilenceWatchdog, knows_how_long_the_caller_has_waited_when_the_turn_is_begun_anew) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  EXPECT_EQ(dog.climb(at(1'900)), Rung::none);
  dog.begin_turn();
  dog.silent(at(1'900));
  // A moment for the new answer, then the filler; its vendor has its full time.
  EXPECT_EQ(follow(dog, 1'900, 6'000), (Climb{{Rung::filler, 2'700}, {Rung::fail_over, 5'900}}));
}

TEST(SilenceWatchdog, begins_at_nothing_when_the_caller_had_the_word_in_between) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  dog.begin_turn();
  dog.sounds();
  dog.silent(at(1'900));
  EXPECT_EQ(follow(dog, 1'900, 5'000), (Climb{{Rung::filler, 3'900}}));
}

TEST(SilenceWatchdog, does_not_say_a_filler_on_the_heels_of_another) {
  SilenceWatchdog dog(Millis(4'000));
  dog.silent(at(0));
  EXPECT_EQ(follow(dog, 0, 2'500), (Climb{{Rung::filler, 2'000}}));
  dog.failed_over(at(2'500));
  EXPECT_EQ(follow(dog, 2'500, 5'000), (Climb{{Rung::second_filler, 4'500}}));
}

}  // namespace
}  // namespace retell::engine::turn
