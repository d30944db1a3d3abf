// A receiver of inbound webhooks that says nothing, over real sockets.
#include <gtest/gtest.h>

#include "fakes/fake_server.hpp"
#include "unit/services/fixture.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;

static_assert(InboundOptions{}.one_try == 10s, "Retell's limit");
static_assert(InboundOptions{}.patience < 15s, "Twilio's limit for an answer to its own webhook");

class SilentReceiver : public ServicesFixture {
 protected:
  SilentReceiver() {
    worker.start();
    EXPECT_TRUE(boost::asio::co_spawn(worker.context(), make_client(), boost::asio::use_future).get());
    agent = make_agent();
    EXPECT_TRUE(run(
        numbers.import(organization,
                       of(R"({"phone_number":"+14155550100","inbound_webhook_url":")" + server.url("http") +
                          R"(/in","inbound_agents":[{"agent_id":")" + agent + R"(","weight":1,"agent_version":0}]})"),
                       seal)));
  }
  ~SilentReceiver() override {
    worker.stop();
    client.reset();
  }
  core::Task<bool> make_client() {
    client.emplace(worker, net::ClientOptions{}, core::Logger{});
    co_return true;
  }
  core::Task<net::HttpResponse> answer_late() {
    if (++questions <= silent) co_await fakes::sleep_for_ever();
    co_return fakes::json_response(200, R"({"call_inbound":{"dynamic_variables":{"mood":"patient"}}})");
  }
  // The call as it was stored, and how long the caller heard nothing.
  std::pair<domain::Call, std::chrono::milliseconds> ring(std::chrono::milliseconds one_try,
                                                          std::chrono::milliseconds patience) {
    const core::SystemClock real;
    InboundWebhook asks(keys, [this](net::ClientRequest request) { return send_and_cut(*client, std::move(request)); },
                        {true, one_try, patience}, real, worker.executor(), {});
    CallService service({*database, agents, llms, voices, keys, numbers, webhooks, recordings, launcher, config, clock,
                         workspaces, asks, registry},
                        io.get_executor(), {});
    const auto begun = real.now();
    const auto call = run(service.incoming("+14155550199", "+14155550100", "CA1"));
    const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(real.now() - begun);
    EXPECT_TRUE(call.has_value()) << call.error().error.message;
    return {run(service.get(organization, call->call_id)).value(), waited};
  }

  core::Worker worker{0};
  std::optional<net::Client> client;
  std::atomic<int> questions{0};
  int silent = 1'000;  // so many questions get no answer
  fakes::FakeServer server{1, [this](net::HttpRequest, core::Worker&) { return answer_late(); }, {}};
  std::string agent;
};

TEST_P(SilentReceiver, is_given_up_in_time_and_the_numbers_own_agent_takes_the_call) {
  const auto [call, waited] = ring(400ms, 520ms);  // for another try there is no time
  EXPECT_EQ(call.agent_id, agent);
  EXPECT_FALSE(call.retell_llm_dynamic_variables.has_value());
  EXPECT_EQ(questions, 1);
  EXPECT_GE(waited, 400ms);
  EXPECT_LT(waited, 2s);
}

TEST_P(SilentReceiver, is_asked_once_more_for_the_time_that_is_left) {
  const auto [call, waited] = ring(400ms, 1s);
  EXPECT_EQ(call.agent_id, agent);
  EXPECT_EQ(questions, 2);
  EXPECT_GE(waited, 1s);
  EXPECT_LT(waited, 2s);
}

TEST_P(SilentReceiver, is_asked_again_while_the_caller_can_wait) {
  silent = 1;
  const auto [call, waited] = ring(300ms, 5s);
  EXPECT_EQ(call.agent_id, agent);
  EXPECT_EQ(call.retell_llm_dynamic_variables.value(), (domain::TextMap{{"mood", "patient"}}));
  EXPECT_EQ(questions, 2);
  EXPECT_GE(waited, 300ms);
  EXPECT_LT(waited, 3s);
}

RETELL_ON_EVERY_DATABASE(SilentReceiver);

}  // namespace
}  // namespace retell::services
