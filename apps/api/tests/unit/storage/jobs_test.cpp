#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <thread>

#include "core/race.hpp"
#include "storage/db/migrate.hpp"
#include "storage/stores/job_store.hpp"
#include "support/any_database.hpp"

namespace retell::storage {
namespace {

using test::run;
using namespace std::chrono_literals;

class Jobs : public test::AnyDatabase {
 protected:
  Jobs() { EXPECT_TRUE(run(migrate(*database_, embedded_migrations()))); }
  static Job job(const std::string& id, std::int64_t at = 1) { return {id, "org_a", "webhook", "{}", 0, at}; }
};

TEST_P(Jobs, are_leased_once_and_come_back_when_their_runner_dies) {
  JobStore jobs(*database_);
  ASSERT_TRUE(run(jobs.add(job("job_2", 2), 100)));
  ASSERT_TRUE(run(jobs.add(job("job_1", 1), 100)));
  ASSERT_TRUE(run(jobs.add(job("job_1", 1), 5)));  // there already
  EXPECT_TRUE(run(jobs.lease(99, 10s, 10, {"webhook"}))->empty());
  const auto leased = run(jobs.lease(100, 10s, 10, {"webhook"})).value();
  ASSERT_EQ(leased.size(), 2U);
  EXPECT_EQ(leased[0].id, "job_1");
  EXPECT_EQ(leased[0].attempts, 1);
  EXPECT_TRUE(run(jobs.lease(100, 10s, 10, {"webhook"}))->empty());
  EXPECT_TRUE(run(jobs.done(leased[0])).value());
  EXPECT_TRUE(run(jobs.retry(leased[1], 5'000, "no answer")).value());
  EXPECT_TRUE(run(jobs.lease(4'999, 10s, 10, {"webhook"}))->empty());
  const auto second = run(jobs.lease(5'000, 10s, 10, {"webhook"}))->front();
  EXPECT_EQ(second.attempts, 2);
  const auto third = run(jobs.lease(15'000, 10s, 10, {"webhook"}))->front();
  EXPECT_EQ(third.attempts, 3);  // the lease ran out
  EXPECT_TRUE(run(jobs.bury(third, "gave up")).value());
  EXPECT_EQ(run(jobs.count("dead")).value(), 1);
  EXPECT_TRUE(run(jobs.lease(99'000, 10s, 10, {"webhook"}))->empty());
}

// While servers are replaced, an old one meets jobs that only the new one knows.
TEST_P(Jobs, are_left_to_those_who_know_their_kind) {
  JobStore jobs(*database_);
  ASSERT_TRUE(run(jobs.add(job("job_1"), 1)));
  EXPECT_TRUE(run(jobs.lease(10, 1s, 10, {"upload", "retention"}))->empty());
  EXPECT_TRUE(run(jobs.lease(10, 1s, 10, {}))->empty());
  EXPECT_EQ(run(jobs.lease(10, 1s, 10, {"upload", "webhook"}))->size(), 1U);
}

TEST_P(Jobs, cannot_be_changed_by_a_runner_that_lost_its_lease) {
  JobStore jobs(*database_);
  ASSERT_TRUE(run(jobs.add(job("job_1"), 1)));
  const auto slow = run(jobs.lease(10, 1s, 1, {"webhook"}))->front();
  const auto next = run(jobs.lease(2'000, 1s, 1, {"webhook"}))->front();
  EXPECT_FALSE(run(jobs.extend(slow, 99'000)).value());
  EXPECT_FALSE(run(jobs.retry(slow, 1, "late")).value());
  EXPECT_FALSE(run(jobs.bury(slow, "late")).value());
  EXPECT_FALSE(run(jobs.done(slow)).value());
  EXPECT_TRUE(run(jobs.extend(next, 99'000)).value());
  EXPECT_TRUE(run(jobs.lease(50'000, 1s, 1, {"webhook"}))->empty());
  EXPECT_TRUE(run(jobs.repeat(next, 60'000)).value());
  EXPECT_EQ(run(jobs.lease(60'000, 1s, 1, {"webhook"}))->front().attempts, 1);
}

TEST_P(Jobs, are_shown_to_their_owner_who_can_revive_the_dead) {
  JobStore jobs(*database_);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(run(jobs.add(job("job_" + std::to_string(i)), 1)));
  const auto leased = run(jobs.lease(10, 1s, 2, {"webhook"})).value();
  for (const auto& one : leased) ASSERT_TRUE(run(jobs.bury(one, "the receiver answered 500")));
  const auto dead = run(jobs.list("org_a", {.state = "dead"})).value();
  ASSERT_EQ(dead.size(), 2U);
  EXPECT_EQ(dead[0].last_error, "the receiver answered 500");
  EXPECT_EQ(run(jobs.list("org_a", {.kind = "webhook", .after = "job_1", .limit = 2}))->front().job.id, "job_2");
  EXPECT_TRUE(run(jobs.list("org_b", {}))->empty());
  EXPECT_EQ(run(jobs.list(std::nullopt, {}))->size(), 5U);
  EXPECT_FALSE(run(jobs.revive("org_b", "job_0", 20)).value());
  EXPECT_FALSE(run(jobs.revive("org_a", "job_4", 20)).value());  // not dead
  EXPECT_TRUE(run(jobs.revive("org_a", "job_0", 20)).value());
  EXPECT_EQ(run(jobs.lease(20, 1s, 10, {"webhook"}))->size(), 4U);
  EXPECT_EQ(run(jobs.forget_dead(100)).value(), 1);
}

// Two processes on one database, each with several runners: every job is done once, and none by two at a time.
TEST_P(Jobs, of_one_database_are_never_run_twice_at_once) {
  constexpr int count = 400;
  JobStore jobs(*database_);
  for (int i = 0; i < count; ++i) ASSERT_TRUE(run(jobs.add(job("job_" + std::to_string(1'000 + i)), 1)));
  std::mutex mutex;
  std::map<std::string, int> done;
  std::set<std::string> running;
  int together = 0;
  int failures = 0;
  auto process = [&] {
    const auto database = open_database(url_).value();
    boost::asio::io_context context;
    auto runner = [&]() -> core::Task<void> {
      JobStore mine(*database);
      for (;;) {
        const auto leased = co_await mine.lease(10, 60s, 3, {"webhook"});
        if (!leased) {
          ++failures;
          continue;
        }
        if (leased->empty()) co_return;
        for (const auto& one : *leased) {
          const std::lock_guard lock(mutex);
          if (!running.insert(one.id).second) ++together;
        }
        co_await core::sleep_for(1ms);
        for (const auto& one : *leased) {
          {
            const std::lock_guard lock(mutex);
            running.erase(one.id);
            ++done[one.id];
          }
          const auto forgotten = co_await mine.done(one);
          if (!forgotten || !*forgotten) ++failures;
        }
      }
    };
    for (int i = 0; i < 4; ++i) boost::asio::co_spawn(context, runner(), boost::asio::detached);
    context.run();
  };
  std::thread first(process);
  std::thread second(process);
  first.join();
  second.join();
  EXPECT_EQ(together, 0);
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(done.size(), static_cast<std::size_t>(count));
  for (const auto& [id, times] : done) EXPECT_EQ(times, 1) << id;
}

RETELL_ON_EVERY_DATABASE(Jobs);

}  // namespace
}  // namespace retell::storage
