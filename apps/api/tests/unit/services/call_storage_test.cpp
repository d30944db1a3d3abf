// What becomes of calls' records and recordings: outages, dead nodes, retention.
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

class StoredCalls : public ServicesFixture {
 protected:
  engine::CallEnded ended() {
    engine::CallEnded event;
    event.started = clock.wall();
    event.ended = clock.wall() + 12'300ms;
    event.reason = engine::EndReason::user_hangup;
    event.transcript = {{.role = engine::Utterance::Role::agent, .content = "Hi"},
                        {.role = engine::Utterance::Role::user, .content = "Bye"}};
    return event;
  }
};

TEST_P(StoredCalls, that_another_node_left_open_are_closed_when_it_is_dead_and_not_before) {
  const auto agent = make_agent();
  const auto mine = make_web_call(agent);
  CallService other({*database, agents, llms, voices, keys, numbers, webhooks, recordings, launcher, config, clock,
                     workspaces, inbound, registry, "node_other"},
                    io.get_executor(), {});
  EXPECT_EQ(run(other.close_abandoned()).value(), 0);
  for (int i = 0; i < 20; ++i) {
    clock.advance(30s);
    EXPECT_EQ(run(calls.mind_nodes()).value(), 0);
    EXPECT_EQ(run(other.mind_nodes()).value(), 0);
  }
  clock.advance(1h);  // an outage of the database: nobody was seen, and nobody is dead for that
  EXPECT_EQ(run(other.mind_nodes()).value(), 0);
  int closed = 0;
  for (int i = 0; i < 20 && closed == 0; ++i) {
    clock.advance(30s);
    closed = run(other.mind_nodes()).value();
  }
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(run(other.get(organization, mine.call_id))->call_status, domain::CallStatus::error);
}

TEST_P(StoredCalls, are_deleted_with_recording_and_webhooks_when_their_days_are_over) {
  RetentionService retention(*database, jobs, recordings, clock, {});
  const auto keeper = make_web_call(make_agent());
  const auto agent = make_agent(R"(,"data_storage_retention_days":3)");
  const auto call = make_web_call(agent);
  for (const auto& one : {keeper, call}) {
    auto event = ended();
    event.recording_path = launcher.expected.at(one.call_id).plan.recording_path;
    std::ofstream(event.recording_path) << "RIFF";
    launcher.expected.at(one.call_id).sink(event);
  }
  settle();
  EXPECT_EQ(run(retention.sweep()).value(), 0);
  clock.advance(std::chrono::hours(3 * 24) + 1s);
  EXPECT_EQ(run(retention.sweep()).value(), 1);
  EXPECT_FALSE(run(calls.get(organization, call.call_id)).has_value());
  EXPECT_EQ(run(recordings.size(call.call_id + ".wav")).error().code, core::ErrorCode::not_found);
  EXPECT_TRUE(run(calls.get(organization, keeper.call_id)).has_value());
  EXPECT_TRUE(run(recordings.size(keeper.call_id + ".wav")).has_value());
  const auto left = run(webhooks.list(organization, {})).value().items;
  EXPECT_FALSE(left.empty());
  for (const auto& one : left) EXPECT_EQ(one.call_id, keeper.call_id);
}

TEST_P(StoredCalls, lose_what_was_said_when_told_so_later) {
  const auto call = make_web_call(make_agent());
  auto event = ended();
  event.recording_path = launcher.expected.at(call.call_id).plan.recording_path;
  std::ofstream(event.recording_path) << "RIFF";
  launcher.expected.at(call.call_id).sink(event);
  settle();
  ASSERT_TRUE(run(calls.get(organization, call.call_id))->recording_url.has_value());
  ASSERT_EQ(run(webhooks.run_due()), 2);  // ended, analysed
  const auto told = run(webhooks.list(organization, {})).value().items.at(0).id;
  EXPECT_NE(run(webhooks.get(organization, told))->body.find("Bye"), std::string::npos);
  UpdateCallRequest request;
  request.data_storage_setting = domain::DataStorage::basic_attributes_only;
  ASSERT_TRUE(run(calls.update(organization, call.call_id, request)));
  const auto record = run(calls.get(organization, call.call_id)).value();
  EXPECT_FALSE(record.transcript.has_value());
  EXPECT_FALSE(record.recording_url.has_value());
  EXPECT_EQ(record.duration_ms, 12'300);
  EXPECT_EQ(run(recordings.size(call.call_id + ".wav")).error().code, core::ErrorCode::not_found);
  EXPECT_EQ(run(webhooks.get(organization, told))->body, "");
}

// A database that is away for a while, as PostgreSQL is when it is restarted.
class Outage final : public storage::Database {
 public:
  explicit Outage(storage::Database& inner) : inner_(inner) {}
  [[nodiscard]] storage::Dialect dialect() const override { return inner_.dialect(); }
  [[nodiscard]] core::Task<core::Result<storage::Rows>> query(storage::Statement statement) override {
    if (down) co_return away();
    co_return co_await inner_.query(std::move(statement));
  }
  [[nodiscard]] core::Task<core::Result<storage::Rows>> execute(storage::Statement statement) override {
    if (down) co_return away();
    if (writes-- <= 0) co_return killed();
    co_return co_await inner_.execute(std::move(statement));
  }
  [[nodiscard]] core::Task<core::Result<std::vector<storage::Rows>>> transaction(
      std::vector<storage::Statement> statements) override {
    if (down) co_return away();
    if (writes-- <= 0) co_return killed();
    co_return co_await inner_.transaction(std::move(statements));
  }
  [[nodiscard]] core::Task<core::Result<bool>> script(storage::Script script) override {
    co_return co_await inner_.script(std::move(script));
  }
  bool down = false;
  int refused = 0;
  int writes = std::numeric_limits<int>::max();  // that go through; then the process is killed

 private:
  tl::unexpected<core::Error> away() {
    ++refused;
    return core::fail(core::ErrorCode::unavailable, "the database is away");
  }
  static tl::unexpected<core::Error> killed() { return core::fail(core::ErrorCode::io, "nobody is there any more"); }
  storage::Database& inner_;
};

TEST_P(StoredCalls, that_end_while_the_database_is_away_are_stored_and_told_when_it_is_back) {
  Outage outage(*database);
  WebhookService hooks(outage, keys, workspaces, sender, {}, clock, io.get_executor(), {});
  CallService service({outage, agents, llms, voices, keys, numbers, hooks, recordings, launcher, config, clock,
                       workspaces, inbound, registry},
                      io.get_executor(), {});
  WebCallRequest request;
  request.agent_id = make_agent();
  std::vector<std::string> ids;
  ids.reserve(3);
  for (int i = 0; i < 3; ++i) ids.push_back(run(service.create_web_call(organization, request))->call_id);
  outage.down = true;
  for (const auto& id : ids) launcher.expected.at(id).sink(ended());
  boost::asio::steady_timer back(io, 400ms);
  back.async_wait([&](const auto&) { outage.down = false; });
  service.close();
  run(finish(service));
  EXPECT_GT(outage.refused, 1);
  for (const auto& id : ids) {
    EXPECT_EQ(run(calls.get(organization, id))->call_status, domain::CallStatus::ended);
  }
  EXPECT_EQ(run(storage::WebhookStore(*database).count(storage::DeliveryState::pending)).value(),
            6);  // ended and analysed, of each
}

TEST_P(StoredCalls, are_told_of_once_and_in_order_whichever_write_their_server_is_killed_at) {
  const auto agent = make_agent();
  for (int writes = 0; writes < 5; ++writes) {
    Outage fatal(*database);
    WebhookService hooks(fatal, keys, workspaces, sender, {}, clock, io.get_executor(), {});
    const auto parts = [&](storage::Database& over) {
      return CallServiceParts{over,     agents, llms,  voices,     keys,    numbers,  hooks,        recordings,
                              launcher, config, clock, workspaces, inbound, registry, "node_mortal"};
    };
    CallService service(parts(fatal), io.get_executor(), {});
    WebCallRequest request;
    request.agent_id = agent;
    const auto id = run(service.create_web_call(organization, request))->call_id;
    fatal.writes = writes;
    launcher.expected.at(id).sink(engine::CallStarted{clock.wall()});
    launcher.expected.at(id).sink(ended());
    service.close();
    run(finish(service));

    clock.advance(1s);
    CallService next(parts(*database), io.get_executor(), {});
    EXPECT_EQ(run(next.close_abandoned()).value(), writes < 2 ? 1 : 0) << writes;
    std::vector<std::string> events;
    const auto told = run(webhooks.list(organization, {.call_id = id})).value();
    for (const auto& one : told.items) {
      events.insert(events.begin(), one.event);
    }
    std::vector<std::string> wanted{"call_started", "call_ended", "call_analyzed"};
    if (writes == 0) wanted.erase(wanted.begin());  // nobody knows that it was answered
    EXPECT_EQ(events, wanted) << writes;
  }
}

class GivenUp : public ServicesFixture {
 protected:
  static core::Task<core::Result<>> attempt(const bool& works, int& tries) {
    ++tries;
    if (works) co_return core::Result<>{};
    co_return core::fail(core::ErrorCode::io, "no answer");
  }
};

TEST_P(GivenUp, jobs_can_be_run_again) {
  bool works = false;
  int tries = 0;
  jobs.handle("upload", {[&](const storage::Job&) { return attempt(works, tries); }, {1s, 5s}});
  ASSERT_TRUE(run(jobs.add(organization, "upload", "{}", "call_1")));
  for (int i = 0; i < 6; ++i) {
    run(jobs.run_due());
    clock.advance(60s);
  }
  EXPECT_EQ(tries, 3);
  JobService service(*database, clock);
  EXPECT_TRUE(run(service.list("org_other", {.state = "dead"})).value().empty());
  const auto dead = run(service.list(organization, {.state = "dead"})).value();
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead.front().job.attempts, 3);
  EXPECT_EQ(run(service.rerun(organization, "job_nothing")).error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(run(service.rerun("org_other", dead.front().job.id)).error().code, core::ErrorCode::unprocessable);
  works = true;
  ASSERT_TRUE(run(service.rerun(organization, dead.front().job.id)));
  EXPECT_EQ(run(jobs.run_due()), 1);
  EXPECT_TRUE(run(service.list(organization, {})).value().empty());
}

RETELL_ON_EVERY_DATABASE(StoredCalls);
RETELL_ON_EVERY_DATABASE(GivenUp);

}  // namespace
}  // namespace retell::services
