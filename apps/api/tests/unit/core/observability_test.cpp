#include <gtest/gtest.h>

#include <set>

#include "core/ids.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"

namespace retell::core {
namespace {

TEST(Ids, have_the_prefix_and_do_not_repeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto id = make_id("call_");
    EXPECT_EQ(id.size(), 5U + 32U);
    EXPECT_EQ(id.rfind("call_", 0), 0U);
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Metrics, render_in_prometheus_text_and_merge_the_same_series) {
  Metrics metrics;
  metrics.counter("retell_calls_total", "Calls.", {{"direction", "inbound"}}).add();
  metrics.counter("retell_calls_total", "Calls.", {{"direction", "inbound"}}).add(2);
  metrics.gauge("retell_live_calls", "Live calls.").set(4);
  metrics.histogram("retell_turn_latency_seconds", "Latency.", {0.5, 1}).observe(0.7);
  const auto text = metrics.render();
  EXPECT_NE(text.find("retell_calls_total{direction=\"inbound\"} 3"), std::string::npos) << text;
  EXPECT_NE(text.find("retell_live_calls 4"), std::string::npos);
  EXPECT_NE(text.find("retell_turn_latency_seconds_bucket{le=\"1\"} 1"), std::string::npos);
}

TEST(Metrics, add_up_the_series_of_a_name) {
  Metrics metrics;
  EXPECT_EQ(metrics.sum("retell_calls_total"), 0);
  metrics.counter("retell_calls_total", "Calls.", {{"reason", "user_hangup"}}).add(3);
  metrics.counter("retell_calls_total", "Calls.", {{"reason", "error_retell"}}).add(2);
  metrics.gauge("retell_live_calls", "Live calls.").set(4);
  EXPECT_EQ(metrics.sum("retell_calls_total"), 5);
  EXPECT_EQ(metrics.sum("retell_calls_total", [](const Labels& all) { return all.at("reason") == "error_retell"; }), 2);
  EXPECT_EQ(metrics.sum("retell_live_calls"), 4);
}

TEST(Log, knows_its_levels) {
  LogLevel level = LogLevel::off;
  EXPECT_TRUE(parse_log_level("warn", level));
  EXPECT_EQ(level, LogLevel::warn);
  EXPECT_FALSE(parse_log_level("loud", level));
}

}  // namespace
}  // namespace retell::core
