#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "core/lanes.hpp"
#include "core/mailbox.hpp"
#include "core/race.hpp"
#include "core/task_group.hpp"
#include "core/worker.hpp"

namespace retell::core {
namespace {

using namespace std::chrono_literals;

// Runs `task` to its end on a loop of its own and rethrows what it threw.
void run(Task<void> task) {
  asio::io_context io(1);
  std::exception_ptr error;
  asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& e) { error = e; });
  io.run();
  if (error) std::rethrow_exception(error);
}

struct Mark {
  bool& flag;
  ~Mark() { flag = true; }
};

Task<void> wait_for_ever(bool& cleaned) {
  const Mark mark{cleaned};
  co_await sleep_for(1h);
}

Task<void> fail_soon() {
  co_await sleep_for(1ms);
  throw std::runtime_error("socket closed");
}

TEST(Race, an_error_ends_the_race_and_the_loser_is_cleaned_up) {
  bool cleaned = false;
  EXPECT_THROW(run([](bool& c) -> Task<void> { co_await race(fail_soon(), wait_for_ever(c)); }(cleaned)),
               std::runtime_error);
  EXPECT_TRUE(cleaned);
}

TEST(WithTimeout, gives_the_value_when_it_is_in_time) {
  run([]() -> Task<void> {
    auto task = []() -> Task<int> { co_return 7; };
    const auto result = co_await with_timeout(task(), 1s, "the sum");
    EXPECT_EQ(result.value(), 7);
  }());
}

TEST(WithTimeout, cancels_and_names_the_work_when_it_is_late) {
  bool cleaned = false;
  run([](bool& c) -> Task<void> {
    const auto result = co_await with_timeout(wait_for_ever(c), 5ms, "the greeting");
    EXPECT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::timeout);
    EXPECT_EQ(result.error().message, "the greeting took longer than 5 ms");
  }(cleaned));
  EXPECT_TRUE(cleaned);
}

TEST(TaskGroup, join_waits_for_every_task_and_counts_failures) {
  run([]() -> Task<void> {
    bool cleaned = false;
    TaskGroup group(co_await asio::this_coro::executor);
    group.spawn("forever", wait_for_ever(cleaned));
    group.spawn("failing", fail_soon());
    co_await sleep_for(5ms);
    EXPECT_EQ(group.size(), 1U);
    EXPECT_EQ(group.failures(), 1U);
    group.cancel();
    co_await group.join();
    EXPECT_TRUE(cleaned);
  }());
}

TEST(TaskGroup, one_task_can_be_cancelled_alone) {
  run([]() -> Task<void> {
    bool first = false;
    bool second = false;
    TaskGroup group(co_await asio::this_coro::executor);
    auto handle = group.spawn("first", wait_for_ever(first));
    group.spawn("second", wait_for_ever(second));
    co_await sleep_for(1ms);
    handle.cancel();
    co_await sleep_for(1ms);
    EXPECT_TRUE(first);
    EXPECT_TRUE(handle.done());
    EXPECT_FALSE(second);
    group.cancel();
    co_await group.join();
  }());
}

TEST(TaskGroup, a_task_spawned_after_cancel_ends_at_its_first_wait) {
  run([]() -> Task<void> {
    bool cleaned = false;
    TaskGroup group(co_await asio::this_coro::executor);
    group.cancel();
    group.spawn("late", wait_for_ever(cleaned));
    co_await group.join();
    EXPECT_TRUE(cleaned);
  }());
}

// Values of a key that are worked on for a moment each; what was done, in order.
struct Laned {
  explicit Laned(const Executor& executor, std::size_t at_once = 2)
      : lanes(
            executor, at_once,
            [this](std::string key, int value) -> Task<void> {
              most = std::max(most, ++working);
              co_await sleep_for(1ms);
              --working;
              if (value < 0) throw std::runtime_error("a bug");
              done.push_back(key + std::to_string(value));
            },
            [](std::deque<int>& waiting, int value) { waiting.push_back(value); }, {}) {}
  int working = 0;
  int most = 0;
  std::vector<std::string> done;
  Lanes<int> lanes;
};

TEST(Lanes, keep_each_keys_order_and_work_for_several_keys_at_once) {
  asio::io_context loop;
  Laned it(loop.get_executor());
  for (int i = 0; i < 3; ++i) {
    for (const auto* key : {"a", "b", "c"}) EXPECT_TRUE(it.lanes.push(key, i));
  }
  it.lanes.close();
  EXPECT_FALSE(it.lanes.push("a", 3));
  bool ended = false;
  asio::co_spawn(loop, it.lanes.run(), [&](const std::exception_ptr&) { ended = true; });
  loop.run();
  EXPECT_TRUE(ended);
  EXPECT_EQ(it.most, 2);
  EXPECT_EQ(it.lanes.size(), 0U);
  for (const auto* key : {"a", "b", "c"}) {
    std::vector<std::string> of_key;
    std::copy_if(it.done.begin(), it.done.end(), std::back_inserter(of_key),
                 [&](const std::string& one) { return one.starts_with(key); });
    EXPECT_EQ(of_key,
              (std::vector<std::string>{key + std::string("0"), key + std::string("1"), key + std::string("2")}));
  }
}

TEST(Lanes, end_also_when_no_work_had_to_wait) {
  asio::io_context loop;
  int sum = 0;
  Lanes<int> lanes(
      loop.get_executor(), 2,
      [&](std::string /*key*/, int value) -> Task<void> {
        sum += value;
        co_return;
      },
      [](std::deque<int>& waiting, int value) { waiting.push_back(value); }, {});
  for (const auto* key : {"a", "b", "c", "a"}) EXPECT_TRUE(lanes.push(key, 1));
  lanes.close();
  bool ended = false;
  asio::co_spawn(loop, lanes.run(), [&](const std::exception_ptr&) { ended = true; });
  loop.run_for(5s);
  EXPECT_TRUE(ended);
  EXPECT_EQ(sum, 4);
}

TEST(Lanes, go_on_after_an_exception_and_take_what_comes_while_they_run) {
  asio::io_context loop;
  Laned it(loop.get_executor());
  bool ended = false;
  asio::co_spawn(loop, it.lanes.run(), [&](const std::exception_ptr&) { ended = true; });
  loop.run_for(5ms);
  EXPECT_TRUE(it.lanes.push("a", -1));
  EXPECT_TRUE(it.lanes.push("a", 1));
  loop.run_for(50ms);
  EXPECT_EQ(it.done, std::vector<std::string>{"a1"});
  EXPECT_TRUE(it.lanes.push("b", 2));
  it.lanes.close();
  loop.run();
  EXPECT_EQ(it.done.back(), "b2");
  EXPECT_TRUE(ended);
}

TEST(Mailbox, drops_the_oldest_when_full_and_drains_after_close) {
  run([]() -> Task<void> {
    Mailbox<int> box(co_await asio::this_coro::executor, 2, Overflow::drop_oldest);
    EXPECT_TRUE(box.push(1));
    EXPECT_TRUE(box.push(2));
    EXPECT_TRUE(box.push(3));
    box.close();
    EXPECT_FALSE(box.push(4));
    EXPECT_EQ(box.dropped(), 1U);
    EXPECT_EQ(co_await box.pop(), 2);
    EXPECT_EQ(co_await box.pop(), 3);
    EXPECT_EQ(co_await box.pop(), std::nullopt);
  }());
}

TEST(Mailbox, rejects_when_full_under_that_rule_and_wakes_its_reader) {
  run([]() -> Task<void> {
    const auto executor = co_await asio::this_coro::executor;
    Mailbox<int> box(executor, 1, Overflow::reject);
    TaskGroup group(executor);
    int got = 0;
    group.spawn("reader",
                [](Mailbox<int>& in, int& out) -> Task<void> { out = (co_await in.pop()).value_or(-1); }(box, got));
    co_await sleep_for(1ms);
    EXPECT_TRUE(box.push(9));
    EXPECT_FALSE(box.push(10));
    co_await group.join();
    EXPECT_EQ(got, 9);
  }());
}

TEST(BlockingPool, runs_elsewhere_and_comes_back) {
  BlockingPool pool(1);
  run([](BlockingPool& p) -> Task<void> {
    const auto here = std::this_thread::get_id();
    const auto there = co_await p.run([] { return std::this_thread::get_id(); });
    EXPECT_NE(here, there);
    EXPECT_EQ(here, std::this_thread::get_id());
  }(pool));
}

TEST(WorkerPool, gives_the_least_loaded_and_joins_background_tasks_on_stop) {
  bool cleaned = false;
  {
    WorkerPool pool(2);
    pool.start();
    pool.at(0).load = 3;
    EXPECT_EQ(pool.least_loaded().index(), 1U);
    std::promise<void> spawned;
    asio::post(pool.at(1).executor(), [&] {
      pool.at(1).background().spawn("forever", wait_for_ever(cleaned));
      spawned.set_value();
    });
    spawned.get_future().wait();
    pool.stop();
  }
  EXPECT_TRUE(cleaned);
}

}  // namespace
}  // namespace retell::core
