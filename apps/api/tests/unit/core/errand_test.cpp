#include "core/errand.hpp"

#include <gtest/gtest.h>

#include "core/race.hpp"
#include "core/worker.hpp"
#include "support/run.hpp"

namespace retell::core {
namespace {

using namespace std::chrono_literals;
using test::run;

struct Name final : Errand {
  explicit Name(std::string what) : text(std::move(what)) {}
  std::string text;
};
struct Other final : Errand {};

Task<std::string> whose() {
  const auto errand = co_await current_errand<Name>();
  co_return errand ? errand->text : "nobody's";
}

Task<std::string> much_later() {
  co_await sleep_for(1ms);
  const auto found = co_await with_timeout(whose(), 1s, "looking");
  co_return found.value_or("late");
}

Task<std::string> there(Worker& worker) {
  co_return co_await asio::co_spawn(worker.executor(), whose(), asio::use_awaitable);
}

TEST(Errand, goes_with_what_a_task_awaits_and_no_further) {
  EXPECT_EQ(run(whose()), "nobody's");
  const auto both = []() -> Task<std::string> {
    auto mine = on_errand(std::make_shared<Name>("mine"), much_later());
    auto inner = on_errand(std::make_shared<Name>("inner"), whose());
    auto other = on_errand(std::make_shared<Other>(), whose());
    std::string all = co_await std::move(mine);
    all += ", " + co_await on_errand(std::make_shared<Name>("outer"), std::move(inner));
    all += ", " + co_await std::move(other);
    co_return all + ", " + co_await whose();
  };
  EXPECT_EQ(run(both()), "mine, inner, nobody's, nobody's");
  Worker worker(0);
  worker.start();
  EXPECT_EQ(run(on_errand(std::make_shared<Name>("mine"), there(worker))), "nobody's") << "another's executor";
  worker.stop();
}

TEST(Errand, gives_what_the_task_throws_and_ends_with_it) {
  const auto errand = std::make_shared<Name>("mine");
  const auto fails = []() -> Task<int> {
    co_await sleep_for(1ms);
    throw std::runtime_error("broken");
  };
  EXPECT_THROW(run(on_errand(errand, fails())), std::runtime_error);
  EXPECT_EQ(errand.use_count(), 1);
}

}  // namespace
}  // namespace retell::core
