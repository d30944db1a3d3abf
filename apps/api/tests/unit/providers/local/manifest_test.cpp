#include "providers/local/manifest.hpp"

#include <gtest/gtest.h>

#include <set>

namespace retell::providers::local {
namespace {

std::string one_model(std::string_view name, std::string_view path, std::string_view source) {
  return R"({"models":[{"name":")" + std::string(name) +
         R"(","kind":"tts","engine":"piper","licence":"MIT","files":[)" + R"({"path":")" + std::string(path) +
         R"(","sources":[)" + std::string(source) + "]}]}]}";
}
constexpr std::string_view good_source = R"({"client":"url","url":"https://example.org/x"})";

TEST(Manifest, inside_the_binary_is_sound) {
  const auto& manifest = builtin_manifest();
  std::set<ModelKind> defaults;
  for (const auto& model : manifest.models) {
    EXPECT_FALSE(model.languages.empty()) << model.name;
    EXPECT_FALSE(model.licence.empty()) << model.name;
    if (model.is_default) defaults.insert(model.kind);
  }
  // A fresh checkout can hear, think, speak and tell the end of a turn.
  EXPECT_EQ(defaults.size(), 4U);
  ASSERT_NE(manifest.find("whisper-tiny.en"), nullptr);
  EXPECT_EQ(manifest.find("whisper-tiny.en")->files[0].sources[0].conversion, Conversion::ctranslate2_whisper);
  EXPECT_EQ(manifest.find("nothing"), nullptr);
}

TEST(Manifest, every_package_and_default_weight_has_a_checksum) {
  for (const auto& model : builtin_manifest().models) {
    for (const auto& file : model.files) {
      for (const auto& source : file.sources) {
        for (const auto& package : source.packages) EXPECT_EQ(package.sha256.size(), 64U) << model.name;
      }
      if (model.is_default) EXPECT_NE(file.sources[0].client, SourceClient::url) << model.name;
    }
  }
}

TEST(Manifest, knows_what_a_language_needs_beside_the_defaults) {
  const auto plain = default_models(builtin_manifest(), "");
  const auto names_of = [](std::string_view language) { return default_models(builtin_manifest(), language); };
  EXPECT_EQ(names_of("en"), plain);
  auto portuguese = plain;
  portuguese.insert(portuguese.end(), {"qwen2.5-0.5b-instruct", "piper-pt_BR-faber-medium"});
  EXPECT_EQ(names_of("pt"), portuguese);  // Whisper base, which hears it, is a default
}

TEST(Manifest, takes_a_plain_model) {
  const auto manifest = parse_manifest(one_model("a", "b.onnx", good_source));
  ASSERT_TRUE(manifest.has_value());
  EXPECT_EQ(manifest->models[0].files[0].path, "b.onnx");
}

TEST(Manifest, refuses_names_that_leave_the_cache) {
  for (const auto* name : {"../x", "a/b", ".hidden", ""}) {
    EXPECT_EQ(parse_manifest(one_model(name, "b", good_source)).error().field, "models[0].name") << name;
    EXPECT_EQ(parse_manifest(one_model("a", name, good_source)).error().field, "models[0].files[0].path") << name;
  }
}

TEST(Manifest, names_the_field_at_fault) {
  EXPECT_EQ(parse_manifest(one_model("a", "b", R"({"client":"ftp"})")).error().field,
            "models[0].files[0].sources[0].client");
  EXPECT_EQ(parse_manifest(one_model("a", "b", R"({"client":"url","url":"http://example.org/x"})")).error().field,
            "models[0].files[0].sources[0].url");
  EXPECT_EQ(parse_manifest(one_model("a", "b",
                                     R"({"client":"pip","packages":[{"name":"x==1","sha256":"12"}],)"
                                     R"("members":["m"]})"))
                .error()
                .field,
            "models[0].files[0].sources[0].packages[0].sha256");
  EXPECT_FALSE(parse_manifest("[1, 2").has_value());
}

}  // namespace
}  // namespace retell::providers::local
