#include <gtest/gtest.h>

#include <set>

#include "json/text.hpp"
#include "storage/db/migrate.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/api_key_store.hpp"
#include "storage/stores/call_store.hpp"
#include "storage/stores/job_store.hpp"
#include "storage/stores/llm_store.hpp"
#include "storage/stores/organization_store.hpp"
#include "storage/stores/phone_number_store.hpp"
#include "support/any_database.hpp"

namespace retell::storage {
namespace {

using test::run;
using namespace std::chrono_literals;

class Stores : public test::AnyDatabase {
 protected:
  Stores() {
    EXPECT_TRUE(run(migrate(*database_, embedded_migrations())));
    for (const auto* id : {"org_a", "org_b"})
      EXPECT_TRUE(run(OrganizationStore(*database_).insert({id, "Name", "", 1})));
  }
  void write(Statement statement) {
    const auto done = run(database_->execute(std::move(statement)));
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  static AgentRecord agent(const std::string& id, std::int32_t version, std::int64_t at) {
    domain::Agent agent{.agent_id = id, .version = version, .last_modification_timestamp = at};
    agent.settings.response_engine = domain::RetellLlmEngine{"llm_1"};
    agent.settings.voice_id = "v";
    agent.settings.agent_name = id + std::to_string(version);
    return to_record(agent);
  }
  static StoredCall call(const std::string& id, std::int64_t at,
                         domain::CallStatus status = domain::CallStatus::ended) {
    StoredCall stored{.organization_id = "org_a", .call = {}, .created_at = at};
    stored.call.call_id = id;
    stored.call.agent_id = "agent_1";
    stored.call.call_status = status;
    return stored;
  }
};

TEST_P(Stores, agents_are_found_by_version_and_only_by_their_owner) {
  AgentStore agents(*database_);
  auto published = agent("agent_1", 0, 10);
  published.is_published = true;
  write(AgentStore::insert("org_a", published));
  write(AgentStore::insert("org_a", agent("agent_1", 1, 20)));
  EXPECT_EQ(run(agents.find("org_a", "agent_1", {}))->value().version, 1);
  EXPECT_EQ(run(agents.find("org_a", "agent_1", {VersionChoice::Kind::latest_published}))->value().version, 0);
  EXPECT_EQ(run(agents.find("org_a", "agent_1", {VersionChoice::Kind::exact, 0}))->value().settings.agent_name,
            "agent_10");
  EXPECT_FALSE(run(agents.find("org_a", "agent_1", {VersionChoice::Kind::exact, 7}))->has_value());
  EXPECT_FALSE(run(agents.find("org_b", "agent_1", {}))->has_value());
  EXPECT_EQ(run(agents.versions("org_a", "agent_1"))->size(), 2U);
  EXPECT_EQ(run(agents.using_engine("org_a", "llm_1")).value(), std::vector<std::string>{"agent_1"});
  EXPECT_TRUE(run(agents.using_engine("org_b", "llm_1"))->empty());
}

TEST_P(Stores, published_versions_cannot_be_changed) {
  auto version = agent("agent_1", 0, 10);
  version.is_published = true;
  write(AgentStore::insert("org_a", version));
  EXPECT_EQ(run(database_->transaction({AgentStore::update_draft("org_a", version)})).error().code,
            core::ErrorCode::conflict);
  EXPECT_EQ(run(database_->transaction({AgentStore::update_draft("org_b", version)})).error().code,
            core::ErrorCode::conflict);
}

TEST_P(Stores, lists_walk_through_pages_without_gaps_or_repeats) {
  AgentStore agents(*database_);
  for (int i = 0; i < 7; ++i) write(AgentStore::insert("org_a", agent("agent_" + std::to_string(i), 0, 100 + i / 2)));
  write(AgentStore::insert("org_a", agent("agent_0", 1, 900)));
  write(AgentStore::insert("org_b", agent("agent_x", 0, 100)));
  for (const bool ascending : {false, true}) {
    std::vector<std::string> seen;
    PageQuery query{.limit = 3, .ascending = ascending};
    for (;;) {
      const auto page = run(agents.list("org_a", query, {})).value();
      for (const auto& item : page.items) seen.push_back(item.agent_id);
      EXPECT_EQ(page.has_more, !page.next.empty());
      if (!page.has_more) break;
      query.after = page.next;
    }
    ASSERT_EQ(seen.size(), 7U);
    EXPECT_EQ(seen.front(), ascending ? "agent_0" : "agent_6");
    EXPECT_EQ(std::set<std::string>(seen.begin(), seen.end()).size(), 7U);
  }
}

TEST_P(Stores, lists_go_on_from_the_place_of_what_is_gone) {
  AgentStore agents(*database_);
  for (int i = 0; i < 3; ++i) write(AgentStore::insert("org_a", agent("agent_" + std::to_string(i), 0, 100 + i)));
  PageQuery query{.limit = 1};
  query.after = run(agents.list("org_a", query, {}))->next;
  write(AgentStore::remove("org_a", "agent_2"));
  EXPECT_EQ(run(agents.list("org_a", query, {}))->items.front().agent_id, "agent_1");
  query.after = "agent_1";  // as older clients send it
  EXPECT_EQ(run(agents.list("org_a", query, {}))->items.front().agent_id, "agent_0");
  for (const auto* nowhere : {"agent_2", "12", "12.", "-1.agent_1", "garbage"}) {
    query.after = nowhere;
    const auto page = run(agents.list("org_a", query, {}));
    ASSERT_FALSE(page.has_value()) << nowhere;
    EXPECT_EQ(page.error().message, "pagination_key: is none of this list");
  }
}

TEST_P(Stores, llms_keep_their_versions) {
  LlmStore llms(*database_);
  domain::RetellLlm llm{.llm_id = "llm_1", .version = 0, .last_modification_timestamp = 5};
  llm.settings.general_prompt = "one";
  write(LlmStore::insert("org_a", llm));
  write(EngineStore::publish(llm_table, "org_a", "llm_1", 0));
  EXPECT_EQ(run(database_->transaction({LlmStore::update_draft("org_a", llm)})).error().code,
            core::ErrorCode::conflict);
  llm.version = 1;
  llm.settings.general_prompt = "two";
  write(LlmStore::insert("org_a", llm));
  EXPECT_EQ(run(llms.find("org_a", "llm_1", {}))->value().settings.general_prompt, "two");
  EXPECT_TRUE(run(llms.find("org_a", "llm_1", {VersionChoice::Kind::exact, 0}))->value().is_published);
  EXPECT_EQ(run(llms.list("org_a", {}))->items.size(), 1U);
  write(LlmStore::remove("org_a", "llm_1"));
  EXPECT_FALSE(run(llms.find("org_a", "llm_1", {}))->has_value());
}

TEST_P(Stores, calls_are_filtered_paged_and_counted) {
  CallStore calls(*database_);
  for (int i = 0; i < 1'203; ++i) {
    const auto status = i % 100 == 0 ? domain::CallStatus::error : domain::CallStatus::ended;
    ASSERT_TRUE(run(calls.insert(call("call_" + std::to_string(i), 1'000 + i, status))));
  }
  CallQuery query{.page = {.limit = 5}, .include_total = true};
  query.filter =
      domain::ListFilter::parse(json::parse(R"({"call_status":{"type":"enum","op":"in","value":["error"]}})").value())
          .value();
  const auto first = run(calls.list("org_a", query)).value();
  EXPECT_EQ(first.total, 13);
  EXPECT_TRUE(first.has_more);
  EXPECT_EQ(first.items.front().at("call_id").as_string(), "call_1200");
  EXPECT_EQ(first.next, page_key(1800, "call_800"));
  query.page.after = first.next;
  EXPECT_EQ(run(calls.list("org_a", query))->items.front().at("call_id").as_string(), "call_700");
  query = {.page = {.limit = 2, .ascending = true}, .skip = 1};
  EXPECT_EQ(run(calls.list("org_a", query))->items.front().at("call_id").as_string(), "call_1");
  EXPECT_TRUE(run(calls.list("org_b", {}))->items.empty());
}

TEST_P(Stores, calls_belong_to_one_organisation) {
  CallStore calls(*database_);
  auto stored = call("call_1", 5, domain::CallStatus::ongoing);
  stored.node_id = "node_1";
  ASSERT_TRUE(run(calls.insert(stored)));
  EXPECT_FALSE(run(calls.find("org_b", "call_1"))->has_value());
  EXPECT_EQ(run(calls.find_any("call_1"))->value().organization_id, "org_a");
  EXPECT_FALSE(run(calls.remove("org_b", "call_1")).value());
  EXPECT_EQ(run(calls.unfinished("node_1", 6))->size(), 1U);
  EXPECT_TRUE(run(calls.unfinished("node_1", 5))->empty());
  stored.call.call_status = domain::CallStatus::ended;
  stored.recording_key = "recordings/call_1.wav";
  ASSERT_TRUE(run(calls.update(stored)));
  EXPECT_EQ(run(calls.find("org_a", "call_1"))->value().recording_key, "recordings/call_1.wav");
  EXPECT_TRUE(run(calls.unfinished("node_1", 6))->empty());
  EXPECT_TRUE(run(calls.remove("org_a", "call_1")).value());
}

TEST_P(Stores, calls_of_a_node_that_died_go_to_one_of_those_that_live) {
  CallStore calls(*database_);
  int made = 0;
  for (const auto* node : {"dead", "dead", "alive", "never seen"}) {
    auto stored = call("call_" + std::to_string(made++), 5, domain::CallStatus::ongoing);
    stored.node_id = node;
    ASSERT_TRUE(run(calls.insert(stored)));
  }
  ASSERT_TRUE(run(calls.see_node("dead", 10)));
  ASSERT_TRUE(run(calls.see_node("alive", 10)));
  ASSERT_TRUE(run(calls.see_node("alive", 1'000)));
  ASSERT_TRUE(run(calls.see_node("other", 1'000)));
  EXPECT_EQ(run(calls.unfinished("dead", 100))->size(), 2U);
  const auto taken = run(calls.take_orphans("other", 500)).value();
  EXPECT_EQ(taken.size(), 3U);
  EXPECT_TRUE(run(calls.take_orphans("alive", 500))->empty());
  EXPECT_TRUE(run(calls.unfinished("dead", 100))->empty());
  EXPECT_EQ(run(calls.unfinished("other", 100))->size(), 3U);
}

TEST_P(Stores, calls_are_found_when_their_time_has_come_and_go_with_their_jobs) {
  CallStore calls(*database_);
  JobStore jobs(*database_);
  for (int i = 0; i < 5; ++i) {
    auto stored = call("call_" + std::to_string(i), 5);
    if (i > 0) stored.expires_at = 100 * i;
    stored.recording_key = "recordings/x";
    ASSERT_TRUE(run(calls.insert(stored)));
    Job job{"job_" + std::to_string(i), "org_a", "webhook", "{}"};
    job.subject = stored.call.call_id;
    ASSERT_TRUE(run(jobs.add(job, 1)));
  }
  EXPECT_EQ(run(calls.find("org_a", "call_2"))->value().expires_at, 200);
  const auto due = run(calls.expired(300, "", 2)).value();
  ASSERT_EQ(due.size(), 2U);
  EXPECT_EQ(due[1].call_id, "call_2");
  EXPECT_EQ(due[1].recording_key, "recordings/x");
  EXPECT_EQ(run(calls.expired(300, "call_2", 2))->front().call_id, "call_3");
  ASSERT_TRUE(run(database_->transaction(CallStore::remove_all_of("org_b", "call_1"))));
  EXPECT_TRUE(run(calls.find("org_a", "call_1"))->has_value());
  ASSERT_TRUE(run(database_->transaction(CallStore::remove_all_of("org_a", "call_1"))));
  EXPECT_FALSE(run(calls.find("org_a", "call_1"))->has_value());
  EXPECT_EQ(run(jobs.count("waiting")).value(), 4);
}

TEST_P(Stores, keys_are_found_by_digest_until_revoked) {
  ApiKeyStore keys(*database_);
  ASSERT_TRUE(run(keys.insert({"ak_1", "org_a", "First", "digest", "key_12", 5})));
  EXPECT_EQ(run(keys.find_by_hash("digest"))->value().organization_id, "org_a");
  EXPECT_FALSE(run(keys.revoke("org_b", "ak_1", 9)).value());
  EXPECT_TRUE(run(keys.revoke("org_a", "ak_1", 9)).value());
  EXPECT_FALSE(run(keys.find_by_hash("digest"))->has_value());
  EXPECT_TRUE(run(keys.list("org_a"))->empty());
}

TEST_P(Stores, numbers_cannot_be_taken_from_another_organisation) {
  PhoneNumberStore numbers(*database_);
  EXPECT_TRUE(run(numbers.insert({"+14155550100", "org_a", {{"nickname", "x"}}, 1})).value());
  EXPECT_FALSE(run(numbers.insert({"+14155550100", "org_b", {}, 2})).value());
  EXPECT_FALSE(run(numbers.insert({"+14155550100", "org_a", {}, 2})).value());
  EXPECT_FALSE(run(numbers.replace({"+14155550100", "org_b", {}, 2})).value());
  EXPECT_TRUE(run(numbers.replace({"+14155550100", "org_a", {{"nickname", "y"}}, 3})).value());
  EXPECT_EQ(run(numbers.find_any("+14155550100"))->value().body.at("nickname").as_string(), "y");
  EXPECT_EQ(run(numbers.list("org_a"))->size(), 1U);
  EXPECT_FALSE(run(numbers.remove("org_b", "+14155550100")).value());
}

TEST_P(Stores, organisations_keep_their_sealed_key) {
  OrganizationStore organizations(*database_);
  ASSERT_TRUE(run(organizations.set_webhook_key("org_a", "apikey_a", "sealed")));
  EXPECT_EQ(run(organizations.find("org_a"))->value().webhook_key, "sealed");
  EXPECT_EQ(run(organizations.find("org_a"))->value().webhook_key_id, "apikey_a");
  EXPECT_EQ(run(organizations.first())->value().id, "org_a");
  EXPECT_FALSE(run(organizations.find("org_c"))->has_value());
  ASSERT_TRUE(run(organizations.insert_first({"org_c", "Late", "", 0})));
  EXPECT_FALSE(run(organizations.find("org_c"))->has_value());
}

RETELL_ON_EVERY_DATABASE(Stores);

}  // namespace
}  // namespace retell::storage
