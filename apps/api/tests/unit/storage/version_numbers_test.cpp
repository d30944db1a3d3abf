// Numbers of agents' versions are given once: what a database of before that rule still knows, and who takes one.
#include <gtest/gtest.h>

#include <algorithm>

#include "storage/db/migrate.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/organization_store.hpp"
#include "support/any_database.hpp"

namespace retell::storage {
namespace {

using test::run;

constexpr int first_with_numbers = 45;

class VersionNumbers : public test::AnyDatabase {
 protected:
  // Everything before the migration that is tested.
  void migrate_until_then() {
    auto scripts = embedded_migrations();
    std::erase_if(scripts, [](const auto& script) { return script.version >= first_with_numbers; });
    const auto done = run(migrate(*database_, std::move(scripts)));
    ASSERT_TRUE(done.has_value()) << done.error().message;
    ASSERT_TRUE(run(OrganizationStore(*database_).insert({"org_a", "Name", "", 1})));
  }
  void migrate_all() {
    const auto done = run(migrate(*database_, embedded_migrations()));
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void add_agent(const std::string& id, int version, std::optional<int> base = {}) {
    const auto done = execute(
        "INSERT INTO agents (organization_id, agent_id, version, base_version, settings, created_at, modified_at) "
        "VALUES ('org_a', $1, $2, $3, '{}', 1, 1)",
        {id, version, base});
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void add_call(const std::string& id, const std::string& agent_id, const std::string& body) {
    const auto done = execute(
        "INSERT INTO calls (call_id, organization_id, agent_id, call_status, created_at, body) VALUES ($1, 'org_a', "
        "$2, 'ended', 1, $3)",
        {id, agent_id, body});
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void add_chat(const std::string& agent_id, const std::string& body) {
    const auto done = execute(
        "INSERT INTO chats (organization_id, id, lookup, body, revision, created_at, modified_at) VALUES ('org_a', "
        "'chat_1', $1, $2, 1, 1, 1)",
        {agent_id, body});
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  int next(const std::string& agent_id) { return run(AgentStore(*database_).next_version("org_a", agent_id)).value(); }
};

TEST_P(VersionNumbers, go_on_after_all_that_is_still_named) {
  migrate_until_then();
  add_agent("agent_plain", 0);
  add_agent("agent_plain", 2, 0);
  add_agent("agent_branched", 1, 6);
  add_agent("agent_called", 0);
  add_call("call_1", "agent_called", R"({"agent_id":"agent_called","agent_version":3,"agent_name":"A"})");
  add_call("call_2", "agent_called", R"({"agent_version":12,"metadata":{"agent_version":99},"x":"\u0000"})");
  add_call("call_3", "agent_called", R"({"agent_name":"without one"})");
  add_agent("agent_chatting", 0);
  add_chat("agent_chatting", R"({"agent_id":"agent_chatting","version":4,"chat_status":"ended"})");
  add_call("call_4", "agent_gone", R"({"agent_version":7})");
  migrate_all();
  EXPECT_EQ(next("agent_plain"), 3);
  EXPECT_EQ(next("agent_branched"), 7) << "version 6, which it was branched from, was deleted";
  EXPECT_EQ(next("agent_called"), 13);
  EXPECT_EQ(next("agent_chatting"), 5);
  EXPECT_EQ(next("agent_gone"), 8) << "an import may bring it back";
  EXPECT_EQ(next("agent_unknown"), 0);
}

// A program of before the migration may still run beside this one.
TEST_P(VersionNumbers, count_versions_that_were_made_without_taking_one) {
  migrate_until_then();
  migrate_all();
  ASSERT_TRUE(run(database_->transaction({AgentStore::take_version("org_a", "agent_1", 3)})));
  add_agent("agent_1", 5);
  EXPECT_EQ(next("agent_1"), 6);
}

TEST_P(VersionNumbers, are_taken_once_and_never_go_back) {
  migrate_until_then();
  migrate_all();
  const auto take = [&](int number) {
    return run(database_->transaction({AgentStore::take_version("org_a", "agent_1", number)}));
  };
  ASSERT_TRUE(take(1));
  EXPECT_EQ(take(1).error().code, core::ErrorCode::conflict);
  EXPECT_EQ(take(0).error().code, core::ErrorCode::conflict);
  ASSERT_TRUE(run(database_->transaction({AgentStore::keep_version("org_a", "agent_1", 0)})));
  EXPECT_EQ(next("agent_1"), 2);
  ASSERT_TRUE(run(database_->transaction({AgentStore::keep_version("org_a", "agent_1", 8)})));
  EXPECT_EQ(next("agent_1"), 9);
}

RETELL_ON_EVERY_DATABASE(VersionNumbers);

}  // namespace
}  // namespace retell::storage
