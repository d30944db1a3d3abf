// Two servers over one PostgreSQL and one Redis, which goes and comes back.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "faults/program.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

class TwoServers : public ::testing::Test {
 protected:
  static constexpr int most_calls = 5;
  std::map<std::string, std::string> environment(std::map<std::string, std::string> more) {
    more.insert({{"RETELL_DATABASE_URL", database_},
                 {"RETELL_CACHE_URL", "redis://127.0.0.1:" + std::to_string(redis_.port())},
                 {"RETELL_SECURITY_SECRET_KEY", "the same secret for both of these servers"},
                 {"RETELL_MODELS_MAX_CALLS", "20"}});
    return more;
  }
  static std::string agent_of(Program& program) {
    const auto list = program.ask("GET", "/list-agents");
    if (list.body.as_array().empty()) throw std::runtime_error("the demo agents come with the first voice");
    return std::string(list.body.at(0).at("agent_id").as_string());
  }
  static Answer call(Program& program, const std::string& agent) {
    // Of all ways the one that waits longest for its media.
    return program.ask("POST", "/v2/register-phone-call", R"({"agent_id":")" + agent + "\"}");
  }
  static std::int64_t seen_by(Program& program) {
    return program.ask("GET", "/get-concurrency").body.at("current_concurrency").as_int64();
  }
  static bool eventually(const std::function<bool()>& holds) { return wait_until(holds, 20s); }

  RedisServer redis_;
  std::string database_ = PostgresServer::shared().make_database();
};

TEST_F(TwoServers, keep_a_workspaces_limit_of_calls_together_over_an_outage_of_redis_and_a_crash) {
  const auto both = environment({{"RETELL_LIMITS_MAX_CONCURRENT_CALLS_PER_WORKSPACE", std::to_string(most_calls)}});
  Program first(both);
  Program second(both);
  const auto agent = agent_of(first);
  for (int i = 0; i < most_calls; ++i) EXPECT_EQ(call(i % 2 == 0 ? first : second, agent).status, 201U) << i;
  for (auto* program : {&first, &second}) {
    const auto refused = call(*program, agent);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_TRUE(refused.has_retry_after);
    EXPECT_EQ(seen_by(*program), most_calls);
  }

  // Without Redis they count in the database.
  redis_.kill();
  std::this_thread::sleep_for(200ms);
  for (int i = 0; i < 12; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    const auto refused = call(i % 2 == 0 ? first : second, agent);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_TRUE(refused.has_retry_after);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s);
  }
  const auto calls = first.ask("POST", "/v3/list-calls", "{}").body.at("items");
  const auto stopped = second.ask("POST", "/v2/stop-call/" + std::string(calls.at(0).at("call_id").as_string()));
  EXPECT_EQ(stopped.status, 204U);
  EXPECT_TRUE(eventually([&] { return call(second, agent).status == 201; })) << "there is room again";
  EXPECT_EQ(call(first, agent).status, 429U);
  EXPECT_EQ(seen_by(first), most_calls);
  redis_.start();
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(call(i % 2 == 0 ? first : second, agent).status, 429U) << i;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_EQ(seen_by(second), most_calls);

  // A server that starts again knows that its calls of before are over.
  second.kill();
  second.start();
  EXPECT_TRUE(eventually([&] { return seen_by(first) < most_calls; })) << seen_by(first);
  int made = static_cast<int>(seen_by(first));
  while (made < 2 * most_calls && call(made % 2 == 0 ? first : second, agent).status == 201) ++made;
  EXPECT_EQ(made, most_calls);
}

TEST_F(TwoServers, count_a_workspaces_requests_together_and_answer_them_without_redis) {
  constexpr int rate = 20;
  const auto both = environment({{"RETELL_LIMITS_MAX_REQUESTS_PER_SECOND", std::to_string(rate)}});
  Program first(both);
  Program second(both);
  // How many requests pass in `seconds`, of as many as two clients can make.
  std::set<unsigned> others;
  std::mutex mutex;
  const auto passed = [&](double seconds) {
    std::atomic<int> count{0};
    const auto begun = std::chrono::steady_clock::now();
    const auto ask = [&](Program& program) {
      while (std::chrono::steady_clock::now() - begun < std::chrono::duration<double>(seconds)) {
        const auto answer = program.ask("GET", "/list-agents");
        if (answer.status == 200) ++count;
        const std::lock_guard lock(mutex);
        if (answer.status != 200 && answer.status != 429) others.insert(answer.status);
      }
    };
    std::thread other([&] { ask(second); });
    ask(first);
    other.join();
    return count.load();
  };
  (void)passed(2);  // whatever was saved up is used
  const auto together = passed(2);
  EXPECT_LE(together, 2 * rate + 5);
  EXPECT_GE(together, 2 * rate - 5);
  redis_.kill();
  const auto alone = passed(2);
  EXPECT_GT(alone, 3 * rate) << "each has its own bucket";
  redis_.start();
  EXPECT_TRUE(eventually([&] {
    const auto again = passed(2);
    return again >= 2 * rate - 5 && again <= 2 * rate + 5;
  }));
  EXPECT_TRUE(others.empty()) << *others.begin();
}

// As behind a load balancer, which knows nothing of calls.
TEST_F(TwoServers, carry_a_call_whose_media_connection_comes_to_the_other_and_stop_it_from_the_first) {
  const auto both = environment({});
  Program first(both);
  Program second(both);
  const auto agent = R"({"agent_id":")" + agent_of(first) + "\"}";
  const auto simulated = first.ask("POST", "/simulated-call", agent);
  const auto registered = first.ask("POST", "/v2/register-phone-call", agent);
  ASSERT_TRUE(simulated.status == 201 && registered.status == 201) << simulated.status << registered.status;
  const auto text = [](const json::Value& value) { return std::string(value.as_string()); };
  const auto registered_id = text(registered.body.at("call_id"));
  const std::vector<std::pair<std::string, std::string>> calls{
      {text(simulated.body.at("call_id")), text(simulated.body.at("stream_path"))},
      {registered_id, "/audio-websocket/" + registered_id}};
  EXPECT_FALSE(second.converse("/audio-websocket/" + calls[0].first, {}).value_or(0)) << "only registered calls";
  const auto status = [&](Program& program, const std::string& id) {
    return text(program.ask("GET", "/v2/get-call/" + id).body.at("call_status"));
  };
  for (const auto& [id, path] : calls) {
    auto media = std::async(std::launch::async, [&second, &path] {
      return second.converse(path,
                             {R"({"event":"connected","protocol":"Call","version":"1.0.0"})",
                              R"({"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1",)"
                              R"("streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],"mediaFormat":)"
                              R"({"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}},"streamSid":"MZ1"})"});
    });
    EXPECT_TRUE(eventually([&] { return status(first, id) == "ongoing" && status(second, id) == "ongoing"; })) << path;
    EXPECT_EQ(first.ask("POST", "/v2/stop-call/" + id).status, 204U);
    EXPECT_TRUE(eventually([&] { return status(first, id) == "ended"; })) << status(first, id);
    const auto heard = media.get();
    ASSERT_TRUE(heard) << "the second server refused the connection";
    EXPECT_GT(*heard, 0) << "the agent has greeted";
    EXPECT_EQ(first.ask("GET", "/v2/get-call/" + id).body.at("disconnection_reason"), "manual_stopped");
  }
  EXPECT_TRUE(eventually([&] { return seen_by(first) == 0 && seen_by(second) == 0; }));
}

}  // namespace
}  // namespace retell::test
