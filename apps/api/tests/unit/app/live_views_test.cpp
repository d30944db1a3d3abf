#include "app/live_views.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace retell::app {
namespace {

using engine::LiveText;
using engine::Utterance;

class Views : public ::testing::Test {
 protected:
  LiveViews::Show into(std::vector<std::string>& shown) {
    return [&shown](std::string json) { shown.push_back(std::move(json)); };
  }
  void settle() {
    loop.restart();
    loop.run();
  }

  boost::asio::io_context loop;
  LiveViews views;
  int told = 0;  // events that the call's own sink got
  engine::CallEventSink sink = views.watched("call_1", [this](const engine::CallEvent&) { ++told; });
};

TEST_F(Views, show_a_call_to_those_who_watch_it_and_to_nobody_else) {
  std::vector<std::string> first;
  std::vector<std::string> second;
  std::vector<std::string> other;
  const LiveViews::View a(views, "call_1", loop.get_executor(), into(first));
  const LiveViews::View b(views, "call_1", loop.get_executor(), into(second));
  const LiveViews::View c(views, "call_2", loop.get_executor(), into(other));
  sink(LiveText{Utterance::Role::agent, "Hello.", false, 1});
  sink(engine::CallStarted{});  // the call's own business
  EXPECT_TRUE(first.empty()) << "only on the watcher's thread";
  settle();
  ASSERT_EQ(first.size(), 1U);
  EXPECT_NE(first.front().find("Hello."), std::string::npos);
  EXPECT_EQ(second, first);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(told, 2);
}

TEST_F(Views, may_come_and_go_while_the_call_runs) {
  std::vector<std::string> shown;
  sink(LiveText{Utterance::Role::agent, "before", false, 1});
  std::optional<LiveViews::View> view;
  view.emplace(views, "call_1", loop.get_executor(), into(shown));
  sink(LiveText{Utterance::Role::agent, "during", false, 1});
  settle();
  ASSERT_EQ(shown.size(), 1U);
  sink(LiveText{Utterance::Role::agent, "on its way when the watcher leaves", false, 1});
  view.reset();
  sink(LiveText{Utterance::Role::agent, "after", false, 1});
  settle();
  EXPECT_EQ(shown.size(), 1U);
  EXPECT_EQ(told, 4);
}

}  // namespace
}  // namespace retell::app
