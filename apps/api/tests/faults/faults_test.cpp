#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "faults/program.hpp"
#include "support/postgres_server.hpp"
#include "support/redis_server.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

// Clients that create LLMs without pause and note which were acknowledged.
class Writers {
 public:
  Writers(Program& program, int count) {
    for (int i = 0; i < count; ++i) threads_.emplace_back([this, &program] { write(program); });
  }
  void stop() {
    over_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  std::set<std::string> acknowledged;
  int unavailable = 0;  // 503, told when to come again
  int unanswered = 0;   // the program was gone
  std::set<unsigned> others;

 private:
  void write(Program& program) {
    while (!over_) {
      const auto answer = program.ask("POST", "/create-retell-llm", R"({"general_prompt":"x"})");
      const std::lock_guard lock(mutex_);
      if (answer.status == 201 || answer.status == 200)
        acknowledged.insert(std::string(answer.body.at("llm_id").as_string()));
      else if (answer.status == 503 && answer.has_retry_after)
        ++unavailable;
      else if (answer.status == 0)
        ++unanswered;
      else
        others.insert(answer.status);
    }
  }

  std::mutex mutex_;
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

int missing(Program& program, const std::set<std::string>& ids) {
  int count = 0;
  for (const auto& id : ids) count += program.ask("GET", "/get-retell-llm/" + id).status == 200 ? 0 : 1;
  return count;
}

class AnyDatabase : public ::testing::TestWithParam<bool> {
 protected:
  std::map<std::string, std::string> environment() {
    if (!GetParam()) return {};
    return {{"RETELL_DATABASE_URL", PostgresServer::shared().make_database()}};
  }
};

TEST_P(AnyDatabase, a_server_killed_in_the_middle_of_writes_lost_nothing_that_it_acknowledged) {
  Program program(environment());
  std::set<std::string> acknowledged;
  for (int round = 0; round < 3; ++round) {
    Writers writers(program, 4);
    std::this_thread::sleep_for(700ms);
    program.kill();
    writers.stop();
    EXPECT_TRUE(writers.others.empty()) << *writers.others.begin();
    acknowledged.insert(writers.acknowledged.begin(), writers.acknowledged.end());
    program.start();
  }
  EXPECT_GT(acknowledged.size(), 50U);
  EXPECT_EQ(missing(program, acknowledged), 0);
  EXPECT_EQ(program.stop(), 0) << program.log();
  RecordProperty("acknowledged", static_cast<int>(acknowledged.size()));
}

INSTANTIATE_TEST_SUITE_P(On, AnyDatabase, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "PostgreSQL" : "SQLite"; });

TEST(PostgresRestart, is_waited_for_or_answered_with_503_and_loses_nothing) {
  PostgresServer server;
  Program program({{"RETELL_DATABASE_URL", server.make_database()}, {"RETELL_DATABASE_WAIT_MS", "1000"}});
  Writers writers(program, 4);
  std::this_thread::sleep_for(500ms);
  server.stop();
  std::this_thread::sleep_for(200ms);
  server.start();  // a short one: requests wait
  std::this_thread::sleep_for(1'500ms);
  server.crash();
  std::this_thread::sleep_for(2'500ms);  // longer than requests wait
  EXPECT_EQ(program.ask("GET", "/ready").status, 503U);
  server.start();
  std::this_thread::sleep_for(3s);
  writers.stop();
  EXPECT_TRUE(writers.others.empty()) << *writers.others.begin() << "\n" << program.log();
  EXPECT_EQ(writers.unanswered, 0);
  EXPECT_GT(writers.unavailable, 0);
  EXPECT_EQ(program.ask("GET", "/ready").status, 200U);
  EXPECT_GT(writers.acknowledged.size(), 50U);
  EXPECT_EQ(missing(program, writers.acknowledged), 0);
}

// What the fail-over of a lost zone looks like from here. docs/DEPLOYMENT.md names these bounds with their defaults.
TEST(PostgresSilent, holds_requests_for_the_statements_time_and_no_longer_and_loses_nothing) {
  PostgresServer server;
  Program program({{"RETELL_DATABASE_URL", server.make_database()},
                   {"RETELL_DATABASE_WAIT_MS", "1000"},
                   {"RETELL_DATABASE_QUERY_TIMEOUT_MS", "1000"}});
  Writers writers(program, 4);
  std::this_thread::sleep_for(500ms);
  server.freeze();
  std::this_thread::sleep_for(200ms);
  const auto asked = std::chrono::steady_clock::now();
  EXPECT_EQ(program.ask("POST", "/create-retell-llm", R"({"general_prompt":"x"})").status, 503U);
  // The statement's second, one for PostgreSQL to give it up by itself, one for a connection; and what a busy machine
  // takes.
  EXPECT_LT(std::chrono::steady_clock::now() - asked, 6s);
  EXPECT_EQ(program.ask("GET", "/ready").status, 503U);
  EXPECT_EQ(program.ask("GET", "/health").status, 200U);
  server.thaw();
  std::this_thread::sleep_for(4s);
  EXPECT_EQ(program.ask("GET", "/ready").status, 200U);
  writers.stop();
  EXPECT_TRUE(writers.others.empty()) << *writers.others.begin() << "\n" << program.log();
  EXPECT_EQ(writers.unanswered, 0);
  EXPECT_GT(writers.unavailable, 0);
  EXPECT_GT(writers.acknowledged.size(), 50U);
  EXPECT_EQ(missing(program, writers.acknowledged), 0);
}

TEST(RedisGone, makes_calls_slower_at_most) {
  RedisServer redis;
  Program program({{"RETELL_DATABASE_URL", PostgresServer::shared().make_database()},
                   {"RETELL_CACHE_URL", "redis://127.0.0.1:" + std::to_string(redis.port())},
                   {"RETELL_LIMITS_MAX_CONCURRENT_CALLS", "10000"},
                   {"RETELL_MODELS_MAX_CALLS", "10000"}});
  const auto list = program.ask("GET", "/list-agents");
  ASSERT_EQ(list.status, 200U);
  ASSERT_FALSE(list.body.as_array().empty()) << "the demo agents come with the first voice";
  const auto agent = std::string(list.body.at(0).at("agent_id").as_string());
  const auto call = [&] {
    return program.ask("POST", "/v2/create-web-call", R"({"agent_id":")" + agent + "\"}").status;
  };
  std::atomic<bool> over{false};
  std::atomic<int> made{0};
  std::atomic<int> failed{0};
  std::thread caller([&] {
    while (!over) ++(call() == 201 ? made : failed);
  });
  std::this_thread::sleep_for(500ms);
  redis.kill();
  std::this_thread::sleep_for(1s);
  // A change made without Redis is what the next call starts with.
  const auto renamed = program.ask("PATCH", "/update-agent/" + agent, R"({"agent_name":"Changed"})");
  EXPECT_EQ(renamed.status, 200U);
  const auto after = program.ask("POST", "/v2/create-web-call", R"({"agent_id":")" + agent + "\"}");
  EXPECT_EQ(after.body.at("agent_name").as_string(), "Changed");
  redis.start();
  std::this_thread::sleep_for(2'500ms);
  redis.freeze();
  std::this_thread::sleep_for(1s);
  redis.thaw();
  over = true;
  caller.join();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(made, 100);
}

}  // namespace
}  // namespace retell::test
