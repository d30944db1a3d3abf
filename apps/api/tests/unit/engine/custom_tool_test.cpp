#include "engine/tools/custom_tool.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "crypto/retell_signature.hpp"

namespace retell::engine {
namespace {

CustomToolRequest weather() {
  CustomToolRequest request;
  request.tool.name = "weather";
  request.tool.url = "https://example.com/weather?unit=c";
  request.tool.parameters =
      boost::json::parse(R"({"type":"object","properties":{"city":{"type":"string"},"source":{"const":"voice"}}})");
  request.arguments = R"({"city":"São Paulo","source":"guess"})";
  request.call = {{"call_id", "call_1"}};
  request.signing_key = "key_1";
  request.now_ms = 1'700'000'000'000;
  return request;
}

TEST(CustomTool, sends_name_call_and_arguments_with_a_signature_over_the_exact_body) {
  const auto sent = custom_tool_request(weather()).value();
  EXPECT_EQ(sent.method, "POST");
  const auto body = boost::json::parse(sent.body).as_object();
  EXPECT_EQ(body.at("name"), "weather");
  EXPECT_EQ(body.at("call").at("call_id"), "call_1");
  EXPECT_EQ(body.at("args").at("city"), "São Paulo");
  EXPECT_TRUE(crypto::verify_retell(sent.body, "key_1", *sent.headers.get("x-retell-signature"), 1'700'000'000'500));
}

TEST(CustomTool, sends_a_body_that_javascript_would_print_again_the_same) {
  auto request = weather();
  request.tool.args_at_root = true;
  request.tool.parameters = {};
  request.arguments = R"({"b":1.0,"10":0.0000001,"2":9007199254740993})";
  EXPECT_EQ(custom_tool_request(request).value().body, R"({"2":9007199254740992,"10":1e-7,"b":1})");
}

TEST(CustomTool, fills_constant_properties_whatever_the_model_wrote) {
  const auto sent = custom_tool_request(weather()).value();
  EXPECT_EQ(boost::json::parse(sent.body).at("args").at("source"), "voice");
}

TEST(CustomTool, sends_the_arguments_alone_when_they_stand_at_the_root) {
  auto request = weather();
  request.tool.args_at_root = true;
  const auto body = boost::json::parse(custom_tool_request(request).value().body).as_object();
  EXPECT_TRUE(body.contains("city"));
  EXPECT_FALSE(body.contains("call"));
}

TEST(CustomTool, puts_query_parameters_behind_those_of_the_address_and_no_body_on_get) {
  auto request = weather();
  request.tool.method = "GET";
  request.tool.query = {{"q", "a b&c"}};
  const auto sent = custom_tool_request(request).value();
  EXPECT_EQ(sent.url, "https://example.com/weather?unit=c&q=a%20b%26c");
  EXPECT_TRUE(sent.body.empty());
  EXPECT_TRUE(crypto::verify_retell("", "key_1", *sent.headers.get("X-Retell-Signature"), 1'700'000'000'000));
}

TEST(CustomTool, tells_the_model_when_its_arguments_are_not_an_object) {
  auto request = weather();
  request.arguments = "[1, 2";
  EXPECT_EQ(custom_tool_request(request).error().field, "arguments");
}

TEST(CustomTool, keeps_to_public_addresses_unless_told_otherwise) {
  EXPECT_EQ(custom_tool_request(weather()).value().reach, net::Reach::public_only);
  auto request = weather();
  request.allow_private = true;
  EXPECT_EQ(custom_tool_request(request).value().reach, net::Reach::any);
}

}  // namespace
}  // namespace retell::engine
