#include "app/call_metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

namespace retell::app {
namespace {

engine::CallEnded ended() {
  engine::CallEnded call;
  call.started = core::WallTime{};
  call.ended = call.started + std::chrono::seconds(42);
  call.reason = engine::EndReason::user_hangup;
  call.latencies = {{.turn = 2, .heard_ms = 640, .end_of_turn_ms = 300, .model_first_token_ms = 120},
                    {.turn = 3, .heard_ms = 2'100}};
  call.media.frames_in = 2'100;
  call.media.frames_out = 900;
  call.media.late_frames = 2;
  call.media.worst_gap_ms = 31;
  call.failovers = {"tts: elevenlabs -> local"};
  call.prompt_tokens = 70;
  return call;
}

TEST(CallMetrics, tell_of_a_call_what_an_operator_asks) {
  core::Metrics metrics;
  CallMetrics calls(metrics);
  calls.note(engine::VendorFailed{"tts", "elevenlabs"});
  calls.note(ended());
  const auto page = metrics.render();
  for (const auto* line :
       {"retell_calls_total{reason=\"user_hangup\"} 1\n", "retell_call_duration_seconds_sum 42\n",
        "retell_turn_heard_seconds_count 2\n", "retell_turn_heard_seconds_bucket{le=\"0.75\"} 1\n",
        "retell_turn_stage_seconds_count{stage=\"end_of_turn\"} 1\n",
        "retell_turn_stage_seconds_count{stage=\"model_first_token\"} 1\n",
        "retell_vendor_errors_total{stage=\"tts\",vendor=\"elevenlabs\"} 1\n",
        "retell_failovers_total{stage=\"tts\"} 1\n", "retell_media_frames_total{direction=\"in\"} 2100\n",
        "retell_media_late_frames_total 2\n", "retell_call_worst_gap_seconds_bucket{le=\"0.04\"} 1\n",
        "retell_llm_tokens_total{kind=\"prompt\"} 70\n"}) {
    EXPECT_NE(page.find(line), std::string::npos) << line << page;
  }
  EXPECT_EQ(page.find("stage=\"transcript\""), std::string::npos) << "a stage that was not measured";
}

// Names in snake case under one prefix, with the unit or _total at their end, and a help text for each.
TEST(CallMetrics, are_named_as_prometheus_wants_them) {
  core::Metrics metrics;
  CallMetrics calls(metrics);
  calls.note(engine::VendorFailed{"llm", "openai"});
  calls.note(ended());
  std::istringstream lines(metrics.render());
  std::set<std::string> helped;
  int families = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash;
    std::string what;
    std::string name;
    std::string type;
    words >> hash >> what >> name >> type;
    if (hash != "#") continue;
    if (what == "HELP") {
      EXPECT_TRUE(line.ends_with('.')) << line;
      helped.insert(name);
      continue;
    }
    ASSERT_EQ(what, "TYPE") << line;
    ++families;
    EXPECT_TRUE(helped.contains(name)) << name;
    EXPECT_TRUE(name.starts_with("retell_")) << name;
    EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); }))
        << name;
    if (type == "counter") EXPECT_TRUE(name.ends_with("_total")) << name;
    if (type == "histogram") EXPECT_TRUE(name.ends_with("_seconds")) << name;
  }
  EXPECT_GT(families, 10);
}

}  // namespace
}  // namespace retell::app
