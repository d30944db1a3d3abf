#include "providers/registry.hpp"

#include <gtest/gtest.h>

#include <set>

#include "providers/voice_catalogue.hpp"
#include "rig.hpp"

namespace retell::providers {

TEST(Registry, an_unknown_name_is_answered_with_the_known_ones) {
  test::Rig rig;
  Registry registry;
  registry.add_llm("groq", [](const Place&, LlmOptions) -> core::Result<std::unique_ptr<Llm>> { return nullptr; });
  registry.add_llm("local", [](const Place&, LlmOptions) -> core::Result<std::unique_ptr<Llm>> { return nullptr; });
  const auto missing = registry.llm("gorq", rig.place(), {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, core::ErrorCode::unprocessable);
  EXPECT_EQ(missing.error().message, "no language model named \"gorq\" is configured; there is groq, local");
  EXPECT_TRUE(registry.llm("groq", rig.place(), {}));
  EXPECT_EQ(registry.llm_names(), (std::vector<std::string>{"groq", "local"}));
  EXPECT_EQ(registry.stt("x", rig.place(), {}).error().message,
            "no transcriber named \"x\" is configured; there is none");
}

TEST(VoiceCatalogue, ids_are_unique_and_resolve_to_a_vendor) {
  std::set<std::string_view> ids;
  for (const auto& voice : voice_catalogue()) {
    EXPECT_TRUE(ids.insert(voice.id).second) << voice.id;
    EXPECT_FALSE(voice.vendor_voice.empty()) << voice.id;
    EXPECT_EQ(find_voice(voice.id), &voice);
  }
  ASSERT_NE(find_voice("11labs-Adrian"), nullptr);
  EXPECT_EQ(find_voice("11labs-Adrian")->vendor, "elevenlabs");
  EXPECT_EQ(find_voice("11labs-Nobody"), nullptr);
}

}  // namespace retell::providers
