#include "app/commands/doctor.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "app/commands/common.hpp"
#include "app/configuration_check.hpp"
#include "app/home.hpp"
#include "app/progress.hpp"
#include "app/vendors.hpp"
#include "providers/local/child_process.hpp"
#include "providers/local/cpu.hpp"
#include "providers/local/model_store.hpp"
#include "storage/db/migrate.hpp"
#include "storage/stores/api_key_store.hpp"
#include "storage/stores/organization_store.hpp"

namespace retell::app {
namespace {

Finding check_port(const config::Config& config) {
  const auto& server = config.server;
  const auto where = fmt::format(
      "{}:{}", server.host.find(':') == std::string::npos ? server.host : "[" + server.host + "]", server.port);
  const auto probed = probe_port(server.host, server.port);
  if (probed) return {Verdict::good, "port", where + " is free"};
  if (probed.error().code == core::ErrorCode::conflict) {
    return {Verdict::warning, "port", where + " is in use (by this server, if it runs)",
            "or choose another: retell serve --port N"};
  }
  return {Verdict::bad, "port", probed.error().message, "see server.host and server.port in docs/configuration.md"};
}

// Looks, and makes nothing: the doctor may be another user than the server's.
Finding check_folder(const char* what, const std::string& folder, const char* mend) {
  namespace fs = std::filesystem;
  std::error_code error;
  auto there = fs::absolute(folder, error).lexically_normal();
  const bool made = fs::exists(there, error);
  while (!fs::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  if (!fs::is_directory(there, error) || ::access(there.c_str(), W_OK | X_OK) != 0) {
    return {Verdict::bad, what, made ? folder + " cannot be written" : folder + " cannot be made", mend};
  }
  const auto* absent = made ? "" : ", made by serve";
  struct statvfs disk{};
  if (::statvfs(there.c_str(), &disk) != 0) return {Verdict::good, what, folder + absent};
  const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  // A two-channel recording at 16 kHz takes 64 kB/s: 1 GB is about four hours of calls.
  if (free < 1'000'000'000) {
    return {Verdict::warning, what, folder + " has only " + human_bytes(free) + " free",
            "recordings take 230 MB an hour of browser calls, half of that by phone"};
  }
  return {Verdict::good, what, fmt::format("{}, {} free{}", folder, human_bytes(free), absent)};
}

Finding check_recordings(const config::Config& config) {
  const auto& recordings = config.recordings;
  if (!recordings.enabled) return {Verdict::good, "recordings", "off"};
  if (recordings.store.starts_with("s3://")) {
    return {Verdict::good, "recordings",
            fmt::format("{}, with {}", recordings.store,
                        recordings.access_key_id.empty() ? "the credentials that AWS' own tools use"
                                                         : "the key of recordings.access_key_id")};
  }
  if (recordings.store.empty()) return {Verdict::good, "recordings", "in the data folder"};
  return check_folder("recordings", recordings.store, "choose another: RETELL_RECORDINGS_STORE, or mend its owner");
}

std::vector<Finding> check_database(const config::Config& config) {
  const std::string_view sqlite = "sqlite:";
  if (const auto url = config.database_url(); url.starts_with(sqlite)) {
    std::error_code error;
    const auto file = url.substr(sqlite.size());
    if (!std::filesystem::exists(file, error))  // opening it would make it
      return {{Verdict::warning, "database", file + " is not there yet", "run: retell migrate (serve does it too)"}};
  }
  auto opened = open_database(config);
  if (!opened) return {{Verdict::bad, "database", opened.error().message, "see database.url in docs/configuration.md"}};
  auto& database = **opened;
  const auto rows = run_to_end(database.query({"SELECT MAX(version) FROM schema_migrations"}));
  const auto newest = storage::embedded_migrations().back().version;
  if (!rows || rows->empty() || rows->front().integer(0) < newest) {
    return {{Verdict::warning, "database", "not migrated yet", "run: retell migrate (serve does it too)"}};
  }
  std::vector<Finding> findings{{Verdict::good, "database", fmt::format("schema version {}", newest)}};
  const auto organization = run_to_end(storage::OrganizationStore(database).first());
  std::size_t keys = 0;
  if (organization && *organization) {
    if (const auto listed = run_to_end(storage::ApiKeyStore(database).list((*organization)->id))) keys = listed->size();
  }
  if (keys == 0)
    findings.push_back({Verdict::warning, "API keys", "none", "run: retell keys create --name first"});
  else
    findings.push_back({Verdict::good, "API keys", fmt::format("{} live", keys)});
  return findings;
}

std::vector<Finding> check_models(const config::Config& config) {
  std::vector<Finding> findings;
  const providers::local::ModelStore store(providers::local::builtin_manifest(), models_dir(config));
  const auto needed = local_models(config);
  std::string absent;
  std::string damaged;
  std::size_t present = 0;
  auto verdict = Verdict::warning;  // without a default another engine, or the rules, stand in
  for (const auto& stored : store.list()) {
    const auto& name = stored.model->name;
    if (stored.present) {
      ++present;
      if (!store.verify(name)) damaged += (damaged.empty() ? "" : " ") + name;
    } else if (std::find(needed.begin(), needed.end(), name) != needed.end()) {
      absent += (absent.empty() ? "" : " ") + name;
      if (!stored.model->is_default) verdict = Verdict::bad;
    }
  }
  if (!damaged.empty()) {
    findings.push_back(
        {Verdict::bad, "models", "damaged on the disk: " + damaged, "run: retell models pull " + damaged});
  }
  if (!absent.empty())
    findings.push_back({verdict, "models", "configured and absent: " + absent, "run: retell models pull " + absent});
  else if (damaged.empty())
    findings.push_back({Verdict::good, "models", fmt::format("{} here, all that are configured among them", present)});
  if (!providers::local::program_exists("espeak-ng")) {
    findings.push_back(
        {Verdict::warning, "espeak-ng", "not installed: no Portuguese local voice", "apt-get install espeak-ng"});
  }
  return findings;
}

Finding check_clock() {
  timex state{};
  // Media runs on the monotonic clock; the wall clock signs webhooks, which are refused beyond five minutes of error.
  if (::adjtimex(&state) == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return {Verdict::warning, "clock", "not synchronised",
            "run an NTP client: signed webhooks are refused beyond 5 minutes of error"};
  }
  return {Verdict::good, "clock", "synchronised"};
}

// What serve would refuse to start with.
std::vector<Finding> check_settings(const config::Config& config) {
  std::vector<Finding> findings;
  for (const auto& [key, message] : check_configuration(config)) {
    findings.push_back({Verdict::bad, "settings", fmt::format("{}: {}", key, message),
                        fmt::format("see {} in docs/configuration.md", key)});
  }
  const auto& p = config.providers;
  if (findings.empty()) {
    findings.push_back(
        {Verdict::good, "settings", fmt::format("speech to text {}, language {}, voice {}", p.stt, p.llm, p.tts)});
  }
  return findings;
}

Finding check_twilio(const config::Config& config) {
  if (config.twilio.account_sid.empty())
    return {Verdict::good, "twilio", "not configured: browser and simulated calls only"};
  if (config.twilio.auth_token.empty()) {
    return {Verdict::bad, "twilio", "account_sid without auth_token", "set RETELL_TWILIO_AUTH_TOKEN"};
  }
  if (config.server.public_url.rfind("https://", 0) != 0) {
    return {Verdict::bad, "twilio", "no public https address",
            "set server.public_url: Twilio must reach this server, with wss:// for audio"};
  }
  return {Verdict::good, "twilio", config.server.public_url};
}

Finding check_processor([[maybe_unused]] const config::Config& config) {
  const auto cores = fmt::format("{} cores", std::thread::hardware_concurrency());
#ifdef RETELL_LOCAL_MODELS
  if (const auto able = providers::local::check_cpu(); !able) {
    const bool needed = !local_models(config).empty();
    return {needed ? Verdict::bad : Verdict::warning, "processor", cores + "; " + able.error().message,
            needed ? "name vendors over the network: providers.stt, providers.tts, providers.llm" : ""};
  }
#endif
  return {Verdict::good, "processor", cores};
}

const char* word(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "ok";
    case Verdict::warning:
      return "warning";
    case Verdict::bad:
      return "problem";
  }
  return "problem";
}

}  // namespace

std::vector<Finding> examine(const config::Config& config) {
  std::vector<Finding> findings{check_port(config), check_folder("data folder", config.data_dir,
                                                                 "choose another with --data-dir, or mend its owner")};
  const auto add = [&](std::vector<Finding> more) {
    findings.insert(findings.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(check_database(config));
  findings.push_back(check_recordings(config));
  add(check_models(config));
  add(check_settings(config));
  findings.push_back(check_twilio(config));
  findings.push_back(check_clock());
  findings.push_back(check_processor(config));
  return findings;
}

int doctor(const config::Config& config, bool json) {
  bool bad = false;
  boost::json::array rows;
  for (const auto& finding : examine(config)) {
    bad = bad || finding.verdict == Verdict::bad;
    if (json) {
      rows.push_back(boost::json::object{{"verdict", word(finding.verdict)},
                                         {"what", finding.what},
                                         {"detail", finding.detail},
                                         {"mend", finding.mend}});
      continue;
    }
    fmt::print("{:<8} {:<12} {}\n", word(finding.verdict), finding.what, finding.detail);
    if (!finding.mend.empty()) fmt::print("{:<21} -> {}\n", "", finding.mend);
  }
  if (json) fmt::print("{}\n", boost::json::serialize(rows));
  return bad ? 1 : 0;
}

}  // namespace retell::app
