#include "app/figures_publisher.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "app/call_metrics.hpp"
#include "json/text.hpp"
#include "support/wait.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;

class Lines {
 public:
  FiguresPublisher::Write writer() {
    return [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
      return true;
    };
  }
  std::vector<std::string> all() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> lines_;
};

TEST(FiguresPublisher, writes_again_and_again_and_once_more_at_the_end) {
  Lines lines;
  std::atomic<int> ended{0};
  std::optional<FiguresPublisher> publisher;
  publisher.emplace(
      CloudWatchLines("Retell", "test"), 20ms,
      [&] { return CloudWatchFigures{.calls_ended = static_cast<double>(ended)}; }, lines.writer(), core::Logger());
  ASSERT_TRUE(test::wait_until([&] { return lines.all().size() >= 2; }, 5s));
  ended = 5;
  publisher.reset();
  int sum = 0;
  for (const auto& line : lines.all()) sum += json::parse(line).value().at("CallsEnded").to_number<int>();
  EXPECT_EQ(sum, 5) << "whenever it ended, every call is told of once";
  const auto written = lines.all().size();
  std::this_thread::sleep_for(60ms);
  EXPECT_EQ(lines.all().size(), written);
}

TEST(FiguresPublisher, tells_at_the_end_what_no_interval_has) {
  Lines lines;
  {
    const FiguresPublisher publisher(CloudWatchLines("Retell", "test"), 1h,
                                     [] { return CloudWatchFigures{.calls_ended = 3}; }, lines.writer(), {});
  }
  ASSERT_EQ(lines.all().size(), 1U);
  EXPECT_EQ(json::parse(lines.all()[0]).value().at("CallsEnded"), 3);
}

TEST(HeardWaits, are_kept_until_they_are_taken_and_only_so_many) {
  core::Metrics metrics;
  HeardWaits waits;
  CallMetrics calls(metrics, &waits);
  engine::CallEnded ended;
  ended.latencies = {{.turn = 1, .heard_ms = -1}, {.turn = 2, .heard_ms = 640}, {.turn = 3, .heard_ms = 2'100}};
  calls.note(ended);
  EXPECT_EQ(waits.take(), (std::vector<double>{640, 2'100})) << "what was not measured is no wait";
  EXPECT_TRUE(waits.take().empty());
  for (std::size_t i = 0; i < HeardWaits::most + 5; ++i) waits.add(1);
  EXPECT_EQ(waits.take().size(), HeardWaits::most);
}

}  // namespace
}  // namespace retell::app
