#include "app/commands/doctor.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "app/commands/common.hpp"
#include "app/progress.hpp"
#include "providers/local/child_process.hpp"
#include "providers/local/model_store.hpp"
#include "storage/db/migrate.hpp"
#include "storage/stores/api_key_store.hpp"
#include "storage/stores/organization_store.hpp"

namespace retell::app {
namespace {

enum class Verdict : std::uint8_t { good, warning, bad };

struct Finding {
  Verdict verdict = Verdict::good;
  std::string what;
  std::string detail;
  std::string mend = {};  // what to do about it
};

Finding check_port(const config::Config& config) {
  const auto where = fmt::format("{}:{}", config.server.host, config.server.port);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return {Verdict::bad, "port", std::strerror(errno), "raise the limit of open files (ulimit -n)"};
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(config.server.port);
  ::inet_pton(AF_INET, config.server.host == "0.0.0.0" ? "0.0.0.0" : "127.0.0.1", &address.sin_addr);
  const bool free = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  const int reason = errno;
  ::close(fd);
  if (free) return {Verdict::good, "port", where + " is free"};
  if (reason == EADDRINUSE) {
    return {Verdict::warning, "port", where + " is in use (by this server, if it runs)",
            "or choose another: retell serve --port N"};
  }
  return {Verdict::bad, "port", where + ": " + std::strerror(reason), "ports below 1024 need root: choose another"};
}

Finding check_folder(const config::Config& config) {
  std::error_code error;
  std::filesystem::create_directories(config.data_dir, error);
  if (error || ::access(config.data_dir.c_str(), W_OK) != 0) {
    return {Verdict::bad, "data folder", config.data_dir + " cannot be written",
            "choose another with --data-dir, or mend its owner"};
  }
  struct statvfs disk{};
  if (::statvfs(config.data_dir.c_str(), &disk) == 0) {
    const auto free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    // A two-channel recording at 16 kHz takes 64 kB/s: 1 GB is about four hours of calls.
    if (free < 1'000'000'000) {
      return {Verdict::warning, "data folder", config.data_dir + " has only " + human_bytes(free) + " free",
              "recordings take 230 MB an hour of browser calls, half of that by phone"};
    }
    return {Verdict::good, "data folder", fmt::format("{}, {} free", config.data_dir, human_bytes(free))};
  }
  return {Verdict::good, "data folder", config.data_dir};
}

std::vector<Finding> check_database(const config::Config& config) {
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
  std::string absent;
  std::string damaged;
  std::size_t present = 0;
  for (const auto& stored : store.list()) {
    if (stored.present) {
      ++present;
      if (!store.verify(stored.model->name)) damaged += (damaged.empty() ? "" : " ") + stored.model->name;
    } else if (stored.model->is_default) {
      absent += (absent.empty() ? "" : ", ") + stored.model->name;
    }
  }
  if (!damaged.empty()) {
    findings.push_back(
        {Verdict::bad, "models", "damaged on the disk: " + damaged, "run: retell models pull " + damaged});
  }
  if (!absent.empty())
    findings.push_back({Verdict::warning, "models", "absent: " + absent, "run: retell models pull --defaults"});
  else if (damaged.empty())
    findings.push_back({Verdict::good, "models", fmt::format("{} here, all defaults among them", present)});
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

Finding check_vendors(const config::Config& config) {
  const auto& p = config.providers;
  for (const auto& [stage, name] : {std::pair{"stt", p.stt}, {"tts", p.tts}, {"llm", p.llm}}) {
    const auto vendor = p.vendors.find(name);
    if (vendor == p.vendors.end() || !vendor->second.api_key.empty() || !vendor->second.base_url.empty()) continue;
    auto variable = "RETELL_PROVIDERS_" + name + "_API_KEY";
    std::transform(variable.begin(), variable.end(), variable.begin(), [](unsigned char c) { return std::toupper(c); });
    return {Verdict::bad, "vendors", fmt::format("providers.{} is {}, which has no key", stage, name),
            "set " + variable};
  }
  return {Verdict::good, "vendors", fmt::format("speech to text {}, language {}, voice {}", p.stt, p.llm, p.tts)};
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

Finding check_cores() {
  const auto cores = std::thread::hardware_concurrency();
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    return {Verdict::warning, "processor", "without AVX2: local models are slow here",
            "use remote vendors on this machine"};
  }
#endif
  return {Verdict::good, "processor", fmt::format("{} cores", cores)};
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

int doctor(const config::Config& config, bool json) {
  std::vector<Finding> findings{check_port(config), check_folder(config)};
  for (auto& finding : check_database(config)) findings.push_back(std::move(finding));
  for (auto& finding : check_models(config)) findings.push_back(std::move(finding));
  findings.push_back(check_vendors(config));
  findings.push_back(check_twilio(config));
  findings.push_back(check_clock());
  findings.push_back(check_cores());

  bool bad = false;
  boost::json::array rows;
  for (const auto& finding : findings) {
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
