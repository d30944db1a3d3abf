#include <gtest/gtest.h>

#include "crypto/access_token.hpp"
#include "crypto/api_key.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "crypto/jwt.hpp"
#include "crypto/password.hpp"
#include "crypto/seal.hpp"

namespace retell::crypto {
namespace {

TEST(Encoding, matches_the_vectors_of_rfc_4648) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64url("\xFB\xFF"), "-_8");
  EXPECT_EQ(percent_encode("aZ0-._~ /é"), "aZ0-._~%20%2F%C3%A9");
  EXPECT_EQ(percent_encode("a/b?c", "/"), "a/b%3Fc");
  EXPECT_EQ(from_base64("Zm8="), "fo");
  EXPECT_EQ(from_base64url("-_8"), "\xFB\xFF");
  EXPECT_EQ(to_hex(std::string_view("\x00\xFF", 2)), "00ff");
  EXPECT_EQ(from_hex("00ff"), std::string("\x00\xFF", 2));
}

TEST(Encoding, decodes_nothing_that_it_would_not_have_written) {
  for (const auto* text : {"Zg=", "Zg", "Z===", "Zh==", "Zm9v!", "Zm 9v"}) EXPECT_FALSE(from_base64(text)) << text;
  EXPECT_FALSE(from_base64url("Zg=="));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0G"));
  EXPECT_FALSE(from_hex("FF"));
}

TEST(Hash, matches_published_vectors) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231 case 2 and RFC 2202 case 2.
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha1("Jefe", "what do ya want for nothing?")), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  EXPECT_EQ(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(ApiKey, is_stored_as_a_digest_that_does_not_show_it) {
  const auto key = generate_api_key();
  EXPECT_EQ(key.size(), 52U);
  EXPECT_TRUE(key.starts_with("key_"));
  EXPECT_EQ(hash_api_key(key), to_hex(sha256(key)));
  EXPECT_EQ(api_key_hint("key_12abcdef"), "key_12ab\xE2\x80\xA6");
}

TEST(AccessToken, opens_its_call_until_it_expires) {
  const AccessClaims claims{"call_1", "org_1", "client", 1'700'000'000'500};
  const auto token = issue_access_token(claims, "secret");
  const auto seen = check_access_token(token, "secret", 1'700'000'000'400);
  ASSERT_TRUE(seen.has_value());
  EXPECT_EQ(seen->call_id, "call_1");
  EXPECT_EQ(seen->organization_id, "org_1");
  EXPECT_EQ(seen->identity, "client");
  EXPECT_FALSE(check_access_token(token, "secret", 1'700'000'001'000).has_value());
  EXPECT_FALSE(check_access_token(token, "other", 1'700'000'000'000).has_value());
}

TEST(AccessToken, refuses_other_algorithms_and_altered_claims) {
  const auto token = issue_access_token({"call_1", "org_1", "client", 1'700'000'000'000}, "secret");
  const auto payload = token.substr(token.find('.') + 1, token.rfind('.') - token.find('.') - 1);
  const auto none = to_base64url(R"({"alg":"none"})") + "." + payload;
  EXPECT_FALSE(check_access_token(none + ".", "secret", 0).has_value());
  // Rightly signed, but not with the algorithm that it names.
  EXPECT_FALSE(check_access_token(none + "." + to_base64url(hmac_sha256("secret", none)), "secret", 0).has_value());
  EXPECT_FALSE(check_access_token("a.b.c", "secret", 0).has_value());
  EXPECT_FALSE(check_access_token("", "secret", 0).has_value());
}

TEST(Jwt, is_good_for_any_of_the_keys_and_names_the_one_that_signed) {
  const auto now = jwt_key("the secret of today");
  const auto before = jwt_key("the secret of yesterday");
  EXPECT_NE(now.id, before.id);
  EXPECT_EQ(now.id, jwt_key("the secret of today").id);
  EXPECT_EQ(now.id.find("today"), std::string::npos);
  const auto token = issue_jwt({{"sub", "user_1"}, {"exp", 1'700'000'000}}, before);
  const JwtKey both[] = {now, before};
  EXPECT_EQ(text_claim(check_jwt(token, both, 1'699'999'999'999).value(), "sub"), "user_1");
  EXPECT_FALSE(check_jwt(token, both, 1'700'000'000'000).has_value());
  EXPECT_FALSE(check_jwt(token, {both, 1}, 0).has_value());
  // The right name with the wrong secret.
  const JwtKey forged[] = {{before.id, "guessed"}};
  EXPECT_FALSE(check_jwt(token, forged, 0).has_value());
  EXPECT_FALSE(check_jwt(issue_jwt({{"sub", "user_1"}}, now), both, 0).has_value());  // never expires
  EXPECT_FALSE(check_jwt(issue_jwt({{"exp", 9e18}}, now), both, 0).has_value());
  EXPECT_FALSE(check_jwt(issue_jwt({{"exp", 9'000'000'000'000'000'000}}, now), both, 0).has_value());
  EXPECT_TRUE(looks_like_jwt(token));
  EXPECT_FALSE(looks_like_jwt("key_0123"));
}

TEST(Password, is_hashed_with_salt_and_verified) {
  const auto hash = hash_password("correct horse battery");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  EXPECT_NE(hash, hash_password("correct horse battery"));
  EXPECT_TRUE(verify_password("correct horse battery", hash));
  EXPECT_FALSE(verify_password("correct horse batterx", hash));
  EXPECT_FALSE(verify_password("correct horse battery", ""));
  EXPECT_FALSE(verify_password("nobody has this password", ""));
  EXPECT_FALSE(verify_password("correct horse battery", "no hash"));
  EXPECT_TRUE(check_password_rules("correct horse battery", "ann@example.com"));
  EXPECT_FALSE(check_password_rules("ANN@example.com", "ann@example.com"));
  EXPECT_FALSE(check_password_rules("Password123", ""));
  EXPECT_FALSE(check_password_rules(std::string(257, 'a') + "b", ""));
}

TEST(ApiKey, shows_only_its_beginning_again) {
  EXPECT_EQ(api_key_hint("key_0123456789"), "key_0123\xE2\x80\xA6");
  EXPECT_EQ(api_key_hint("public_key_0123456789"), "public_key_0123\xE2\x80\xA6");
  EXPECT_EQ(generate_public_key().size(), std::string("public_key_").size() + 48);
}

TEST(Seal, gives_back_the_secret_only_for_the_same_key_and_purpose) {
  const auto sealed = seal("key_abc", "server secret", "org_1");
  EXPECT_EQ(sealed.find("key_abc"), std::string::npos);
  EXPECT_NE(sealed, seal("key_abc", "server secret", "org_1"));
  EXPECT_EQ(unseal(sealed, "server secret", "org_1").value(), "key_abc");
  EXPECT_FALSE(unseal(sealed, "server secret", "org_2").has_value());
  EXPECT_FALSE(unseal(sealed, "another secret", "org_1").has_value());
  EXPECT_FALSE(unseal("AAAA", "server secret", "org_1").has_value());
}

}  // namespace
}  // namespace retell::crypto
