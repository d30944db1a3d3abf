#include "config/config.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstdlib>
#include <netinet/in.h>
#include <set>

#include "config/settings.hpp"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX leaves it to the program

namespace retell::config {
namespace {

void read_log(Settings& settings, Log& log) {
  std::string level = "info";
  std::string format = "text";
  settings.text("log.level", level);
  settings.text("log.format", format);
  if (!core::parse_log_level(level, log.level))
    settings.problem("log.level", "expected debug, info, warn, error or off");
  if (format == "json")
    log.format = core::LogFormat::json;
  else if (format != "text")
    settings.problem("log.format", "expected text or json");
}

void read_figures(Settings& settings, Figures& figures) {
  settings.text("metrics.namespace", figures.name_space);
  settings.text("metrics.service", figures.service);
  settings.duration("metrics.interval_seconds", figures.interval, 1, 3'600);
  // CloudWatch's own rules; it drops what breaks them without a word.
  constexpr std::size_t longest_namespace = 255;
  constexpr std::size_t longest_dimension = 1'024;
  const auto fits = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view(" .-_/#:").find(static_cast<char>(c)) != std::string_view::npos;
  };
  const auto& name = figures.name_space;
  if (name.size() > longest_namespace || name.starts_with(':') || name.starts_with("AWS/") ||
      !std::all_of(name.begin(), name.end(), fits)) {
    settings.problem("metrics.namespace",
                     "expected at most 255 letters, digits, spaces or . - _ / # :, not beginning with AWS/ or a colon");
  }
  const auto printable = [](unsigned char c) { return c >= ' ' && c < '\x7f'; };
  const auto& service = figures.service;
  if (service.size() > longest_dimension || service.starts_with(':') ||
      service.find_first_not_of(' ') == std::string::npos || !std::all_of(service.begin(), service.end(), printable)) {
    settings.problem("metrics.service", "expected 1 to 1,024 printable ASCII characters, not beginning with a colon");
  }
}

void read_vendor(Settings& settings, const std::string& name, Vendor& vendor) {
  settings.secret("providers." + name + ".api_key", vendor.api_key);
  settings.url("providers." + name + ".base_url", vendor.base_url, "http https ws wss");
  settings.text("providers." + name + ".model", vendor.model);
}

void read_providers(Settings& settings, Providers& providers, const std::vector<std::string>& vendors) {
  settings.text("providers.stt", providers.stt);
  settings.text("providers.tts", providers.tts);
  settings.text("providers.llm", providers.llm);
  settings.text("providers.end_of_turn", providers.end_of_turn);
  settings.list("providers.stt_fallbacks", providers.stt_fallbacks);
  settings.list("providers.tts_fallbacks", providers.tts_fallbacks);
  settings.list("providers.llm_fallbacks", providers.llm_fallbacks);
  settings.map("providers.llm_models", providers.llm_models);
  for (const auto& name : vendors) read_vendor(settings, name, providers.vendors[name]);
}

// Binds every key to its place; the order is that of the documentation.
void read_all(Settings& settings, Config& config, const std::vector<std::string>& vendors) {
  settings.text("data_dir", config.data_dir);
  settings.integer("workers", config.workers, 0, 1'024);
  settings.duration("drain_seconds", config.drain, 0, 7'200);
  settings.duration("stop_seconds", config.stop, 0, 7'200);
  settings.flag("demo", config.demo);
  settings.text("server.host", config.server.host);
  settings.integer("server.port", config.server.port, 0, 65'535);
  settings.url("server.public_url", config.server.public_url, "http https");
  settings.list("server.cors_origins", config.server.cors_origins);
  settings.integer("server.proxies", config.server.proxies, 0, 10);
  settings.secret("database.url", config.database.url);
  settings.secret("database.password", config.database.password);
  settings.integer("database.max_connections", config.database.max_connections, 1, 1'000);
  settings.duration("database.wait_ms", config.database.wait, 100, 60'000);
  settings.duration("database.query_timeout_ms", config.database.query_timeout, 100, 600'000);
  settings.secret("cache.url", config.cache.url);
  settings.secret("cache.password", config.cache.password);
  settings.text("cache.ca_file", config.cache.ca_file);
  settings.duration("cache.timeout_ms", config.cache.timeout, 10, 10'000);
  settings.integer("limits.max_concurrent_calls", config.limits.max_concurrent_calls, 1, 100'000);
  settings.integer("limits.max_concurrent_calls_per_workspace", config.limits.max_concurrent_calls_per_workspace, 0,
                   100'000);
  settings.integer("limits.max_requests_per_second", config.limits.max_requests_per_second, 0, 1'000'000);
  read_log(settings, config.log);
  read_figures(settings, config.figures);
  settings.flag("call_page.public", config.call_page.is_public);
  settings.integer("call_page.calls_per_hour", config.call_page.calls_per_hour, 0, 1'000);
  settings.integer("call_page.max_calls", config.call_page.max_calls, 1, 1'000);
  settings.duration("call_page.max_call_seconds", config.call_page.longest, 60, 7'200);
  settings.url("ecs.agent_uri", config.ecs.agent_uri, "http https");
  read_providers(settings, config.providers, vendors);
  settings.voices(config.voices);
  settings.text("models.dir", config.models.dir);
  settings.text("models.stt", config.models.stt);
  settings.text("models.llm", config.models.llm);
  settings.integer("models.threads", config.models.threads, 0, 256);
  settings.integer("models.max_calls", config.models.max_calls, 0, 100'000);
  settings.text("twilio.account_sid", config.twilio.account_sid);
  settings.secret("twilio.auth_token", config.twilio.auth_token);
  settings.url("twilio.api_base_url", config.twilio.api_base_url, "http https");
  settings.flag("twilio.check_signatures", config.twilio.check_signatures);
  settings.flag("recordings.enabled", config.recordings.enabled);
  settings.text("recordings.store", config.recordings.store);
  settings.text("recordings.region", config.recordings.region);
  settings.url("recordings.endpoint", config.recordings.endpoint, "http https");
  settings.flag("recordings.path_style", config.recordings.path_style);
  settings.text("recordings.encryption", config.recordings.encryption);
  settings.text("recordings.kms_key_id", config.recordings.kms_key_id);
  settings.secret("recordings.access_key_id", config.recordings.access_key_id);
  settings.secret("recordings.secret_access_key", config.recordings.secret_access_key);
  settings.flag("recordings.redirect", config.recordings.redirect);
  settings.duration("recordings.url_lifetime_ms", config.recordings.url_lifetime, 1'000, 31'536'000'000);
  settings.duration("uploads.url_lifetime_ms", config.uploads.url_lifetime, 1'000, 31'536'000'000);
  settings.secret("security.secret_key", config.security.secret_key);
  settings.secret("security.jwt_secret", config.security.jwt_secret);
  settings.secret("security.jwt_secret_previous", config.security.jwt_secret_previous);
  settings.flag("security.allow_private_networks", config.security.allow_private_networks);
  settings.text("organization.name", config.organization.name);
  settings.url("organization.webhook_url", config.organization.webhook_url, "http https");
}

bool is_ip_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

// Rules between settings.
void check_together(Settings& settings, const Config& config) {
  if (config.data_dir.empty()) settings.problem("data_dir", "must not be empty");
  constexpr std::chrono::seconds shortest_stop{10};
  if (config.stop.count() > 0 && config.stop < shortest_stop) {
    settings.problem("stop_seconds", "expected 0 for no limit, or at least 10");
  }
  if (const auto& host = config.server.host; host != "localhost" && !is_ip_address(host)) {
    settings.problem("server.host",
                     "expected an IP address to listen on, such as 127.0.0.1, or 0.0.0.0 for all there are");
  }
  if (config.call_page.is_public && !config.demo) {
    settings.problem("call_page.public", "needs demo = true, which makes the agents that the page calls");
  }
  const auto& database = config.database.url;
  if (!database.empty() && !database.starts_with("sqlite:") && !database.starts_with("postgres://") &&
      !database.starts_with("postgresql://")) {
    settings.problem("database.url", "expected sqlite:<path> or postgres://user:password@host:5432/database");
  }
  const auto& cache = config.cache.url;
  if (!cache.empty() && !cache.starts_with("redis://") && !cache.starts_with("rediss://")) {
    settings.problem("cache.url", "expected redis://host:6379, or rediss:// for TLS");
  }
  const auto& recordings = config.recordings;
  if (!recordings.encryption.empty() && recordings.encryption != "AES256" && recordings.encryption != "aws:kms") {
    settings.problem("recordings.encryption", "expected AES256 or aws:kms");
  }
  if (recordings.access_key_id.empty() != recordings.secret_access_key.empty()) {
    settings.problem("recordings.secret_access_key", "goes together with recordings.access_key_id");
  }
  if (!config.twilio.account_sid.empty() && config.twilio.auth_token.empty()) {
    settings.problem("twilio.auth_token", "is required when twilio.account_sid is set");
  }
  constexpr std::size_t shortest_secret = 32;
  if (!config.security.secret_key.empty() && config.security.secret_key.size() < shortest_secret) {
    settings.problem("security.secret_key", "must have at least 32 characters");
  }
  // RFC 7518 asks for 32 bytes; whoever is given a shorter one is warned at start.
  constexpr std::size_t shortest_jwt_secret = 16;
  for (const auto& [key, secret] : {std::pair("security.jwt_secret", &config.security.jwt_secret),
                                    std::pair("security.jwt_secret_previous", &config.security.jwt_secret_previous)}) {
    if (!secret->empty() && secret->size() < shortest_jwt_secret) {
      settings.problem(key, "must have at least 16 characters, better 32");
    }
  }
  std::set<std::string> ids;
  for (const auto& voice : config.voices) {
    if (!ids.insert(voice.id).second) settings.problem("voices", "two voices have the id " + voice.id);
  }
}

}  // namespace

std::string Config::database_url() const {
  return database.url.empty() ? "sqlite:" + data_dir + "/retell.db" : database.url;
}

Environment process_environment() {
  Environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (text.starts_with("RETELL_") && equals != std::string_view::npos) {
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
  }
  for (const auto* suffix : {"", "_FILE"}) {
    const char* value = std::getenv((std::string("JWT_SECRET") + suffix).c_str());
    const bool given =
        variables.contains("RETELL_SECURITY_JWT_SECRET") || variables.contains("RETELL_SECURITY_JWT_SECRET_FILE");
    if (value != nullptr && !given) variables.emplace(std::string("RETELL_SECURITY_JWT_SECRET") + suffix, value);
  }
  for (const auto& [theirs, ours] : {std::pair("AWS_EMF_NAMESPACE", "RETELL_METRICS_NAMESPACE"),
                                     std::pair("AWS_EMF_SERVICE_NAME", "RETELL_METRICS_SERVICE"),
                                     std::pair("ECS_AGENT_URI", "RETELL_ECS_AGENT_URI")}) {
    if (const char* value = std::getenv(theirs); value != nullptr) variables.emplace(ours, value);
  }
  return variables;
}

core::Result<Config> load(const Sources& sources) {
  toml::table file;
  if (!sources.file.empty()) {
    try {
      file = toml::parse_file(sources.file);
    } catch (const toml::parse_error& error) {
      std::string where = sources.file;
      if (error.source().begin.line > 0) where += " line " + std::to_string(error.source().begin.line);
      return core::fail(core::ErrorCode::invalid, where + ": " + std::string(error.description()));
    }
  }
  Config config;
  Settings settings(file, sources);
  read_all(settings, config, sources.vendors);
  settings.check_unknown();
  check_together(settings, config);
  if (sources.check) {
    for (const auto& [key, message] : sources.check(config)) {
      if (!settings.at_fault(key)) settings.problem(key, message);
    }
  }
  if (settings.problems().empty()) return config;
  std::string message = "the configuration has errors:";
  for (const auto& problem : settings.problems()) message += "\n  " + problem;
  std::string said;  // on the command line
  for (const auto& [key, value] : sources.overrides) {
    if (settings.at_fault(key)) said = key;
  }
  return core::fail(core::ErrorCode::invalid, std::move(message), std::move(said));
}

std::vector<std::string> known_keys(const std::vector<std::string>& vendors) {
  const toml::table nothing;
  const Sources none;
  Config config;
  Settings settings(nothing, none);
  read_all(settings, config, vendors);
  return settings.keys();
}

std::vector<std::string> unknown_variables(const Sources& sources) {
  // Of the commands, the scripts and the tests.
  std::set<std::string> known = {"RETELL_API_KEY",    "RETELL_IMPORT_API_KEY", "RETELL_CACHE_DIR",
                                 "RETELL_BUILD_JOBS", "RETELL_ALLOW_UNPINNED", "RETELL_ONNXRUNTIME"};
  for (const auto& key : known_keys(sources.vendors)) {
    known.insert(variable_name(key));
    known.insert(variable_name(key) + "_FILE");
  }
  std::vector<std::string> unknown;
  for (const auto& [name, value] : sources.environment) {
    if (!known.contains(name) && !name.starts_with("RETELL_TEST_")) unknown.push_back(name);
  }
  return unknown;
}

}  // namespace retell::config
