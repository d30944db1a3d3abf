// The call page of a server with a public address: closed, or open with limits.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "faults/callers.hpp"
#include "support/child.hpp"
#include "support/wait.hpp"

namespace retell::test {
namespace {

using namespace std::chrono_literals;

constexpr auto wish = R"({"agent_id":"agent_demo_en"})";

std::map<std::string, std::string> environment(const CallVendors& vendors,
                                               std::map<std::string, std::string> settings) {
  auto all = vendors.environment();
  all.merge(std::map<std::string, std::string>{{"RETELL_SERVER_PUBLIC_URL", "https://api.example.com"},
                                               {"RETELL_SERVER_PROXIES", "1"}});
  all.merge(settings);
  return all;
}

// As a load balancer passes it on: what the visitor claims, and then the address that it has.
net::Headers from(const std::string& address, const std::string& claim = {}) {
  return {{"X-Forwarded-For", claim.empty() ? address : claim + ", " + address}};
}

TEST(CallPage, is_closed_behind_a_public_address) {
  CallVendors vendors;
  Program program(environment(vendors, {}));
  EXPECT_EQ(program.ask("GET", "/demo/agents").status, 404U);
  EXPECT_EQ(program.ask("POST", "/demo/calls", wish).status, 404U);
}

TEST(CallPage, that_is_open_to_everybody_counts_each_visitors_calls) {
  CallVendors vendors;
  Program program(environment(vendors, {{"RETELL_CALL_PAGE_PUBLIC", "true"},
                                        {"RETELL_CALL_PAGE_CALLS_PER_HOUR", "2"},
                                        {"RETELL_CALL_PAGE_MAX_CALLS", "100"}}));
  EXPECT_EQ(program.ask("GET", "/demo/agents").body.at("agents").as_array().size(), 2U);
  EXPECT_EQ(program.ask("POST", "/demo/calls", wish, from("192.0.2.1")).status, 201U);
  EXPECT_EQ(program.ask("POST", "/demo/calls", wish, from("192.0.2.1", "198.51.100.1")).status, 201U);
  const auto third = program.ask("POST", "/demo/calls", wish, from("192.0.2.1", "198.51.100.2"));
  EXPECT_EQ(third.status, 429U) << "whatever the visitor claims";
  EXPECT_TRUE(third.has_retry_after);
  EXPECT_EQ(program.ask("POST", "/demo/calls", wish, from("192.0.2.2")).status, 201U) << "another visitor";
  EXPECT_EQ(program.ask("POST", "/demo/calls", R"({"agent_id":"agent_other"})", from("192.0.2.3")).status, 422U);
}

TEST(CallPage, that_is_open_to_everybody_has_so_many_calls_at_a_time) {
  CallVendors vendors;
  Program program(environment(vendors, {{"RETELL_CALL_PAGE_PUBLIC", "true"},
                                        {"RETELL_CALL_PAGE_CALLS_PER_HOUR", "0"},
                                        {"RETELL_CALL_PAGE_MAX_CALLS", "1"}}));
  const auto first = program.ask("POST", "/demo/calls", wish, from("192.0.2.1"));
  ASSERT_EQ(first.status, 201U);
  EXPECT_EQ(program.ask("POST", "/demo/calls", wish, from("192.0.2.2")).status, 429U);
  // The call runs, and its end makes room.
  const auto token = std::string(first.body.at("access_token").as_string());
  const auto path = std::string(first.body.at("ws_url").as_string());
  const auto messages =
      program.converse(path, {fmt::format(R"({{"access_token":"{}"}})", token), R"({"type":"hang_up"})"});
  EXPECT_TRUE(messages.has_value()) << program.log();
  EXPECT_TRUE(
      wait_until([&] { return program.ask("POST", "/demo/calls", wish, from("192.0.2.2")).status == 201U; }, 10s));
}

TEST(CallPage, that_is_open_to_everybody_has_room_again_when_nobody_came_to_a_call) {
  CallVendors vendors;
  Program program(environment(vendors, {{"RETELL_CALL_PAGE_PUBLIC", "true"}, {"RETELL_CALL_PAGE_MAX_CALLS", "1"}}));
  ASSERT_EQ(program.ask("POST", "/demo/calls", wish, from("192.0.2.1")).status, 201U);
  EXPECT_TRUE(
      wait_until([&] { return program.ask("POST", "/demo/calls", wish, from("192.0.2.2")).status == 201U; }, 40s))
      << "30 s are given to join";
}

}  // namespace
}  // namespace retell::test
