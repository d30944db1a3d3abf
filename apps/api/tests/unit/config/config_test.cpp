#include "config/config.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/secret.hpp"
#include "support/paths.hpp"

namespace retell::config {
namespace {

class ConfigFile : public ::testing::Test {
 protected:
  ConfigFile() {
    std::string name = (std::filesystem::temp_directory_path() / "retell-config-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~ConfigFile() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  std::filesystem::path folder_;
};

TEST_F(ConfigFile, is_optional_and_the_defaults_are_local) {
  const auto config = load({});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->server.port, 8080);
  EXPECT_EQ(config->server.host, "127.0.0.1");
  EXPECT_EQ(config->providers.llm, "local");
  EXPECT_EQ(config->database_url(), "sqlite:data/retell.db");
  EXPECT_FALSE(config->security.allow_private_networks);
}

TEST_F(ConfigFile, yields_to_the_environment_and_that_to_the_command_line) {
  const auto path = write("retell.toml", "workers = 1\n[server]\nport = 1\nhost = \"::1\"\n");
  const auto config = load({.file = path,
                            .environment = {{"RETELL_SERVER_PORT", "2"}, {"RETELL_SERVER_HOST", "0.0.0.0"}},
                            .overrides = {{"server.port", "3"}}});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->workers, 1);
  EXPECT_EQ(config->server.host, "0.0.0.0");
  EXPECT_EQ(config->server.port, 3);
}

TEST_F(ConfigFile, lists_all_errors_at_once) {
  const auto path = write("retell.toml",
                          "colour = 1\ndemo = \"yes\"\n[server]\nport = 99999\npublic_url = \"example.com\"\n"
                          "[log]\nformat = \"xml\"\n[twilio]\nauth_token = \"t\"\n[[voices]]\nid = \"x\"\n");
  const auto config = load({.file = path, .environment = {{"RETELL_WORKERS", "many"}}});
  ASSERT_FALSE(config.has_value());
  for (const auto* part : {"colour: is not a known setting", "demo: expected true or false",
                           "server.port: expected a whole", "server.public_url: expected an address",
                           "log.format: expected text or json", "twilio.auth_token: secrets do not belong in the file",
                           "voices[0].vendor: is required", "workers: expected a whole number", "RETELL_SERVER_PORT"}) {
    EXPECT_NE(config.error().message.find(part), std::string::npos) << part << "\n" << config.error().message;
  }
}

TEST_F(ConfigFile, takes_names_for_metrics_that_cloudwatch_takes) {
  const auto given = load({.overrides = {{"metrics.namespace", "Retell/Prod #1"}, {"metrics.service", "retell-prod"}}});
  ASSERT_TRUE(given.has_value()) << given.error().message;
  EXPECT_EQ(given->figures.name_space, "Retell/Prod #1");
  EXPECT_EQ(given->figures.service, "retell-prod");
  EXPECT_EQ(given->figures.interval, std::chrono::seconds(60));
  for (const auto* name : {"AWS/Retell", ":x", "a\nb", "Ligações"}) {
    const auto config = load({.overrides = {{"metrics.namespace", name}}});
    ASSERT_FALSE(config.has_value()) << name;
    EXPECT_NE(config.error().message.find("metrics.namespace: expected at most 255"), std::string::npos) << name;
  }
  for (const auto* name : {"", "  ", ":x", "a\tb"})
    EXPECT_FALSE(load({.overrides = {{"metrics.service", name}}})) << name;
}

TEST_F(ConfigFile, reads_what_aws_calls_its_metrics_from_the_environment) {
  ::setenv("AWS_EMF_NAMESPACE", "Theirs", 1);
  ::setenv("AWS_EMF_SERVICE_NAME", "their-api", 1);
  EXPECT_EQ(load({.environment = process_environment()})->figures.name_space, "Theirs");
  EXPECT_EQ(load({.environment = process_environment()})->figures.service, "their-api");
  ::setenv("ECS_AGENT_URI", "http://169.254.170.2/api/0123", 1);
  EXPECT_EQ(load({.environment = process_environment()})->ecs.agent_uri, "http://169.254.170.2/api/0123");
  ::setenv("RETELL_METRICS_NAMESPACE", "Ours", 1);
  EXPECT_EQ(load({.environment = process_environment()})->figures.name_space, "Ours");
  for (const auto* name : {"AWS_EMF_NAMESPACE", "AWS_EMF_SERVICE_NAME", "ECS_AGENT_URI", "RETELL_METRICS_NAMESPACE"})
    ::unsetenv(name);
}

TEST_F(ConfigFile, leaves_time_to_stop) {
  EXPECT_EQ(load({})->stop, std::chrono::seconds(0));
  EXPECT_EQ(load({.overrides = {{"stop_seconds", "120"}}})->stop, std::chrono::seconds(120));
  const auto config = load({.overrides = {{"stop_seconds", "9"}}});
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message.find("stop_seconds: expected 0 for no limit, or at least 10"), std::string::npos);
}

TEST_F(ConfigFile, opens_the_call_page_only_where_there_are_agents_to_call) {
  EXPECT_FALSE(load({})->call_page.is_public);
  EXPECT_TRUE(load({.overrides = {{"call_page.public", "true"}}})->call_page.is_public);
  const auto config = load({.overrides = {{"call_page.public", "true"}, {"demo", "false"}}});
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message.find("call_page.public: needs demo = true"), std::string::npos);
}

TEST_F(ConfigFile, listens_on_an_address_and_not_on_a_name) {
  for (const auto* host : {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost"}) {
    EXPECT_TRUE(load({.overrides = {{"server.host", host}}}).has_value()) << host;
  }
  for (const auto* host : {"voice.example.com", "1.2.3", "127.0.0.1:80", ""}) {
    const auto config = load({.overrides = {{"server.host", host}}});
    ASSERT_FALSE(config.has_value()) << host;
    EXPECT_NE(config.error().message.find("server.host: expected an IP address"), std::string::npos) << host;
  }
}

TEST_F(ConfigFile, what_higher_modules_find_joins_the_one_list) {
  const auto check = [](const Config& config) {
    EXPECT_EQ(config.providers.llm, "gpt");
    return std::vector<Problem>{{"providers.llm", "gpt is not offered"}, {"server.port", "said twice"}};
  };
  const auto config =
      load({.environment = {{"RETELL_PROVIDERS_LLM", "gpt"}, {"RETELL_SERVER_PORT", "x"}}, .check = check});
  ASSERT_FALSE(config.has_value());
  const auto& message = config.error().message;
  EXPECT_NE(message.find("providers.llm: gpt is not offered (or RETELL_PROVIDERS_LLM)"), std::string::npos) << message;
  EXPECT_NE(message.find("server.port: expected a whole number"), std::string::npos) << message;
  EXPECT_EQ(message.find("said twice"), std::string::npos) << message;
}

TEST_F(ConfigFile, mistyped_variables_are_told_apart_from_settings) {
  const Environment environment = {{"RETELL_SERVER_PORT", "1"},
                                   {"RETELL_SERVER_PROT", "1"},
                                   {"RETELL_API_KEY", "key_1"},
                                   {"RETELL_IMPORT_API_KEY", "key_2"},
                                   {"RETELL_TWILIO_AUTH_TOKEN_FILE", "/x"}};
  Sources sources;
  sources.environment = environment;
  sources.vendors = {"openai", "deepgram", "elevenlabs"};
  EXPECT_EQ(unknown_variables(sources), std::vector<std::string>{"RETELL_SERVER_PROT"});
}

TEST_F(ConfigFile, says_where_it_cannot_be_parsed) {
  const auto config = load({.file = write("retell.toml", "a = 1\nb = \n")});
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message.find("line 2"), std::string::npos) << config.error().message;
  EXPECT_FALSE(load({.file = (folder_ / "missing.toml").string()}).has_value());
  const auto no_table = load({.file = write("retell.toml", "server = 3\n")});
  EXPECT_NE(no_table.error().message.find("server: expected a table"), std::string::npos) << no_table.error().message;
}

TEST_F(ConfigFile, secrets_come_from_the_environment_or_a_file_it_names) {
  const auto path = write("token", "from-a-file\n");
  const auto config = load({.environment = {{"RETELL_PROVIDERS_DEEPGRAM_API_KEY", "direct"},
                                            {"RETELL_TWILIO_ACCOUNT_SID", "AC1"},
                                            {"RETELL_TWILIO_AUTH_TOKEN_FILE", path}},
                            .vendors = {"deepgram"}});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->providers.vendors.at("deepgram").api_key, "direct");
  EXPECT_EQ(config->twilio.auth_token, "from-a-file");
  EXPECT_FALSE(load({.environment = {{"RETELL_TWILIO_AUTH_TOKEN_FILE", "/nowhere"}}}).has_value());
  EXPECT_FALSE(load({.environment = {{"RETELL_TWILIO_ACCOUNT_SID", "AC1"}}}).has_value());
}

TEST_F(ConfigFile, a_vendor_that_there_is_not_is_a_mistake) {
  const auto path = write("retell.toml", "[providers.deepgrm]\nmodel = \"nova-3\"\n");
  const auto config = load({.file = path, .vendors = {"deepgram"}});
  ASSERT_FALSE(config.has_value());
  EXPECT_NE(config.error().message.find("providers.deepgrm: is not a known setting"), std::string::npos)
      << config.error().message;
}

TEST_F(ConfigFile, maps_models_and_adds_voices) {
  const auto path =
      write("retell.toml",
            "[providers]\nllm_fallbacks = [\"local\"]\n[providers.llm_models]\n\"gpt-4.1\" = \"openai:m\"\n"
            "[[voices]]\nid = \"ana\"\nname = \"Ana\"\nvendor = \"elevenlabs\"\nvendor_voice = \"abc\"\n");
  const auto config = load({.file = path});
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->providers.llm_models.at("gpt-4.1"), "openai:m");
  EXPECT_EQ(config->providers.llm_fallbacks, std::vector<std::string>{"local"});
  EXPECT_EQ(config->voices.at(0).vendor_voice, "abc");
  const auto from_environment = load({.environment = {{"RETELL_PROVIDERS_LLM_MODELS", "a=b, c=d:e"}}});
  EXPECT_EQ(from_environment->providers.llm_models.at("c"), "d:e");
}

TEST(ConfigDocumentation, names_every_key_and_the_example_loads) {
  const auto example =
      load({.file = test::source_dir() + "/retell.example.toml", .vendors = {"openai", "deepgram", "elevenlabs"}});
  EXPECT_TRUE(example.has_value()) << example.error().message;
  std::stringstream text;
  text << std::ifstream(test::source_dir() + "/../../docs/configuration.md").rdbuf();
  for (const auto& key : known_keys()) {
    EXPECT_NE(text.str().find("`" + key + "`"), std::string::npos) << key << " is not in docs/configuration.md";
  }
}

TEST_F(ConfigFile, the_servers_secret_is_made_once_and_is_private) {
  const auto path = (folder_ / "deep" / "secret.key").string();
  const auto first = load_or_create_secret(path);
  ASSERT_TRUE(first.has_value()) << first.error().message;
  EXPECT_EQ(first->size(), 64U);
  EXPECT_EQ(load_or_create_secret(path).value(), *first);
  EXPECT_EQ(std::filesystem::status(path).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_FALSE(load_or_create_secret(write("short", "abc")).has_value());
}

}  // namespace
}  // namespace retell::config
