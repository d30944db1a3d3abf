#include "net/resolver.hpp"

#include <gtest/gtest.h>

#include "unit/net/rig.hpp"

namespace retell::net {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;

core::Task<std::vector<ErrorCode>> ask(Resolver& resolver, core::Worker& worker, int times, std::string name) {
  std::vector<ErrorCode> failures;
  const auto one = [](Resolver& from, std::string host, std::vector<ErrorCode>& out) -> core::Task<void> {
    const auto found = co_await from.resolve(std::move(host), std::chrono::steady_clock::now() + 10s);
    if (!found) out.push_back(found.error().code);
  };
  core::TaskGroup group(worker.executor());
  for (int i = 0; i < times; ++i) group.spawn("look-up", one(resolver, name, failures));
  co_await group.join();
  co_return failures;
}

class Names : public ::testing::Test {
 protected:
  Names() : worker(0), resolver(worker) { worker.start(); }
  std::vector<ErrorCode> ask_for(const std::string& name, int times) {
    return test::run_on(worker, ask(resolver, worker, times, name));
  }
  core::Worker worker;
  Resolver resolver;
};

TEST_F(Names, that_many_wait_for_are_told_to_all) { EXPECT_EQ(ask_for("localhost", 500), std::vector<ErrorCode>{}); }

TEST_F(Names, that_do_not_exist_are_told_to_all_and_not_looked_for_again_at_once) {
  const auto first = ask_for("nobody.invalid", 500);
  EXPECT_EQ(first, std::vector<ErrorCode>(500, ErrorCode::unavailable));
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(ask_for("nobody.invalid", 1), std::vector<ErrorCode>{ErrorCode::unavailable});
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 500ms);
}

TEST_F(Names, are_waited_for_no_longer_than_the_deadline) {
  const auto late = test::run_on(worker, resolver.resolve("nobody2.invalid", std::chrono::steady_clock::now()));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, ErrorCode::timeout);
}

}  // namespace
}  // namespace retell::net
