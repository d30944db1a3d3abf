// What is done on the command line is told in the log of the workspace that it is done to.
#include <gtest/gtest.h>

#include <algorithm>

#include "app/commands/accounts.hpp"
#include "app/commands/keys.hpp"
#include "app/commands/workspaces.hpp"
#include "support/run.hpp"

namespace retell::app {
namespace {

class OperatorLog : public ::testing::Test {
 protected:
  OperatorLog() { config.data_dir = folder.path().string(); }

  std::vector<std::string> told(const std::string& workspace) {
    auto accounts = open_accounts(config).value();
    storage::AuditQuery query;
    query.limit = 100;
    const auto page =
        run_to_end(accounts->audit.list(workspace.empty() ? accounts->first_workspace : workspace, query));
    std::vector<std::string> all;
    for (const auto& entry : page->items) all.push_back(entry.actor_kind + " " + entry.action + " " + entry.target);
    std::reverse(all.begin(), all.end());
    return all;
  }

  test::TemporaryFolder folder;
  config::Config config;
};

TEST_F(OperatorLog, tells_of_keys_that_are_made_and_revoked) {
  KeyOrder order;
  order.name = "One";
  ASSERT_EQ(keys_create(config, order, true), 0);
  std::string id;
  {
    auto accounts = open_accounts(config).value();
    id = run_to_end(accounts->keys.list(accounts->first_workspace))->front().id;
  }
  ASSERT_EQ(keys_revoke(config, "", id), 0);
  EXPECT_EQ(told(""),
            (std::vector<std::string>{"server_operator create_key " + id, "server_operator revoke_key " + id}));
  EXPECT_EQ(keys_revoke(config, "", id), 1);
  EXPECT_EQ(told("").size(), 2U) << "nothing was revoked";
}

TEST_F(OperatorLog, of_a_workspace_begins_with_its_making) {
  ASSERT_EQ(workspaces_create(config, "Second"), 0);
  auto accounts = open_accounts(config).value();
  const auto all = run_to_end(accounts->workspaces.all()).value();
  const auto made = std::find_if(all.begin(), all.end(), [](const auto& one) { return one.name == "Second"; });
  ASSERT_NE(made, all.end());
  EXPECT_EQ(told(made->id), std::vector<std::string>{"server_operator create_workspace Second"});
}

}  // namespace
}  // namespace retell::app
