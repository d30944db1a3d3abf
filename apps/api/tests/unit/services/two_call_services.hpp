// Two processes of a deployment, over one database and one Redis, as far as calls go.
#pragma once
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <functional>

#include "core/race.hpp"
#include "storage/cache/shared_state.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {

using namespace std::chrono_literals;

class TwoCallServices : public ServicesOn {
 protected:
  struct Node {
    Node(TwoCallServices& all, const std::string& id) : Node(all, id, all.redis.port(), all.workspaces) {}
    Node(TwoCallServices& all, const std::string& id, std::uint16_t redis_port, WorkspaceService& workspaces,
         storage::CallLease lease = {})
        : state({.host = "127.0.0.1", .port = redis_port}, {}, all.config.limits.max_concurrent_calls, all.clock,
                all.metrics, {}, lease),
          calls({*all.database, all.agents, all.llms, all.voices, all.keys, all.numbers, all.webhooks, all.recordings,
                 launcher, all.config, all.clock, workspaces, all.inbound, state.calls(), id},
                all.io.get_executor(), {}) {}
    storage::RedisState state;
    FakeLauncher launcher;
    CallService calls;
    boost::asio::cancellation_signal stop;
  };

  explicit TwoCallServices(storage::Dialect dialect = storage::Dialect::sqlite) : ServicesOn(dialect) {
    EXPECT_TRUE(eventually([&] { return used(first) && used(second); }));
    for (auto* node : {&first, &second}) begin(*node);
  }
  void begin(Node& node) { EXPECT_TRUE(run(node.calls.close_abandoned())); }
  // Both go about their work from here on; `until` lets them.
  void serve() {
    for (auto* node : {&first, &second}) {
      boost::asio::co_spawn(io, node->calls.follow_orders(),
                            boost::asio::bind_cancellation_slot(node->stop.slot(), boost::asio::detached));
      boost::asio::co_spawn(io, node->calls.run(), boost::asio::detached);
    }
  }
  bool until(const std::function<bool()>& holds) {
    for (int i = 0; i < 500 && !holds(); ++i) pass(10ms);
    return holds();
  }
  void pass(std::chrono::milliseconds time) { run(sleep(time)); }
  static core::Task<bool> sleep(std::chrono::milliseconds time) {
    co_await core::sleep_for(time);
    co_return true;
  }
  void TearDown() override {
    for (auto* node : {&first, &second}) {
      node->stop.emit(boost::asio::cancellation_type::terminal);
      node->calls.close();
    }
    pass(50ms);
  }
  bool used(Node& node) {
    const auto seen = run(node.state.cache().get("probe", "x"));
    if (seen.token.empty()) node.state.cache().set("probe", "x", "y", 10s, "");
    return !seen.token.empty();
  }
  static bool eventually(const std::function<bool()>& holds) { return test::wait_until(holds, 10s); }
  core::Result<domain::Call> call(Node& node) {
    WebCallRequest request;
    request.agent_id = agent;
    return run(node.calls.create_web_call(organization, std::move(request)));
  }
  int seen_by(Node& node) { return run(node.calls.concurrency(organization)).value(); }
  // Both refuse another call, and see the three that there are.
  void are_full() {
    for (auto* node : {&first, &second}) {
      const auto refused = call(*node);
      ASSERT_FALSE(refused);
      EXPECT_EQ(refused.error().code, core::ErrorCode::rate_limited);
      EXPECT_GT(refused.error().retry_after, std::chrono::milliseconds(0));
      EXPECT_EQ(seen_by(*node), 3);
    }
  }

  test::RedisServer redis;
  core::Metrics metrics;
  Node first{*this, "node_1"};
  Node second{*this, "node_2"};
  std::string agent = make_agent();
};

}  // namespace retell::services
