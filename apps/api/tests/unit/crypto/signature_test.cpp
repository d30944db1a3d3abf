#include <gtest/gtest.h>

#include "crypto/retell_signature.hpp"
#include "crypto/signed_url.hpp"
#include "crypto/twilio_signature.hpp"

namespace retell::crypto {
namespace {

constexpr std::int64_t signed_at = 1'700'000'000'000;

TEST(RetellSignature, matches_the_vector_made_with_the_published_sdk) {
  EXPECT_EQ(sign_retell(R"({"event":"call_started"})", "key_test123", signed_at),
            "v=1700000000000,d=feafa91d2bbd91e369edfa55210f9951218c1baaa0e6625e1e3ff54a01cffbe6");
}

TEST(RetellSignature, holds_for_five_minutes_either_way_and_for_those_bytes_only) {
  const auto header = sign_retell("body", "key", signed_at);
  EXPECT_TRUE(verify_retell("body", "key", header, signed_at));
  EXPECT_TRUE(verify_retell("body", "key", header, signed_at + 300'000));
  EXPECT_TRUE(verify_retell("body", "key", header, signed_at - 300'000));
  EXPECT_FALSE(verify_retell("body", "key", header, signed_at + 300'001));
  EXPECT_FALSE(verify_retell("body", "key", header, signed_at - 300'001));
  EXPECT_FALSE(verify_retell("body ", "key", header, signed_at));
  EXPECT_FALSE(verify_retell("body", "kez", header, signed_at));
}

TEST(RetellSignature, refuses_malformed_headers) {
  const auto header = sign_retell("body", "key", signed_at);
  EXPECT_FALSE(verify_retell("body", "key", "", signed_at));
  EXPECT_FALSE(verify_retell("body", "key", "v=,d=", signed_at));
  EXPECT_FALSE(verify_retell("body", "key", header + "0", signed_at));
  EXPECT_FALSE(verify_retell("body", "key", header.substr(0, header.size() - 1), signed_at));
  EXPECT_FALSE(verify_retell("body", "key", "v=-1,d=" + std::string(64, '0'), signed_at));
  EXPECT_FALSE(verify_retell("body", "key", "v=99999999999999999999,d=" + std::string(64, '0'), signed_at));
}

TEST(TwilioSignature, matches_the_example_of_the_carriers_documentation) {
  const FormParameters parameters = {{"CallSid", "CA1234567890ABCDE"},
                                     {"Caller", "+14158675310"},
                                     {"Digits", "1234"},
                                     {"From", "+14158675310"},
                                     {"To", "+18005551212"}};
  const std::string_view url = "https://example.com/myapp.php?foo=1&bar=2";
  const auto signature = sign_twilio("12345", url, parameters);
  EXPECT_EQ(signature, "L/OH5YylLD5NRKLltdqwSvS0BnU=");
  EXPECT_TRUE(verify_twilio("12345", url, parameters, signature));
  EXPECT_FALSE(verify_twilio("12346", url, parameters, signature));
  EXPECT_FALSE(verify_twilio("12345", "https://example.com/myapp.php?foo=1", parameters, signature));
  EXPECT_FALSE(verify_twilio("12345", url, {}, signature));
}

TEST(TwilioSignature, tolerates_the_default_port_being_written_or_not) {
  const auto with_port = sign_twilio("t", "https://example.com:443/voice?a=b", {});
  EXPECT_TRUE(verify_twilio("t", "https://example.com/voice?a=b", {}, with_port));
  const auto without_port = sign_twilio("t", "wss://example.com/media", {});
  EXPECT_TRUE(verify_twilio("t", "wss://example.com:443/media", {}, without_port));
  EXPECT_FALSE(verify_twilio("t", "wss://example.com:444/media", {}, without_port));
}

TEST(SignedUrl, opens_one_path_until_it_expires) {
  const auto link = sign_path("/recordings/call_1.wav", signed_at, "secret");
  const auto signature = link.substr(link.find("signature=") + 10);
  const auto expires = std::to_string(signed_at);
  EXPECT_EQ(link, "/recordings/call_1.wav?expires=1700000000000&signature=" + signature);
  EXPECT_TRUE(verify_path("/recordings/call_1.wav", expires, signature, "secret", signed_at - 1));
  EXPECT_FALSE(verify_path("/recordings/call_1.wav", expires, signature, "secret", signed_at));
  EXPECT_FALSE(verify_path("/recordings/call_2.wav", expires, signature, "secret", signed_at - 1));
  EXPECT_FALSE(verify_path("/recordings/call_1.wav", "1800000000000", signature, "secret", signed_at - 1));
  EXPECT_FALSE(verify_path("/recordings/call_1.wav", expires, signature, "other", signed_at - 1));
  EXPECT_FALSE(verify_path("/recordings/call_1.wav", "17e11", signature, "secret", signed_at - 1));
}

TEST(SignedUrl, without_an_expiry_never_stops_working) {
  const auto link = sign_path("/r.wav", 0, "secret");
  const auto signature = link.substr(link.find("signature=") + 10);
  EXPECT_TRUE(verify_path("/r.wav", "0", signature, "secret", signed_at * 2));
}

}  // namespace
}  // namespace retell::crypto
