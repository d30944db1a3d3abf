#include "app/cloudwatch_lines.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <utility>

#include "json/text.hpp"

namespace retell::app {
namespace {

struct Metric {
  std::string_view name;
  double CloudWatchFigures::* value;
  bool counts;  // since the start; else it is what is now
};

constexpr std::array metrics = {
    Metric{"LiveCalls", &CloudWatchFigures::live_calls, false},
    Metric{"CallsEnded", &CloudWatchFigures::calls_ended, true},
    Metric{"CallsFailed", &CloudWatchFigures::calls_failed, true},
    Metric{"CallSetupFailures", &CloudWatchFigures::call_setup_failures, true},
    Metric{"LateFrames", &CloudWatchFigures::late_frames, true},
    Metric{"VendorErrors", &CloudWatchFigures::vendor_errors, true},
    Metric{"SpoolFiles", &CloudWatchFigures::spool_files, false},
};
constexpr std::string_view waits_name = "CallerHeardLatency";

json::Object definition(std::string_view name, std::string_view unit) { return {{"Name", name}, {"Unit", unit}}; }

}  // namespace

std::vector<std::string_view> CloudWatchLines::names() {
  std::vector<std::string_view> all{waits_name};
  all.reserve(metrics.size() + 1);
  for (const auto& metric : metrics) all.push_back(metric.name);
  return all;
}

std::vector<std::string> CloudWatchLines::next(const CloudWatchFigures& now, core::WallTime at) {
  const auto line = [&](json::Array definitions, const json::Object& values) {
    json::Array dimensions;
    dimensions.emplace_back(json::Array{"Service"});  // one set, of one
    json::Array directives;
    directives.emplace_back(json::Object{
        {"Namespace", name_space_}, {"Dimensions", std::move(dimensions)}, {"Metrics", std::move(definitions)}});
    json::Object object{
        {"_aws", json::Object{{"Timestamp", core::epoch_ms(at)}, {"CloudWatchMetrics", std::move(directives)}}},
        {"Service", service_}};
    for (const auto& [name, value] : values) object.emplace(name, value);
    return json::dump(object);
  };

  json::Array definitions;
  json::Object values;
  for (const auto& metric : metrics) {
    definitions.push_back(definition(metric.name, "Count"));
    const auto before = metric.counts ? last_.*metric.value : 0;
    values.emplace(metric.name, now.*metric.value - before);
  }
  last_ = now;
  last_.caller_heard_ms.clear();

  // The counts stand in the first line alone: what stands in two is counted twice.
  std::vector<std::string> lines;
  std::span<const double> waits = now.caller_heard_ms;
  do {
    const auto part = waits.first(std::min(waits.size(), most_values));
    waits = waits.subspan(part.size());
    if (!part.empty()) {
      definitions.push_back(definition(waits_name, "Milliseconds"));
      json::Array array;
      for (const auto wait : part) array.push_back(std::round(wait));
      values.emplace(waits_name, std::move(array));
    }
    lines.push_back(line(std::exchange(definitions, {}), std::exchange(values, {})));
  } while (!waits.empty());
  return lines;
}

}  // namespace retell::app
