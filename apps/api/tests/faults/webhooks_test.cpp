// Receivers of webhooks that fail in every way there is, and a sender that is killed: nothing is lost.
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>

#include "faults/program.hpp"
#include "faults/receiver.hpp"
#include "json/text.hpp"
#include "storage/db/open.hpp"
#include "storage/stores/job_store.hpp"
#include "support/postgres_server.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;
using Events = std::vector<std::string>;

constexpr auto patience = 500ms;
const Events whole{"call_ended", "call_analyzed"};  // of a call that nobody joined

// Clients that have one call after the other without pause, and note those that were acknowledged.
class Callers {
 public:
  Callers(std::function<std::string()> make_call, Program& program, int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this, &program, make_call] {
        while (!over_) {
          const auto id = make_call();
          if (id.empty()) continue;
          (void)program.ask("POST", "/v2/stop-call/" + id);  // or a restart ends it
          const std::lock_guard lock(mutex_);
          acknowledged.insert(id);
        }
      });
    }
  }
  void stop() {
    over_ = true;
    for (auto& thread : threads_) thread.join();
  }
  std::set<std::string> acknowledged;

 private:
  std::mutex mutex_;
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

class Calls : public ::testing::Test {
 protected:
  // `database`: its address; empty: SQLite.
  explicit Calls(std::string address) : database(std::move(address)) {
    const auto& agents = program.ask("GET", "/list-agents").body;
    EXPECT_FALSE(agents.as_array().empty()) << "the demo agents come with the first voice";
    agent = std::string(agents.at(0).at("agent_id").as_string());
    EXPECT_EQ(program.ask("PATCH", "/update-agent/" + agent, R"({"webhook_timeout_ms":500})").status, 200U);
  }
  std::map<std::string, std::string> environment() {
    std::map<std::string, std::string> settings{{"RETELL_SECURITY_ALLOW_PRIVATE_NETWORKS", "true"},
                                                {"RETELL_ORGANIZATION_WEBHOOK_URL", receiver.url()},
                                                {"RETELL_LIMITS_MAX_CONCURRENT_CALLS", "10000"},
                                                {"RETELL_MODELS_MAX_CALLS", "10000"}};
    if (!database.empty()) settings["RETELL_DATABASE_URL"] = database;
    return settings;
  }
  [[nodiscard]] std::unique_ptr<storage::Database> open() const {
    const auto file = "sqlite:" + (program.folder() / "data" / "retell.db").string();
    return storage::open_database(database.empty() ? file : database).value();
  }
  // The id of a call that was made, acknowledged; empty: it was not.
  std::string make_call() {
    const auto call = program.ask("POST", "/v2/create-web-call", R"({"agent_id":")" + agent + "\"}");
    return call.status == 201 ? std::string(call.body.at("call_id").as_string()) : "";
  }
  void have_calls(int count) {
    for (int i = 0; i < count; ++i) {
      const auto id = make_call();
      ASSERT_FALSE(id.empty());
      ASSERT_EQ(program.ask("POST", "/v2/stop-call/" + id).status, 204U);
      made.insert(id);
    }
  }
  // Waits until the receiver knows of all calls, each told in order: at least once, so that what was in hand when
  // something died may come twice.
  void expect_all_told() {
    const auto untold = [&] {
      const auto events = receiver.events();
      return std::count_if(made.begin(), made.end(), [&](const auto& id) {
        const auto found = events.find(id);
        return found == events.end() || found->second.back() != whole.back();
      });
    };
    EXPECT_TRUE(wait_until([&] { return untold() == 0; }, 90s)) << untold() << " of " << made.size() << " calls";
    for (auto& [call, names] : receiver.events()) {
      auto once = names;
      once.erase(std::unique(once.begin(), once.end()), once.end());
      if (made.contains(call)) EXPECT_EQ(once, whole) << call;
    }
    EXPECT_EQ(logged("failed"), 0U);
    RecordProperty("calls", static_cast<int>(made.size()));
  }
  // As the program's own log of deliveries has it.
  std::size_t logged(const std::string& state) {
    const auto log = program.ask("GET", "/v1/webhook-deliveries?state=" + state + "&limit=1000");
    return log.status == 200 ? log.body.at("items").as_array().size() : 0;
  }

  Receiver receiver{patience};
  std::string database;
  Program program{environment()};
  std::string agent;
  std::set<std::string> made;
};

class WebhookTarget : public Calls, public ::testing::WithParamInterface<bool> {
 protected:
  WebhookTarget() : Calls(GetParam() ? PostgresServer::shared().make_database() : "") {}
};

TEST_P(WebhookTarget, that_fails_or_is_late_or_gone_gets_everything_in_order_when_it_is_back) {
  constexpr int each = 5;
  have_calls(each);
  receiver.fault.set(Receiver::Fault::error);
  have_calls(each);
  EXPECT_TRUE(wait_until([&] { return receiver.failed >= each; }, 10s));
  receiver.fault.set(Receiver::Fault::late);
  have_calls(each);
  EXPECT_TRUE(wait_until([&] { return receiver.failed >= 3 * each; }, 20s));
  receiver.go();
  have_calls(each);
  std::this_thread::sleep_for(1s);
  receiver.fault.set(Receiver::Fault::none);
  receiver.come();
  const std::size_t wanted = whole.size() * made.size();
  EXPECT_TRUE(wait_until([&] { return receiver.taken() >= wanted; }, 60s)) << receiver.taken() << " of " << wanted;

  const auto events = receiver.events();
  EXPECT_EQ(events.size(), made.size());
  for (const auto& [call, names] : events) EXPECT_EQ(names, whole) << call;
  // The log agrees, as soon as the last answer is written down.
  EXPECT_TRUE(wait_until([&] { return logged("delivered") == wanted; }, 10s)) << logged("delivered");
  EXPECT_EQ(logged("failed") + logged("pending"), 0U);
}

TEST_P(WebhookTarget, hears_of_every_call_in_order_from_a_server_that_is_killed) {
  for (const auto fault : {Receiver::Fault::none, Receiver::Fault::silence, Receiver::Fault::error}) {
    receiver.fault.set(fault);
    Callers callers([this] { return make_call(); }, program, 3);
    std::this_thread::sleep_for(700ms);
    program.kill();
    callers.stop();
    EXPECT_GT(callers.acknowledged.size(), 5U);
    made.merge(callers.acknowledged);
    program.start();
  }
  receiver.fault.set(Receiver::Fault::none);
  expect_all_told();
}

TEST_P(WebhookTarget, gets_what_an_earlier_version_had_left_in_the_job_queue) {
  program.kill();
  constexpr int calls = 40;
  {
    const auto stored = open();
    const auto workspace = run(stored->query({"SELECT id FROM organizations"}))->front().text(0);
    storage::JobStore jobs(*stored);
    for (int i = 0; i < calls; ++i) {
      const auto call = "call_old_" + std::to_string(i);
      for (std::size_t j = 0; j < whole.size(); ++j) {
        storage::Job job;
        job.id = "job_1764000000000_00000000" + std::to_string(10 + i) + "_" + std::to_string(j);
        job.organization_id = workspace;
        job.kind = "webhook";
        job.subject = call;
        job.created_at = 1'764'000'000'000;
        job.payload = json::dump(
            json::Object{{"url", receiver.url()},
                         {"timeout_ms", 500},
                         {"body", R"({"event":")" + whole[j] + R"(","call":{"call_id":")" + call +
                                      R"(","agent_id":"agent_x","call_status":"ended","call_type":"web_call"}})"}});
        ASSERT_TRUE(run(jobs.add(std::move(job), 1'764'000'000'000)));
      }
    }
    // A runner had some in hand when it died.
    ASSERT_EQ(run(jobs.lease(1'764'000'000'001, 120s, 7, {"webhook"}))->size(), 7U);
  }
  program.start();
  EXPECT_TRUE(wait_until([&] { return receiver.taken() >= calls * whole.size(); }, 20s)) << receiver.taken();
  const auto events = receiver.events();
  EXPECT_EQ(events.size(), static_cast<std::size_t>(calls));
  for (const auto& [call, names] : events) EXPECT_EQ(names, whole) << call;
  EXPECT_EQ(logged("delivered"), calls * whole.size());
}

struct OwnPostgres {
  PostgresServer server;
};

class RestartedPostgres : public OwnPostgres, public Calls {
 protected:
  RestartedPostgres() : Calls(server.make_database()) {}
};

TEST_F(RestartedPostgres, loses_no_webhook_of_calls_that_go_on) {
  Callers callers([this] { return make_call(); }, program, 3);
  std::this_thread::sleep_for(500ms);
  server.stop();
  std::this_thread::sleep_for(500ms);
  server.start();
  std::this_thread::sleep_for(1s);
  server.crash();
  std::this_thread::sleep_for(1s);
  server.start();
  std::this_thread::sleep_for(1s);
  callers.stop();
  made = callers.acknowledged;
  EXPECT_GT(made.size(), 20U);
  expect_all_told();
}

INSTANTIATE_TEST_SUITE_P(On, WebhookTarget, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "PostgreSQL" : "SQLite"; });

}  // namespace
}  // namespace retell::test
