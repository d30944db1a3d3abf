#include <gtest/gtest.h>

#include <thread>

#include "core/race.hpp"
#include "crypto/retell_signature.hpp"
#include "fakes/fake_server.hpp"
#include "net/url.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using domain::WebhookEvent;
using storage::DeliveryState;

class Webhooks : public ServicesFixture {
 protected:
  static domain::AgentSettings agent(const std::string& url = "https://example.com/hook") {
    domain::AgentSettings settings;
    settings.voice_id = "v";
    if (!url.empty()) settings.webhook_url = url;
    return settings;
  }
  static domain::Call call(const std::string& id) {
    domain::Call call;
    call.call_id = id;
    call.agent_id = "agent_1";
    call.call_status = domain::CallStatus::ended;
    return call;
  }
  void notify(const std::string& call_id, WebhookEvent event, const domain::AgentSettings& settings = agent()) {
    ASSERT_TRUE(run(ServicesOn::notify(webhooks, organization, settings, event, call(call_id))));
  }
  std::vector<storage::WebhookDelivery> log(storage::DeliveryQuery query = {}) {
    return run(webhooks.list(organization, std::move(query))).value().items;
  }
  std::vector<std::string> sent_events() {
    std::vector<std::string> all;
    for (const auto& request : sent) {
      const auto body = of(request.body);
      all.push_back(std::string(body.at("call").at("call_id").as_string()) + " " +
                    std::string(body.at("event").as_string()));
    }
    return all;
  }
};

TEST_P(Webhooks, of_one_call_wait_for_each_other_and_those_of_others_do_not) {
  answer = 500;
  notify("call_1", WebhookEvent::call_started);
  notify("call_1", WebhookEvent::call_ended);
  notify("call_2", WebhookEvent::call_started);
  EXPECT_EQ(run(webhooks.run_due()), 2);
  // Calls do not wait for each other, so either may be the first.
  auto first = sent_events();
  std::sort(first.begin(), first.end());
  EXPECT_EQ(first, (std::vector<std::string>{"call_1 call_started", "call_2 call_started"}));
  sent.clear();
  answer = 204;
  clock.advance(1s);
  EXPECT_EQ(run(webhooks.run_due()), 3);
  const auto events = sent_events();
  const auto started = std::find(events.begin(), events.end(), "call_1 call_started");
  const auto ended = std::find(events.begin(), events.end(), "call_1 call_ended");
  ASSERT_NE(ended, events.end());
  EXPECT_LT(started, ended);
}

TEST_P(Webhooks, given_up_let_the_next_one_go) {
  answer = 503;
  notify("call_1", WebhookEvent::call_started);
  notify("call_1", WebhookEvent::call_ended);
  for (const auto wait : {0s, 1s, 5s, 29s}) {
    clock.advance(wait);
    (void)run(webhooks.run_due());
  }
  EXPECT_EQ(sent.size(), 3U);  // a second is missing to the last try
  answer = 200;
  clock.advance(1s);
  EXPECT_EQ(run(webhooks.run_due()), 2);
  EXPECT_EQ(log({.state = DeliveryState::failed}).size(), 0U);
  EXPECT_EQ(log({.state = DeliveryState::delivered}).size(), 2U);
}

TEST_P(Webhooks, that_wait_for_their_turn_keep_none_of_another_call_waiting) {
  answer = 500;
  constexpr int calls = 250;
  for (int i = 0; i < calls; ++i) {
    for (const auto event : {WebhookEvent::call_started, WebhookEvent::call_ended, WebhookEvent::call_analyzed}) {
      notify("call_" + std::to_string(i), event);
    }
  }
  EXPECT_EQ(run(webhooks.run_due()), calls);
  sent.clear();
  answer = 200;
  notify("call_other", WebhookEvent::call_started);
  EXPECT_EQ(run(webhooks.run_due()), 1);
  EXPECT_EQ(sent_events(), (std::vector<std::string>{"call_other call_started"}));
  sent.clear();
  clock.advance(1s);
  EXPECT_EQ(run(webhooks.run_due()), 3 * calls);
}

TEST_P(Webhooks, survive_a_sender_that_died) {
  notify("call_1", WebhookEvent::call_ended);
  storage::WebhookStore store(*database);
  EXPECT_EQ(run(store.claim(core::epoch_ms(clock.wall()), 20s, 10))->size(), 1U);
  EXPECT_EQ(run(webhooks.run_due()), 0);  // another sender is at it
  clock.advance(10s + 20s - 1ms);         // the agent's time-out, and what a sender needs besides
  EXPECT_EQ(run(webhooks.run_due()), 0);
  clock.advance(1ms);
  EXPECT_EQ(run(webhooks.run_due()), 1);
  EXPECT_EQ(log()[0].state, DeliveryState::delivered);
}

TEST_P(Webhooks, are_logged_with_every_attempt) {
  answer = 500;
  answer_body = "oops \xff\x01 <b>";
  notify("call_1", WebhookEvent::call_ended);
  (void)run(webhooks.run_due());
  answer = 200;
  answer_body = std::string(5'000, 'y');
  clock.advance(1s);
  (void)run(webhooks.run_due());
  const auto all = log({.call_id = "call_1"});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].state, DeliveryState::delivered);
  EXPECT_EQ(all[0].attempts, 2);
  EXPECT_EQ(all[0].event, "call_ended");
  EXPECT_TRUE(all[0].body.empty());
  EXPECT_EQ(run(webhooks.get(organization, all[0].id))->body, sent[0].body);
  const auto attempts = run(webhooks.attempts(organization, all[0].id)).value();
  ASSERT_EQ(attempts.size(), 2U);
  EXPECT_EQ(attempts[0].status, 500);
  EXPECT_EQ(attempts[0].error, "the receiver answered 500");
  EXPECT_EQ(attempts[0].response, "oops ?  <b>");
  EXPECT_EQ(attempts[1].status, 200);
  EXPECT_EQ(attempts[1].response.size(), 1'024U);
  EXPECT_TRUE(log({.call_id = "call_2"}).empty());
  EXPECT_EQ(run(webhooks.get("org_other", all[0].id)).error().code, ErrorCode::not_found);
  EXPECT_TRUE(run(webhooks.attempts("org_other", all[0].id))->empty());
  EXPECT_TRUE(run(webhooks.list("org_other", {}))->items.empty());
}

TEST_P(Webhooks, are_listed_page_by_page) {
  for (int i = 0; i < 5; ++i) notify("call_" + std::to_string(i), WebhookEvent::call_ended);
  auto page = run(webhooks.list(organization, {.limit = 2})).value();
  EXPECT_EQ(page.items[0].call_id, "call_4");
  EXPECT_TRUE(page.has_more);
  page = run(webhooks.list(organization, {.limit = 3, .after = page.next})).value();
  EXPECT_EQ(page.items[0].call_id, "call_2");
  EXPECT_FALSE(page.has_more);
}

TEST_P(Webhooks, can_be_sent_again) {
  answer = 500;
  notify("call_1", WebhookEvent::call_ended);
  const auto id = log()[0].id;
  EXPECT_EQ(run(webhooks.resend(organization, id)).error().code, ErrorCode::unprocessable);  // still being tried
  for (const auto wait : {0s, 1s, 5s, 30s}) {
    clock.advance(wait);
    (void)run(webhooks.run_due());
  }
  EXPECT_EQ(log()[0].state, DeliveryState::failed);
  EXPECT_EQ(run(webhooks.resend("org_other", id)).error().code, ErrorCode::not_found);
  answer = 200;
  const auto again = run(webhooks.resend(organization, id));
  ASSERT_TRUE(again.has_value()) << again.error().message;
  EXPECT_EQ(again->resend_of, id);
  EXPECT_EQ(run(webhooks.run_due()), 1);
  EXPECT_EQ(sent.back().body, sent.front().body);
  EXPECT_TRUE(crypto::verify_retell(sent.back().body, key, *sent.back().headers.get("X-Retell-Signature"),
                                    core::epoch_ms(clock.wall())));
  EXPECT_EQ(log().size(), 2U);
  EXPECT_EQ(log()[0].state, DeliveryState::delivered);
}

TEST_P(Webhooks, go_where_the_agent_the_workspace_or_the_server_says) {
  notify("call_1", WebhookEvent::call_ended, agent(""));
  EXPECT_TRUE(log().empty());
  ASSERT_TRUE(run(workspaces.change(organization, {.webhook_url = "https://example.com/all"})));
  notify("call_1", WebhookEvent::call_ended, agent(""));
  notify("call_2", WebhookEvent::call_ended);
  EXPECT_EQ(log({.call_id = "call_1"})[0].url, "https://example.com/all");
  EXPECT_EQ(log({.call_id = "call_2"})[0].url, "https://example.com/hook");
  auto picky = agent();
  picky.webhook_events = std::vector{WebhookEvent::call_started};
  notify("call_3", WebhookEvent::call_ended, picky);
  EXPECT_TRUE(log({.call_id = "call_3"}).empty());
}

TEST_P(Webhooks, go_to_whole_urls_whatever_the_variables_hold) {
  auto of_ann = call("call_1");
  of_ann.retell_llm_dynamic_variables = domain::TextMap{{"name", "abc d/é"}};
  ASSERT_TRUE(run(ServicesOn::notify(webhooks, organization, agent("https://example.com/{{name}}?who={{name}}"),
                                     WebhookEvent::call_ended, of_ann)));
  EXPECT_EQ(run(webhooks.run_due()), 1);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].url, "https://example.com/abc%20d%2F%C3%A9?who=abc%20d%2F%C3%A9");
  EXPECT_TRUE(net::parse_url(sent[0].url));
}

TEST_P(Webhooks, with_a_variable_that_nothing_fills_are_sent_and_say_why_they_fail) {
  notify("call_1", WebhookEvent::call_ended, agent("https://example.com/{{customer}}"));
  answer = 404;
  EXPECT_EQ(run(webhooks.run_due()), 1);
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].url, "https://example.com/%7B%7Bcustomer%7D%7D");
  EXPECT_TRUE(net::parse_url(sent[0].url));
  const auto attempts = run(webhooks.attempts(organization, log()[0].id));
  EXPECT_EQ(attempts->at(0).error, "the receiver answered 404; nothing gave {{customer}} of the webhook_url a value");
}

TEST_P(Webhooks, forget_what_must_not_be_kept) {
  auto basic = call("call_1");
  basic.data_storage_setting = domain::DataStorage::basic_attributes_only;
  ASSERT_TRUE(run(ServicesOn::notify(webhooks, organization, agent(), WebhookEvent::call_ended, basic)));
  const auto id = log()[0].id;
  EXPECT_FALSE(run(webhooks.get(organization, id))->body.empty());
  (void)run(webhooks.run_due());
  EXPECT_TRUE(run(webhooks.get(organization, id))->body.empty());
  EXPECT_EQ(run(webhooks.resend(organization, id)).error().code, ErrorCode::unprocessable);
  notify("call_2", WebhookEvent::call_ended);
  (void)run(webhooks.run_due());
  ASSERT_TRUE(run(database->transaction(storage::WebhookStore::forget_call("org_other", "call_2"))));
  EXPECT_EQ(log({.call_id = "call_2"}).size(), 1U);
  ASSERT_TRUE(run(database->transaction(storage::WebhookStore::forget_call(organization, "call_2"))));
  EXPECT_TRUE(log({.call_id = "call_2"}).empty());
  storage::WebhookStore store(*database);
  ASSERT_TRUE(run(store.sweep(core::epoch_ms(clock.wall()) + 1)));
  EXPECT_TRUE(log().empty());
}

TEST_P(Webhooks, wait_while_there_is_no_key_to_sign_with) {
  const auto id = run(keys.list(organization))->front().id;
  ASSERT_TRUE(run(keys.revoke(organization, id, true)));
  notify("call_1", WebhookEvent::call_ended);
  (void)run(webhooks.run_due());
  EXPECT_TRUE(sent.empty());
  const auto made = run(keys.create(organization, "New")).value();
  clock.advance(1s);
  (void)run(webhooks.run_due());
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(crypto::verify_retell(sent[0].body, made.key, *sent[0].headers.get("X-Retell-Signature"),
                                    core::epoch_ms(clock.wall())));
}

// A receiver with every fault, reached over real sockets.
class Receivers : public Webhooks {
 protected:
  Receivers() {
    worker.start();
    on_worker(make_client());
  }
  ~Receivers() override {
    worker.stop();
    client.reset();
  }
  template <class T>
  T on_worker(core::Task<T> task) {
    return boost::asio::co_spawn(worker.context(), std::move(task), boost::asio::use_future).get();
  }
  core::Task<bool> make_client() {
    client.emplace(worker, net::ClientOptions{}, core::Logger{});
    co_return true;
  }
  static core::Task<net::HttpResponse> answer_for(fakes::Record<std::string>& seen, net::HttpRequest request) {
    seen.add(request.path);
    net::HttpResponse response;
    if (request.path == "/slow") co_await fakes::sleep_for_ever();
    if (request.path == "/500") response.status = 500;
    if (request.path == "/moved") {
      response.status = 302;
      response.headers.set("Location", "/elsewhere");
    }
    if (request.path == "/huge") {
      response.stream = net::HttpResponse::Stream{std::uint64_t{1} << 40U, [] { return megabyte(); }};
    }
    if (request.path == "/drip") {
      response.stream = net::HttpResponse::Stream{1'000, [] { return drop(); }};
    }
    co_return response;
  }
  static core::Task<core::Result<std::string>> megabyte() { co_return std::string(std::size_t{1} << 20U, 'x'); }
  static core::Task<core::Result<std::string>> drop() {
    co_await core::sleep_for(50ms);
    co_return std::string("x");
  }
  // The first attempt to deliver to this address.
  storage::WebhookAttempt attempt_at(const std::string& url, bool allow_private = true) {
    WebhookService service(*database, keys, workspaces,
                           [this](net::ClientRequest request) { return send_and_cut(*client, std::move(request)); },
                           {"", allow_private}, clock, worker.executor(), {});
    auto settings = agent(url);
    settings.webhook_timeout_ms = 400;
    const auto id = "call_" + std::to_string(++made);
    EXPECT_TRUE(on_worker(ServicesOn::notify(service, organization, settings, WebhookEvent::call_ended, call(id))));
    EXPECT_EQ(on_worker(service.run_due()), 1);
    const auto logged = log({.call_id = id});
    state = logged.at(0).state;
    return run(service.attempts(organization, logged.at(0).id)).value().at(0);
  }

  core::Worker worker{0};
  std::optional<net::Client> client;
  fakes::Record<std::string> seen;
  fakes::FakeServer server{
      1, [this](net::HttpRequest request, core::Worker&) { return answer_for(seen, std::move(request)); }, {}};
  int made = 0;
  DeliveryState state = DeliveryState::pending;
};

TEST_P(Receivers, that_answer_well_get_it_once) {
  const auto attempt = attempt_at(server.url("http") + "/good");
  EXPECT_EQ(attempt.status, 200);
  EXPECT_EQ(state, DeliveryState::delivered);
  EXPECT_EQ(seen.all(), std::vector<std::string>{"/good"});
}

TEST_P(Receivers, that_fail_are_tried_again_later) {
  EXPECT_EQ(attempt_at(server.url("http") + "/500").status, 500);
  EXPECT_EQ(state, DeliveryState::pending);
  EXPECT_NE(attempt_at("http://127.0.0.1:1/gone").error, "");
  EXPECT_EQ(state, DeliveryState::pending);
}

TEST_P(Receivers, that_are_silent_or_drip_cost_no_more_than_the_time_out) {
  for (const auto* path : {"/slow", "/drip"}) {
    const auto begun = std::chrono::steady_clock::now();
    const auto attempt = attempt_at(server.url("http") + path);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s) << path;
    EXPECT_NE(attempt.error, "") << path;
    EXPECT_EQ(state, DeliveryState::pending) << path;
  }
}

TEST_P(Receivers, that_redirect_are_not_followed) {
  EXPECT_EQ(attempt_at(server.url("http") + "/moved").status, 302);
  EXPECT_EQ(state, DeliveryState::pending);
  EXPECT_EQ(seen.all(), std::vector<std::string>{"/moved"});
}

TEST_P(Receivers, that_answer_without_end_are_read_no_further_than_needed) {
  const auto attempt = attempt_at(server.url("http") + "/huge");
  EXPECT_EQ(attempt.status, 200);
  EXPECT_EQ(attempt.response.size(), 1'024U);
  EXPECT_EQ(state, DeliveryState::delivered);
}

TEST_P(Receivers, in_private_networks_are_refused_for_good_unless_the_operator_allows_them) {
  for (const auto& url : {server.url("http"), std::string("http://localhost:1"), std::string("http://[::1]:1"),
                          std::string("http://169.254.169.254/latest"), std::string("http://10.0.0.1"),
                          std::string("http://[::ffff:127.0.0.1]:1"), std::string("http://0x7f.1")}) {
    const auto attempt = attempt_at(url, false);
    EXPECT_FALSE(attempt.status.has_value()) << url;
    EXPECT_NE(state, DeliveryState::delivered) << url;
  }
  EXPECT_EQ(attempt_at(server.url("http"), false).error.find("not on the public Internet") != std::string::npos, true);
  EXPECT_NE(attempt_at(server.url("http"), false).error.find("security.allow_private_networks"), std::string::npos);
  EXPECT_EQ(state, DeliveryState::failed);
  EXPECT_TRUE(seen.all().empty());
}

RETELL_ON_EVERY_DATABASE(Webhooks);
RETELL_ON_EVERY_DATABASE(Receivers);

}  // namespace
}  // namespace retell::services
