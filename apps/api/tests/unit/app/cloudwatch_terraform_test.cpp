// A metric that Terraform names and the server does not publish is an alarm that never rings.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "app/cloudwatch_lines.hpp"
#include "support/paths.hpp"

namespace retell::app {
namespace {

using Names = std::set<std::string>;

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::filesystem::path terraform() { return test::source_dir() + "/../../infrastructure/terraform"; }

Names found(const std::string& file, const std::string& pattern) {
  const auto text = text_of(terraform() / file);
  const std::regex wanted(pattern);
  Names names;
  for (auto at = std::sregex_iterator(text.begin(), text.end(), wanted); at != std::sregex_iterator(); ++at) {
    names.insert((*at)[1].str());
  }
  return names;
}

Names published() {
  const auto all = CloudWatchLines::names();
  return {all.begin(), all.end()};
}

TEST(CloudWatchTerraform, names_only_what_is_published) {
  auto alarms = found("alarms_calls.tf", R"re(local\.metric_namespace, metric = "(\w+)")re");
  alarms.merge(found("alarms_calls.tf", R"re((?:ended|failed) = "(\w+)")re"));
  EXPECT_EQ(alarms, (Names{"CallerHeardLatency", "CallSetupFailures", "LateFrames", "VendorErrors", "SpoolFiles",
                           "CallsEnded", "CallsFailed"}));
  const auto dashboard = found("dashboard.tf", R"re(local\.metric_namespace, "(\w+)")re");
  EXPECT_GE(dashboard.size(), 5U);
  const auto scaling = found("autoscaling.tf", R"re(metric_name = "(\w+)")re");
  EXPECT_EQ(scaling, Names{"LiveCalls"});
  const auto names = published();
  for (const auto& used : {alarms, dashboard, scaling}) {
    for (const auto& name : used) EXPECT_TRUE(names.contains(name)) << name;
  }
  // And nowhere else does a file take a metric of this namespace.
  for (const auto& entry : std::filesystem::directory_iterator(terraform())) {
    const auto name = entry.path().filename().string();
    if (entry.path().extension() != ".tf" || name == "alarms_calls.tf" || name == "dashboard.tf" ||
        name == "autoscaling.tf" || name == "ecs_api.tf") {
      continue;
    }
    EXPECT_EQ(text_of(entry.path()).find("local.metric_namespace"), std::string::npos) << name;
  }
}

TEST(CloudWatchTerraform, documents_what_is_published) {
  const auto all = found("README.md", R"re(`([A-Z][A-Za-z]+)`(?=[^\n]*\|))re");
  auto missing = published();
  for (const auto& name : all) missing.erase(name);
  EXPECT_TRUE(missing.empty()) << *missing.begin();
}

TEST(CloudWatchTerraform, asks_for_the_dimension_and_gives_the_variables) {
  for (const auto* file : {"alarms_calls.tf", "autoscaling.tf", "dashboard.tf"}) {
    EXPECT_NE(text_of(terraform() / file).find("Service"), std::string::npos) << file;
  }
  const auto task = text_of(terraform() / "ecs_api.tf");
  EXPECT_NE(task.find("AWS_EMF_NAMESPACE    = local.metric_namespace"), std::string::npos);
  EXPECT_NE(task.find("AWS_EMF_SERVICE_NAME = \"${local.prefix}-api\""), std::string::npos);
}

}  // namespace
}  // namespace retell::app
