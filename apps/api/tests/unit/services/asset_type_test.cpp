#include "services/asset_type.hpp"

#include <gtest/gtest.h>

#include "audio/wav.hpp"

namespace retell::services {
namespace {

using namespace std::string_literals;

std::string type(const std::string& bytes) { return asset_type(bytes).value_or("none"); }

TEST(AssetType, is_told_by_the_bytes) {
  const auto wav = audio::encode_wav(std::vector<std::int16_t>(16), 8'000, 1);
  EXPECT_EQ(type({wav.begin(), wav.end()}), "audio/wav");
  EXPECT_EQ(type("ID3\x04\0\0\0\0\0\0"s), "audio/mpeg");
  EXPECT_EQ(type("\xFF\xFB\x90\x64"), "audio/mpeg");
  EXPECT_EQ(type("\xFF\xF1\x50\x80\x01\x7F\xFC"), "audio/aac");
  EXPECT_EQ(type("OggS\0\x02"s), "audio/ogg");
  EXPECT_EQ(type("fLaC\0\0\0\x22"s), "audio/flac");
  EXPECT_EQ(type("\0\0\0\x20"
                 "ftypM4A "s),
            "audio/mp4");
  EXPECT_EQ(type("\x1A\x45\xDF\xA3\x9F\x42\x82\x84webm"), "audio/webm");
  EXPECT_EQ(type("\x89PNG\r\n\x1A\n"), "image/png");
  EXPECT_EQ(type("\xFF\xD8\xFF\xE0"), "image/jpeg");
  EXPECT_EQ(type("GIF89a"), "image/gif");
  EXPECT_EQ(type("RIFF\x10\0\0\0WEBPVP8 "s), "image/webp");
  EXPECT_EQ(type("\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<svg/>"), "image/svg+xml");
}

TEST(AssetType, of_anything_else_is_none) {
  for (const auto& bytes : {"text"s, ""s, "<html></html>"s, "RIFF"s, "\x1A\x45\xDF\xA3matroska"s, "\xFF\xFF\xFF\xFF"s,
                            "  OggS"s, "\xFF\xEB\x90\x64"s}) {
    const auto known = asset_type(bytes);
    ASSERT_FALSE(known.has_value()) << bytes << " is " << *known;
    EXPECT_EQ(known.error().code, core::ErrorCode::invalid);
    EXPECT_EQ(known.error().field, "file");
  }
}

}  // namespace
}  // namespace retell::services
