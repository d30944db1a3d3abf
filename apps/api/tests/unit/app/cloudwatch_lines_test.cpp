#include "app/cloudwatch_lines.hpp"

#include <gtest/gtest.h>

#include <set>

#include "json/text.hpp"

namespace retell::app {
namespace {

const core::WallTime noon{std::chrono::seconds(1'800'000'000)};

// Reads a line as CloudWatch does, which drops what is wrong without a word: every metric has its number, or 1 to 100
// of them, beside the directive.
json::Object checked(const std::string& line) {
  EXPECT_EQ(line.find('\n'), std::string::npos) << "one object, one line";
  auto object = json::parse(line).value().as_object();
  const auto& aws = object.at("_aws").as_object();
  EXPECT_EQ(aws.at("Timestamp").as_int64(), core::epoch_ms(noon));
  EXPECT_EQ(aws.at("CloudWatchMetrics").as_array().size(), 1U);
  const auto& directive = aws.at("CloudWatchMetrics").as_array().at(0).as_object();
  EXPECT_EQ(directive.at("Namespace"), "Retell");
  EXPECT_EQ(json::dump(directive.at("Dimensions")), R"([["Service"]])");
  EXPECT_EQ(object.at("Service"), "retell-prod-api");
  const auto& metrics = directive.at("Metrics").as_array();
  EXPECT_GE(metrics.size(), 1U);
  EXPECT_EQ(metrics.size() + 2, object.size()) << "a value that no metric is defined for: " << line;
  for (const auto& metric : metrics) {
    const auto name = metric.at("Name").as_string();
    const bool waits = name == "CallerHeardLatency";
    EXPECT_EQ(metric.at("Unit"), waits ? "Milliseconds" : "Count") << name.c_str();
    const auto& value = object.at(name);
    EXPECT_EQ(value.is_array(), waits) << line;
    if (!waits) {
      EXPECT_TRUE(value.is_number()) << line;
      continue;
    }
    EXPECT_GE(value.as_array().size(), 1U);
    EXPECT_LE(value.as_array().size(), 100U);
    for (const auto& one : value.as_array()) EXPECT_TRUE(one.is_number()) << line;
  }
  return object;
}

TEST(CloudWatchLines, hold_what_is_now_and_what_was_added_since_the_last_line) {
  CloudWatchLines lines("Retell", "retell-prod-api");
  const auto first = lines.next({.live_calls = 7,
                                 .calls_ended = 20,
                                 .calls_failed = 2,
                                 .call_setup_failures = 1,
                                 .late_frames = 5,
                                 .vendor_errors = 3,
                                 .spool_files = 4,
                                 .caller_heard_ms = {640.4, 2'100}},
                                noon);
  ASSERT_EQ(first.size(), 1U);
  auto told = checked(first[0]);
  EXPECT_EQ(told.at("LiveCalls"), 7);
  EXPECT_EQ(told.at("CallsEnded"), 20);
  EXPECT_EQ(told.at("CallsFailed"), 2);
  EXPECT_EQ(told.at("CallSetupFailures"), 1);
  EXPECT_EQ(told.at("LateFrames"), 5);
  EXPECT_EQ(told.at("VendorErrors"), 3);
  EXPECT_EQ(told.at("SpoolFiles"), 4);
  EXPECT_EQ(json::dump(told.at("CallerHeardLatency")), "[640,2100]");

  const auto second = lines.next({.live_calls = 3,
                                  .calls_ended = 26,
                                  .calls_failed = 2,
                                  .call_setup_failures = 1,
                                  .late_frames = 5,
                                  .vendor_errors = 10,
                                  .spool_files = 4},
                                 noon);
  ASSERT_EQ(second.size(), 1U);
  told = checked(second[0]);
  EXPECT_EQ(told.at("LiveCalls"), 3);
  EXPECT_EQ(told.at("CallsEnded"), 6);
  EXPECT_EQ(told.at("CallsFailed"), 0);
  EXPECT_EQ(told.at("VendorErrors"), 7);
  EXPECT_EQ(told.at("SpoolFiles"), 4);
  EXPECT_FALSE(told.contains("CallerHeardLatency")) << "an empty array is no value";
}

TEST(CloudWatchLines, are_as_many_as_the_waits_need_and_count_nothing_twice) {
  for (const auto& [waits, expected] : {std::pair{100, 1}, {101, 2}, {250, 3}}) {
    CloudWatchLines lines("Retell", "retell-prod-api");
    CloudWatchFigures now{.live_calls = 1, .calls_ended = 9};
    for (int i = 0; i < waits; ++i) now.caller_heard_ms.push_back(i);
    const auto all = lines.next(now, noon);
    ASSERT_EQ(all.size(), static_cast<std::size_t>(expected)) << waits;
    int next = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto told = checked(all[i]);
      EXPECT_EQ(told.contains("CallsEnded"), i == 0);
      EXPECT_EQ(told.contains("LiveCalls"), i == 0);
      for (const auto& wait : told.at("CallerHeardLatency").as_array()) EXPECT_EQ(wait, next++);
    }
    EXPECT_EQ(next, waits);
  }
}

TEST(CloudWatchLines, have_a_line_with_all_that_is_nothing) {
  CloudWatchLines lines("Retell", "retell-prod-api");
  const auto quiet = lines.next({}, noon);
  ASSERT_EQ(quiet.size(), 1U);
  const auto told = checked(quiet[0]);
  for (const auto name : CloudWatchLines::names()) {
    if (name != "CallerHeardLatency") EXPECT_EQ(told.at(name), 0) << name;  // an alarm needs to see that all is well
  }
}

}  // namespace
}  // namespace retell::app
