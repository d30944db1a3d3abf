#include "app/configuration_check.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>

#include "app/vendors.hpp"
#include "providers/remote/vendors.hpp"
#include "support/paths.hpp"

namespace retell::app {
namespace {

std::map<std::string, std::string> problems_of(const config::Config& config) {
  std::map<std::string, std::string> problems;
  for (const auto& [key, message] : check_configuration(config)) problems[key] = message;
  return problems;
}

TEST(ConfigurationCheck, finds_nothing_in_the_defaults) { EXPECT_TRUE(problems_of({}).empty()); }

TEST(ConfigurationCheck, finds_everything_in_one_go) {
  config::Config config;
  config.server.public_url = "https://voice.example.com:99999";
  config.organization.webhook_url = "https:// spaced";
  config.database.url = "postgres://user@[::1/x";
  config.cache.url = "redis://:0";
  config.recordings.store = "gs://bucket";
  config.providers.stt = "deepgram";
  config.providers.tts = "parrot";
  config.providers.end_of_turn = "clairvoyance";
  config.providers.stt_fallbacks = {"local", "ear"};
  config.providers.tts_fallbacks = {"elevenlabs"};
  config.providers.llm_fallbacks = {"openai:gpt-4.1"};
  config.providers.llm_models = {{"gpt-4.1", "groq:x"}};
  config.voices.resize(2);
  config.voices[0].vendor = "local";
  config.voices[1].vendor = "nobody";
  config.models.stt = "whisper-huge";
  config.models.llm = "whisper-base";
  const auto found = problems_of(config);
  for (const auto* key :
       {"server.public_url", "organization.webhook_url", "database.url", "cache.url", "recordings.store",
        "providers.stt", "providers.tts", "providers.end_of_turn", "providers.stt_fallbacks", "providers.tts_fallbacks",
        "providers.llm_fallbacks", "providers.llm_models.gpt-4.1", "voices[1].vendor"}) {
    EXPECT_TRUE(found.contains(key)) << key;
  }
  EXPECT_NE(found.at("providers.stt").find("needs RETELL_PROVIDERS_DEEPGRAM_API_KEY"), std::string::npos)
      << found.at("providers.stt");
  EXPECT_EQ(found.at("recordings.store"), "expected a folder, or s3://bucket/prefix");
#ifdef RETELL_LOCAL_MODELS
  EXPECT_NE(found.at("models.stt").find("no model is called whisper-huge"), std::string::npos);
  EXPECT_NE(found.at("models.llm").find("another kind"), std::string::npos);
#endif
  EXPECT_FALSE(found.contains("voices[0].vendor"));
}

TEST(ConfigurationCheck, a_vendor_with_a_key_or_an_address_of_its_own_is_offered) {
  config::Config config;
  config.providers.vendors["openai"].api_key = "k";
  config.providers.vendors["deepgram"].base_url = "ws://127.0.0.1:9";
  config.providers.llm = "openai";
  config.providers.stt = "deepgram";
  config.models.stt = "base";
  config.recordings.store = "s3://bucket/calls";
  EXPECT_TRUE(problems_of(config).empty());
}

// The line of `text` that sets or describes `key`.
std::string line_of(const std::string& text, const std::string& key) {
  const auto at = text.find(key);
  return at == std::string::npos ? "" : text.substr(at, text.find('\n', at + 1) - at);
}

TEST(ConfigurationCheck, every_vendor_stands_in_the_documentation_and_the_example) {
  config::Config config;
  for (const auto& vendor : providers::remote::vendors())
    config.providers.vendors[std::string(vendor.name)].api_key = "k";
  const auto registry = offered_vendors(config);
  const auto read = [](const std::string& path) {
    std::stringstream text;
    text << std::ifstream(test::source_dir() + path).rdbuf();
    return text.str();
  };
  const auto example = read("/retell.example.toml");
  const auto documentation = read("/../../docs/configuration.md");
  const auto check = [&](const std::string& stage, const std::vector<std::string>& names) {
    for (const auto& name : names) {
      EXPECT_NE(line_of(example, "\n" + stage + " = ").find(name), std::string::npos) << stage << " " << name;
      EXPECT_NE(line_of(documentation, "`providers." + stage + "`").find("`" + name + "`"), std::string::npos)
          << stage << " " << name;
    }
  };
  check("stt", registry.stt_names());
  check("tts", registry.tts_names());
  check("llm", registry.llm_names());
  check("end_of_turn", registry.end_of_turn_names());
}

}  // namespace
}  // namespace retell::app
