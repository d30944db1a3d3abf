#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <thread>

#include "storage/cache/cached_database.hpp"
#include "storage/cache/counting_cache.hpp"
#include "storage/cache/shared_state.hpp"
#include "storage/db/migrate.hpp"
#include "storage/db/open.hpp"
#include "storage/stores/agent_store.hpp"
#include "storage/stores/agent_tag_store.hpp"
#include "storage/stores/llm_store.hpp"
#include "storage/stores/organization_store.hpp"
#include "storage/stores/phone_number_store.hpp"
#include "support/redis_server.hpp"

namespace retell::storage {
namespace {

using test::RedisServer;
using test::run;
using namespace std::chrono_literals;

TEST(Resp, reads_every_kind_of_both_versions) {
  const auto read = [](std::string_view text) { return resp::parse(text).value().value().value; };
  EXPECT_EQ(*read("+OK\r\n").text(), "OK");
  EXPECT_EQ(read("-ERR bad\r\n").failure()->message, "ERR bad");
  EXPECT_EQ(std::get<std::int64_t>(read(":-42\r\n").what), -42);
  EXPECT_EQ(*read("$5\r\na\r\nbc\r\n").text(), "a\r\nbc");
  EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(read("$-1\r\n").what));
  EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(read("*-1\r\n").what));
  EXPECT_TRUE(std::holds_alternative<std::nullptr_t>(read("_\r\n").what));
  EXPECT_EQ(std::get<double>(read(",1.5\r\n").what), 1.5);
  EXPECT_EQ(std::get<std::int64_t>(read("#t\r\n").what), 1);
  EXPECT_EQ(*read("=7\r\ntxt:abc\r\n").text(), "abc");
  EXPECT_EQ(read("%1\r\n+a\r\n:1\r\n").array()->size(), 2U);
  EXPECT_EQ(*(*read("*2\r\n*1\r\n+x\r\n$1\r\ny\r\n").array())[1].text(), "y");
  EXPECT_TRUE(read(">1\r\n+invalidate\r\n").push);
  EXPECT_EQ(*read("|1\r\n+ttl\r\n:1\r\n+after\r\n").text(), "after");
}

TEST(Resp, waits_for_the_rest_and_refuses_nonsense) {
  const std::string whole = "*2\r\n$3\r\nabc\r\n:7\r\n";
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_FALSE(resp::parse(whole.substr(0, i)).value().has_value()) << i;
  EXPECT_EQ(resp::parse(whole + "+next").value()->used, whole.size());
  for (const auto* bad : {"?\r\n", "\r\n", ":x\r\n", "$-2\r\n", "$3\r\nabcd\r\n", "*99999999999\r\n", "#x\r\n",
                          "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n+x\r\n"}) {
    EXPECT_FALSE(resp::parse(bad).has_value()) << bad;
  }
}

TEST(RedisAddress, is_taken_apart_without_showing_the_password) {
  const auto full = parse_redis_url("rediss://me:p%40ss@cache.example.com:6380/2").value();
  EXPECT_TRUE(full.tls);
  EXPECT_EQ(full.user, "me");
  EXPECT_EQ(full.password, "p@ss");
  EXPECT_EQ(full.host, "cache.example.com");
  EXPECT_EQ(full.port, 6380);
  EXPECT_EQ(full.database, 2);
  EXPECT_EQ(parse_redis_url("redis://:pw@[::1]").value().host, "::1");
  EXPECT_EQ(parse_redis_url("redis://h").value().port, 6379);
  for (const auto* bad : {"http://secret@h", "redis://", "redis://secret@", "redis://h:99999999", "redis://h/secret"}) {
    const auto refused = parse_redis_url(bad);
    ASSERT_FALSE(refused.has_value()) << bad;
    EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
  }
}

TEST(MemoryCache, forgets_in_time_and_stays_within_its_size) {
  core::ManualClock clock;
  MemoryCache cache(clock, 2);
  const auto token = run(cache.get("a", "x")).token;
  cache.set("a", "x", "1", 10s, token);
  cache.set("b", "x", "2", 20s, run(cache.get("b", "x")).token);
  cache.set("c", "x", "3", 30s, run(cache.get("c", "x")).token);
  EXPECT_FALSE(run(cache.get("a", "x")).value);
  EXPECT_EQ(run(cache.get("b", "x")).value, "2");
  clock.advance(20s);
  EXPECT_FALSE(run(cache.get("b", "x")).value);
  EXPECT_EQ(run(cache.get("c", "x")).value, "3");
}

TEST(MemoryCache, keeps_nothing_longer_than_it_may) {
  core::ManualClock clock;
  MemoryCache cache(clock, 2, 1s);
  cache.set("a", "x", "1", 10s, run(cache.get("a", "x")).token);
  clock.advance(799ms);
  EXPECT_EQ(run(cache.get("a", "x")).value, "1");
  clock.advance(201ms);
  EXPECT_FALSE(run(cache.get("a", "x")).value);
}

TEST(MemoryCache, lets_one_read_anew_what_all_would_miss_soon) {
  core::ManualClock clock;
  MemoryCache cache(clock, 2, 1s);
  cache.set("a", "x", "old", 1s, run(cache.get("a", "x")).token);
  clock.advance(800ms);
  const auto first = run(cache.get("a", "x"));
  EXPECT_FALSE(first.value);
  EXPECT_EQ(run(cache.get("a", "x")).value, "old");
  cache.set("a", "x", "new", 1s, first.token);
  clock.advance(799ms);
  EXPECT_EQ(run(cache.get("a", "x")).value, "new");
}

TEST(MemoryCache, forgets_in_time_though_nobody_reads_anew) {
  core::ManualClock clock;
  MemoryCache cache(clock, 2, 1s);
  cache.set("a", "x", "old", 1s, run(cache.get("a", "x")).token);
  clock.advance(800ms);
  (void)run(cache.get("a", "x"));
  clock.advance(199ms);
  EXPECT_EQ(run(cache.get("a", "x")).value, "old");
  clock.advance(1ms);
  EXPECT_FALSE(run(cache.get("a", "x")).value);
}

// The rules that every cache keeps, on each of them.
class AnyCache : public ::testing::TestWithParam<bool> {
 protected:
  AnyCache() {
    if (GetParam()) {
      server_ = std::make_unique<RedisServer>();
      state_ = std::make_unique<RedisState>(RedisAddress{.host = "127.0.0.1", .port = server_->port()}, RedisOptions{},
                                            10, clock_, metrics_, core::Logger{});
    } else {
      state_ = std::make_unique<ProcessState>(clock_, 100, Cache::longest_lifetime, 10);
    }
    cache_ = &state_->cache();
    keep("warm", "up", "1");
    for (int i = 0; i < 250 && !get("warm", "up"); ++i) {
      std::this_thread::sleep_for(20ms);
      keep("warm", "up", "1");
    }
  }
  std::optional<std::string> get(const std::string& group, const std::string& name) {
    return run(cache_->get(group, name)).value;
  }
  void keep(const std::string& group, const std::string& name, const std::string& value) {
    cache_->set(group, name, value, 10s, run(cache_->get(group, name)).token);
  }

  core::ManualClock clock_;
  core::Metrics metrics_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<SharedState> state_;
  Cache* cache_ = nullptr;
};

TEST_P(AnyCache, keeps_values_until_their_group_is_invalidated) {
  keep("g", "a", "1");
  keep("g", "b", std::string("\0\r\n$", 4));
  keep("h", "a", "3");
  EXPECT_EQ(get("g", "a"), "1");
  EXPECT_EQ(get("g", "b"), std::string("\0\r\n$", 4));
  run(cache_->invalidate("g"));
  EXPECT_FALSE(get("g", "a"));
  EXPECT_FALSE(get("g", "b"));
  EXPECT_EQ(get("h", "a"), "3");
  keep("g", "a", "4");
  EXPECT_EQ(get("g", "a"), "4");
}

TEST_P(AnyCache, refuses_what_was_read_before_the_group_changed) {
  for (const bool known : {false, true}) {
    if (known) keep("g", "other", "0");
    const auto before = run(cache_->get("g", "a")).token;
    run(cache_->invalidate("g"));
    cache_->set("g", "a", "old", 10s, before);
    EXPECT_FALSE(get("g", "a"));
    keep("g", "a", "new");
    EXPECT_EQ(get("g", "a"), "new");
    run(cache_->invalidate("g"));
  }
}

TEST_P(AnyCache, serves_many_at_once) {
  boost::asio::io_context context;
  int wrong = 0;
  auto work = [&](int i) -> core::Task<void> {
    const auto group = "group" + std::to_string(i);
    const auto seen = co_await cache_->get(group, "a");
    cache_->set(group, "a", group, 10s, seen.token);
    const auto again = co_await cache_->get(group, "a");
    if (again.value != group) ++wrong;
  };
  for (int i = 0; i < 80; ++i) boost::asio::co_spawn(context, work(i), boost::asio::detached);
  context.run();
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(In, AnyCache, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Redis" : "Memory"; });

class Redis : public ::testing::Test {
 protected:
  Cache* connect(const RedisServer& server, RedisAddress address = {}, RedisOptions options = {}) {
    if (address.host.empty()) address.host = "127.0.0.1";
    address.port = server.port();
    states_.push_back(std::make_unique<RedisState>(address, options, 10, clock_, metrics_, core::Logger{}));
    return &states_.back()->cache();
  }
  // Whether a value can be kept and found again, within a few seconds.
  static bool works(Cache& cache, int seconds = 10) {
    for (int i = 0; i < seconds * 50; ++i) {
      cache.set("probe", "x", "y", 10s, run(cache.get("probe", "x")).token);
      if (run(cache.get("probe", "x")).value == "y") return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  bool metric(const std::string& line) { return metrics_.render().find(line) != std::string::npos; }

  core::SystemClock clock_;
  core::Metrics metrics_;
  std::vector<std::unique_ptr<RedisState>> states_;  // gone before their clock and metrics
};

TEST_F(Redis, asks_for_a_password_and_gets_it) {
  RedisServer server({.password = "s3cret %"});
  EXPECT_TRUE(works(*connect(server, {.password = "s3cret %"})));
  EXPECT_TRUE(works(*connect(server, {.user = "default", .password = "s3cret %", .database = 3})));
  EXPECT_FALSE(works(*connect(server, {.password = "wrong"}), 1));
  EXPECT_FALSE(works(*connect(server), 1));
}

TEST_F(Redis, speaks_tls_with_whom_it_trusts_only) {
  RedisServer server({.tls = true});
  EXPECT_TRUE(works(*connect(server, {.tls = true, .host = "localhost"}, {.ca_file = server.ca_file()})));
  EXPECT_FALSE(works(*connect(server, {.tls = true, .host = "localhost"}), 1));
  EXPECT_FALSE(works(*connect(server), 1));
}

TEST_F(Redis, that_is_killed_costs_nothing_and_is_used_again_when_it_is_back) {
  RedisServer server;
  auto* const cache = connect(server);
  ASSERT_TRUE(works(*cache));
  EXPECT_TRUE(metric("retell_cache_up 1"));
  server.kill();
  std::this_thread::sleep_for(100ms);
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 1'000; ++i) EXPECT_FALSE(run(cache->get("probe", "x")).value);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1s);
  EXPECT_TRUE(metric("retell_cache_up 0"));
  server.start();
  EXPECT_TRUE(works(*cache));
}

TEST_F(Redis, that_is_left_at_the_end_is_no_trouble_to_tell_of) {
  RedisServer server;
  ASSERT_TRUE(works(*connect(server)));
  ::testing::internal::CaptureStderr();
  states_.clear();
  const auto ended = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(ended.find("is not used"), std::string::npos) << ended;
  // Of one that is lost it is told.
  ASSERT_TRUE(works(*connect(server)));
  ::testing::internal::CaptureStderr();
  server.kill();
  for (int i = 0; i < 250 && !metric("retell_cache_up 0"); ++i) std::this_thread::sleep_for(20ms);
  states_.clear();
  const auto lost = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(lost.find("is not used"), std::string::npos) << lost;
}

TEST_F(Redis, that_no_longer_answers_holds_callers_up_once) {
  RedisServer server;
  auto* const cache = connect(server, {}, {.command_timeout = 200ms});
  ASSERT_TRUE(works(*cache));
  server.freeze();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) (void)run(cache->get("probe", "x"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1'500ms);
  server.thaw();
  EXPECT_TRUE(works(*cache));
}

TEST_F(Redis, is_told_of_a_change_that_it_missed) {
  RedisServer server;
  auto* const mine = connect(server, {}, {.command_timeout = 200ms});
  ASSERT_TRUE(works(*mine));
  mine->set("g", "a", "old", 60s, run(mine->get("g", "a")).token);
  ASSERT_EQ(run(mine->get("g", "a")).value, "old");
  server.freeze();
  run(mine->invalidate("g"));
  EXPECT_TRUE(metric("retell_cache_late_invalidations_total 1"));
  server.thaw();
  // What this process sees first after the outage is already without the old value.
  for (int i = 0; i < 500; ++i) {
    const auto seen = run(mine->get("g", "a"));
    EXPECT_NE(seen.value, "old");
    if (!seen.token.empty()) break;
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(works(*mine));
  EXPECT_FALSE(run(mine->get("g", "a")).value);
}

// Two processes that share a database and a Redis.
TEST_F(Redis, a_change_in_one_process_is_seen_by_the_other_at_once_and_also_without_redis) {
  RedisServer server;
  const test::TemporaryFolder folder;
  const auto url = "sqlite:" + (folder.path() / "test.db").string();
  auto* const first_cache = connect(server);
  auto* const second_cache = connect(server);
  CountingCache counted(*second_cache, metrics_);
  CachedDatabase first(open_database(url).value(), *first_cache);
  CachedDatabase second(open_database(url).value(), counted);
  ASSERT_TRUE(run(migrate(first, embedded_migrations())));
  ASSERT_TRUE(run(OrganizationStore(first).insert({"org", "Name", "", 1})));
  ASSERT_TRUE(works(*first_cache) && works(*second_cache));
  domain::Agent agent{.agent_id = "agent_1", .version = 0, .last_modification_timestamp = 1};
  agent.settings.voice_id = "v";
  agent.settings.response_engine = domain::RetellLlmEngine{"llm_1"};
  ASSERT_TRUE(run(first.execute(AgentStore::insert("org", to_record(agent)))));
  AgentStore agents(second);
  for (int round = 0; round < 40; ++round) {
    if (round == 20) server.kill();
    if (round == 30) {
      server.start();
      ASSERT_TRUE(works(*first_cache) && works(*second_cache));
    }
    agent.settings.agent_name = std::to_string(round);
    ASSERT_TRUE(run(first.transaction({AgentStore::update_draft("org", to_record(agent))})));
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(run(agents.snapshot("org", "agent_1", {}))->value().settings.agent_name, std::to_string(round));
    }
  }
  EXPECT_TRUE(metric("retell_cache_lookups_total{kind=\"agent\",outcome=\"hit\"} 3")) << metrics_.render();
  ASSERT_TRUE(run(first.execute(AgentStore::remove("org", "agent_1"))));
  EXPECT_FALSE(run(agents.snapshot("org", "agent_1", {}))->has_value());

  PhoneNumberStore numbers(second);
  ASSERT_TRUE(run(PhoneNumberStore(first).insert({"+1", "org", {{"nickname", "a"}}, 1})));
  EXPECT_EQ(run(numbers.snapshot_any("+1"))->value().body.at("nickname").as_string(), "a");
  ASSERT_TRUE(run(PhoneNumberStore(first).replace({"+1", "org", {{"nickname", "b"}}, 1})));
  EXPECT_EQ(run(numbers.snapshot_any("+1"))->value().body.at("nickname").as_string(), "b");
  ASSERT_TRUE(run(PhoneNumberStore(first).remove("org", "+1")));
  EXPECT_FALSE(run(numbers.snapshot_any("+1"))->has_value());
}

// Every statement that changes what snapshots are made of must say so.
TEST(Snapshots, are_of_the_newest_settings_of_engines_and_places_of_tags) {
  const test::TemporaryFolder folder;
  const core::SystemClock clock;
  MemoryCache cache(clock, 100);
  CachedDatabase database(open_database("sqlite:" + (folder.path() / "test.db").string()).value(), cache);
  ASSERT_TRUE(run(migrate(database, embedded_migrations())));
  ASSERT_TRUE(run(OrganizationStore(database).insert({"org", "Name", "", 1})));
  for (const auto& table : {llm_table, flow_table}) {
    EngineStore engines(database, table);
    const auto prompt = [&](VersionChoice version) {
      const auto found = run(engines.snapshot("org", "e", std::move(version))).value();
      return found ? std::string(found->settings.at("p").as_string()) + (found->is_published ? "!" : "") : "";
    };
    EngineRecord record{.id = "e", .version = 0, .settings = {{"p", "one"}}};
    ASSERT_TRUE(run(database.execute(EngineStore::insert(table, "org", record))));
    EXPECT_EQ(prompt({}), "one");
    record.settings["p"] = "two";
    ASSERT_TRUE(run(database.transaction({EngineStore::update_draft(table, "org", record)})));
    EXPECT_EQ(prompt({}), "two");
    ASSERT_TRUE(run(database.transaction({EngineStore::publish(table, "org", "e", 0)})));
    EXPECT_EQ(prompt({VersionChoice::Kind::latest_published}), "two!");
    record.settings["p"] = "three";
    ASSERT_TRUE(run(database.execute(EngineStore::rewrite(table, "org", record))));
    EXPECT_EQ(prompt({VersionChoice::Kind::exact, 0}), "three!");
    ASSERT_TRUE(run(database.execute(EngineStore::remove(table, "org", "e"))));
    EXPECT_EQ(prompt({VersionChoice::Kind::exact, 0}), "");
  }

  domain::Agent agent{.agent_id = "agent_1"};
  agent.settings.voice_id = "v";
  agent.settings.response_engine = domain::RetellLlmEngine{"llm_1"};
  for (const auto version : {0, 1}) {
    agent.version = version;
    ASSERT_TRUE(run(database.execute(AgentStore::insert("org", to_record(agent)))));
  }
  AgentStore agents(database);
  AgentTagStore tags(database);
  for (const auto version : {0, 1}) {
    const auto value = std::to_string(version);
    ASSERT_TRUE(run(tags.set("org", {"agent_1", "prod", version, {{"mood", value}}}, 1)));
    EXPECT_EQ(run(agents.snapshot("org", "agent_1", {VersionChoice::Kind::tag, 0, "prod"}))->value().version, version);
    EXPECT_EQ(run(tags.snapshot("org", "agent_1", "prod"))->value().dynamic_variables.at("mood"), value);
  }
  ASSERT_TRUE(run(tags.remove("org", "agent_1", "prod")).value());
  EXPECT_FALSE(run(agents.snapshot("org", "agent_1", {VersionChoice::Kind::tag, 0, "prod"}))->has_value());
  EXPECT_FALSE(run(tags.snapshot("org", "agent_1", "prod"))->has_value());
}

}  // namespace
}  // namespace retell::storage
