// What is known of a purchase from Twilio when something goes wrong on the way.
#include "app/twilio_numbers.hpp"

#include "fakes/fake_server.hpp"
#include "host_rig.hpp"

namespace retell::app {
namespace {

using core::ErrorCode;

class TwilioPurchase : public ::testing::Test {
 protected:
  TwilioPurchase() {
    config_.server.public_url = "https://voice.example.com";
    config_.twilio.account_sid = "AC1";
    config_.twilio.auth_token = "secret";
  }
  core::Result<std::optional<std::string>> buy(const std::string& url) {
    config_.twilio.api_base_url = url;
    return boost::asio::co_spawn(rig_.workers.at(0).executor(), numbers_.buy("+14155550101", "purchase_1"),
                                 boost::asio::use_future)
        .get();
  }
  core::Task<net::HttpResponse> sell(net::HttpRequest request) {
    orders_.add(request.body);
    co_return fakes::json_response(status_, answer_);
  }

  unsigned status_ = 201;
  std::string answer_ = R"({"sid":"PN1"})";
  fakes::Record<std::string> orders_;
  config::Config config_;
  test::HostRig rig_;
  TwilioNumbers numbers_{config_, [this]() -> net::Client& { return rig_.host->client(rig_.workers.at(0)); },
                         rig_.workers.at(0)};
};

TEST_F(TwilioPurchase, is_known_to_have_failed_when_nothing_was_sent) {
  std::string closed;
  {
    const fakes::FakeServer twilio(
        1, [this](net::HttpRequest request, core::Worker&) { return sell(std::move(request)); }, {});
    closed = twilio.url("http");
  }
  const auto refused = buy(closed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable) << refused.error().message;
}

TEST_F(TwilioPurchase, is_in_doubt_once_the_request_was_sent) {
  const fakes::FakeServer twilio(
      1, [this](net::HttpRequest request, core::Worker&) { return sell(std::move(request)); }, {});
  EXPECT_EQ(buy(twilio.url("http")).value(), "PN1");
  for (const auto& [status, answer] : {std::pair(500U, ""), std::pair(503U, R"({"code":20503,"message":"Down"})"),
                                       std::pair(201U, "no JSON"), std::pair(201U, "{}")}) {
    status_ = status;
    answer_ = answer;
    const auto lost = buy(twilio.url("http"));
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().code, ErrorCode::protocol) << status << " " << answer;
  }
  status_ = 429;
  answer_ = "{}";
  EXPECT_EQ(buy(twilio.url("http")).error().code, ErrorCode::rate_limited);
  status_ = 400;
  answer_ = R"({"code":21422,"message":"not available"})";
  EXPECT_EQ(buy(twilio.url("http")).value(), std::nullopt);
  EXPECT_EQ(orders_.size(), 7U) << "each was sent once";
}

}  // namespace
}  // namespace retell::app
