// A long call costs what its length costs: nothing that is done for every event may grow with what was said before.
#include <gtest/gtest.h>

#include <ctime>

#include "conversations/invariants.hpp"

namespace retell::engine::turn::world {
namespace {

// CPU seconds of a call with a question every 6 s.
double cpu_of(int minutes) {
  ConversationSettings settings;
  settings.agent_speaks_first = false;
  settings.reminder_max_count = 0;
  settings.max_call_duration = std::chrono::hours(3);
  const int turns = minutes * 10;
  std::vector<ScriptedReply> replies(static_cast<std::size_t>(turns), {.text = "We open at nine, on Sundays at ten."});
  World world(settings, {}, std::move(replies));
  for (int i = 0; i < turns; ++i) {
    world.caller(Millis(1'000 + i * 6'000), {.text = "What time do you open on Sundays?", .lasts = Millis(1'300)});
  }
  const auto begin = std::clock();
  world.run(Millis(minutes * 60'000));
  const auto cpu = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
  EXPECT_EQ(world.failure(), "");
  EXPECT_EQ(world.core().history().entries().size(), 2U * static_cast<std::size_t>(turns));
  return cpu;
}

TEST(LongCalls, cost_in_proportion_to_their_length) {
  (void)cpu_of(1);
  const double ten_minutes = cpu_of(10);
  const double hour = cpu_of(60);
  EXPECT_LT(hour, 6 * ten_minutes * 2.5) << ten_minutes << " s for ten minutes, " << hour << " s for an hour";
}

}  // namespace
}  // namespace retell::engine::turn::world
