// The program's own log, as CloudWatch reads it: lines of the embedded metric format among those of the JSON log.
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <sstream>

#include "faults/callers.hpp"
#include "json/text.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

std::map<std::string, std::string> environment(const CallVendors& vendors) {
  auto all = vendors.environment();
  all.merge(std::map<std::string, std::string>{{"AWS_EMF_NAMESPACE", "Retell"},
                                               {"AWS_EMF_SERVICE_NAME", "retell-test-api"},
                                               {"RETELL_METRICS_INTERVAL_SECONDS", "1"},
                                               {"RETELL_LOG_FORMAT", "json"}});
  return all;
}

// What an account would have of it: every metric's values, in the order of time.
std::map<std::string, std::vector<double>> metrics_in(const std::string& log) {
  std::map<std::string, std::vector<double>> metrics;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    const auto object = json::parse(line);
    if (!object) {
      ADD_FAILURE() << "not JSON: " << line;
      continue;
    }
    if (!object->as_object().contains("_aws")) continue;
    EXPECT_EQ(object->at("Service"), "retell-test-api");
    const auto& directive = object->at("_aws").at("CloudWatchMetrics").at(0);
    EXPECT_EQ(directive.at("Namespace"), "Retell");
    for (const auto& metric : directive.at("Metrics").as_array()) {
      const auto name = std::string(metric.at("Name").as_string());
      const auto& value = object->at(name);
      if (value.is_array()) {
        for (const auto& one : value.as_array()) metrics[name].push_back(one.to_number<double>());
      } else {
        metrics[name].push_back(value.to_number<double>());
      }
    }
  }
  return metrics;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

TEST(CloudWatch, is_told_of_a_call_while_it_runs_and_after) {
  CallVendors vendors;
  Program program(environment(vendors));
  Callers callers(program);
  ASSERT_TRUE(wait_until([&] { return metrics_in(program.log())["LiveCalls"].size() >= 2; }, 10s)) << program.log();
  const auto call = callers.phone(2, "call");
  EXPECT_TRUE(wait_until([&] { return metrics_in(program.log())["LiveCalls"].back() == 1; }, 20s)) << program.log();
  EXPECT_EQ(wait_child(call) % 3, 0) << read_file(program.folder() / "call");  // 3: the far end was not content
  ASSERT_TRUE(wait_until([&] { return sum(metrics_in(program.log())["CallsEnded"]) == 1; }, 10s)) << program.log();
  EXPECT_EQ(program.stop(), 0);

  auto told = metrics_in(program.log());
  EXPECT_EQ(sum(told["CallsEnded"]), 1);
  EXPECT_EQ(sum(told["CallsFailed"]), 0);
  EXPECT_EQ(sum(told["VendorErrors"]), 0);
  EXPECT_EQ(told["LiveCalls"].back(), 0);
  EXPECT_EQ(told["SpoolFiles"].back(), 0);
  EXPECT_FALSE(told["CallerHeardLatency"].empty());
  for (const auto wait : told["CallerHeardLatency"]) {
    EXPECT_GT(wait, 50);
    EXPECT_LT(wait, 10'000);
  }
  EXPECT_EQ(told["CallsEnded"].size(), told["LiveCalls"].size()) << "each line has each figure";
  EXPECT_TRUE(told.contains("LateFrames") && told.contains("CallSetupFailures"));
}

TEST(CloudWatch, is_told_of_what_went_wrong) {
  CallVendors vendors;
  vendors.mind.fault.set(fakes::FakeOpenAi::Fault::unauthorized);
  Program program(environment(vendors));
  Callers callers(program);
  EXPECT_EQ(program.ask("POST", "/v2/create-web-call", R"({"agent_id":"agent_demo_en"})").status, 201U);
  (void)wait_child(callers.phone(3, "call"));
  EXPECT_TRUE(wait_until([&] { return sum(metrics_in(program.log())["CallSetupFailures"]) == 1; }, 40s))
      << "nobody joined the web call: " << program.log();
  auto told = metrics_in(program.log());
  EXPECT_GE(sum(told["VendorErrors"]), 1) << program.log();
  EXPECT_EQ(sum(told["CallsFailed"]), 1) << program.log();
  EXPECT_EQ(sum(told["CallsEnded"]), 1) << "a call that never began did not end";
}

TEST(CloudWatch, is_told_a_last_time_when_the_program_stops) {
  CallVendors vendors;
  auto settings = environment(vendors);
  settings["RETELL_METRICS_INTERVAL_SECONDS"] = "3600";
  settings["RETELL_DRAIN_SECONDS"] = "0";
  Program program(settings);
  Callers callers(program);
  const auto call = callers.phone(9, "call");
  ASSERT_TRUE(wait_until(
      [&] {
        const auto calls = program.ask("POST", "/v3/list-calls", "{}").body.at("items").as_array();
        return !calls.empty() && calls[0].at("call_status") == "ongoing";
      },
      20s));
  EXPECT_EQ(program.stop(), 0);
  (void)wait_child(call);
  auto told = metrics_in(program.log());
  EXPECT_EQ(told["CallsEnded"], std::vector<double>{1}) << "the call that the stop ended";
  EXPECT_EQ(told["LiveCalls"], std::vector<double>{0});
}

TEST(CloudWatch, is_told_nothing_where_no_namespace_is_named) {
  CallVendors vendors;
  auto settings = environment(vendors);
  settings.erase("AWS_EMF_NAMESPACE");
  Program program(settings);
  std::this_thread::sleep_for(2'500ms);
  EXPECT_EQ(program.stop(), 0);
  EXPECT_TRUE(metrics_in(program.log()).empty());
}

}  // namespace
}  // namespace retell::test
