#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <set>

#include "core/race.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

class AgentVersions : public ServicesFixture {
 protected:
  int branch(const std::string& id, int base) {
    const auto made = run(versions.create(organization, id, base));
    EXPECT_TRUE(made.has_value()) << made.error().message;
    return made ? made->version : -1;
  }
};

// A call's record says which version spoke: "version 1" must go on meaning that one when it is gone.
TEST_P(AgentVersions, never_get_the_number_of_one_that_was_deleted) {
  const auto id = make_agent();
  EXPECT_EQ(branch(id, 0), 1);
  ASSERT_TRUE(run(versions.remove(organization, id, 1)));
  EXPECT_EQ(branch(id, 0), 2);
  ASSERT_TRUE(run(versions.remove(organization, id, 0)));
  EXPECT_EQ(branch(id, 2), 3);
  ASSERT_TRUE(run(versions.publish_latest(organization, id)));
  EXPECT_EQ(run(agents.get(organization, id, {}))->version, 4);
  ASSERT_TRUE(run(versions.remove(organization, id, 4)));
  EXPECT_EQ(branch(id, 3), 5);
}

TEST_P(AgentVersions, made_at_once_get_a_number_each) {
  constexpr int makers = 8;
  const auto id = make_agent();
  ASSERT_TRUE(run(versions.publish(organization, id, {.version = 0})));  // so that their engines are copied, too
  std::set<int> numbers;
  std::vector<std::string> failures;
  const auto make = [&]() -> core::Task<void> {
    const auto made = co_await versions.create(organization, id, 0);
    if (made)
      numbers.insert(made->version);
    else
      failures.push_back(made.error().message);
  };
  const auto make_all = [&]() -> core::Task<bool> {
    const auto here = co_await boost::asio::this_coro::executor;
    int left = makers;
    for (int i = 0; i < makers; ++i) {
      boost::asio::co_spawn(here, make(), [&left](const std::exception_ptr&) { --left; });
    }
    while (left > 0) co_await core::sleep_for(std::chrono::milliseconds(1));
    co_return true;
  };
  run(make_all());
  EXPECT_TRUE(failures.empty()) << failures.front();
  EXPECT_EQ(numbers.size(), static_cast<std::size_t>(makers));
  EXPECT_EQ(*numbers.rbegin(), makers);
}

RETELL_ON_EVERY_DATABASE(AgentVersions);

}  // namespace
}  // namespace retell::services
