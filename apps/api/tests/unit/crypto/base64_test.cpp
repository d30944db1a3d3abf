#include "crypto/base64.hpp"

#include <gtest/gtest.h>

#include <random>

#include "crypto/encoding.hpp"

namespace retell::crypto {
namespace {

std::string text_of(std::string_view bytes) {
  std::string out;
  append_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, out);
  return out;
}

TEST(Base64, writes_and_reads_the_vectors_of_rfc_4648) {
  const std::vector<std::pair<std::string, std::string>> vectors{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(text_of(bytes), text);
    std::vector<std::uint8_t> out(text.size() / 4 * 3);
    const auto count = decode_base64(text, out);
    ASSERT_TRUE(count.has_value()) << text;
    EXPECT_EQ(std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*count)), bytes);
  }
}

TEST(Base64, agrees_with_the_general_encoder_on_random_bytes_of_every_length) {
  std::mt19937 random(7);
  for (std::size_t size = 0; size < 400; ++size) {
    std::string bytes(size, '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    EXPECT_EQ(text_of(bytes), to_base64(bytes));
  }
}

TEST(Base64, refuses_other_letters_wherever_they_stand_and_missing_padding) {
  const std::string good = "Zm9vYmFy";
  std::vector<std::uint8_t> out(6);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const char wrong : {' ', '\\', '-', '\0', static_cast<char>(0xFF)}) {
      auto text = good;
      text[i] = wrong;
      EXPECT_FALSE(decode_base64(text, out).has_value()) << i;
    }
  }
  EXPECT_FALSE(decode_base64("Zm9", out).has_value());
  EXPECT_FALSE(decode_base64("=m9v", out).has_value());
  EXPECT_FALSE(decode_base64("Z===", out).has_value());
  EXPECT_FALSE(decode_base64("====", out).has_value());
}

TEST(Base64, does_not_write_beyond_a_buffer_that_is_too_small) {
  std::array<std::uint8_t, 3> out{};
  EXPECT_FALSE(decode_base64("Zm9vYmFy", out).has_value());
}

}  // namespace
}  // namespace retell::crypto
