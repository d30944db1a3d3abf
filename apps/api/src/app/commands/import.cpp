#include "app/commands/import.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/core.h>

#include <cstdlib>
#include <fstream>

#include "app/commands/accounts.hpp"
#include "app/stores.hpp"
#include "app/vendors.hpp"
#include "core/race.hpp"
#include "crypto/seal.hpp"
#include "json/text.hpp"
#include "services/import/importer.hpp"

namespace retell::app {
namespace {

constexpr int partly = 3;

core::Result<std::string> find_key(const ImportOptions& options) {
  if (!options.key_file.empty()) {
    std::ifstream file(options.key_file);
    std::string key;
    if (std::getline(file, key) && !key.empty()) return key;
    return core::fail(core::ErrorCode::invalid, options.key_file + " holds no API key in its first line",
                      "--api-key-file");
  }
  if (const char* key = std::getenv("RETELL_IMPORT_API_KEY"); key != nullptr && *key != '\0') return std::string(key);
  return core::fail(core::ErrorCode::invalid,
                    "no API key of the source: set RETELL_IMPORT_API_KEY or give --api-key-file FILE");
}

core::Result<std::map<std::string, std::string>> read_voices(const std::vector<std::string>& pairs) {
  std::map<std::string, std::string> names;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == pair.size()) {
      return core::fail(core::ErrorCode::invalid, "expected their voice_id=a voice_id of this server", "--voice");
    }
    names[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return names;
}

// A thread with connections of its own for the time of the import.
class Connections {
 public:
  explicit Connections(core::Logger log) {
    worker_.start();
    on_worker(make(std::move(log)));
  }
  ~Connections() {
    on_worker(drop());
    worker_.stop();
  }
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  template <class T>
  T on_worker(core::Task<T> task) {
    return boost::asio::co_spawn(worker_.context(), std::move(task), boost::asio::use_future).get();
  }
  net::Client& client() { return *client_; }

 private:
  core::Task<bool> make(core::Logger log) {
    client_ = std::make_unique<net::Client>(worker_, net::ClientOptions{}, std::move(log));
    co_return true;
  }
  core::Task<bool> drop() {
    client_.reset();
    co_return true;
  }
  core::Worker worker_{0};
  std::unique_ptr<net::Client> client_;
};

}  // namespace

int import_account(const config::Config& config, const ImportOptions& options) {
  const auto key = find_key(options);
  if (!key) return tell(key.error());
  auto voice_names = read_voices(options.voices);
  if (!voice_names) return tell(voice_names.error());
  if (!options.from_url.starts_with("https://") && !options.from_url.starts_with("http://")) {
    return tell({core::ErrorCode::invalid, "expected an address such as https://api.retellai.com", "--from-url"});
  }
  const core::Logger log;
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& a = **accounts;
  const auto workspace =
      run_to_end(a.workspaces.get(options.workspace.empty() ? a.first_workspace : options.workspace));
  if (!workspace) return tell(workspace.error());

  LocalEngines engines;
  providers::Registry registry;
  services::VoiceCatalog voices;
  if (auto filled = register_vendors(config, engines, registry, voices, log); !filled) return tell(filled.error());
  const auto addresses = read_addresses(config);
  if (!addresses) return tell(addresses.error());
  core::BlockingPool files(1);
  core::Metrics metrics;
  const auto objects = make_objects(config, *addresses, files, a.clock, metrics, log);
  services::FileService uploads(*objects, {config.server.public_url, a.secret}, a.clock);
  services::PhoneNumberService numbers(*a.database, a.clock);

  Connections connections(log);
  services::ImportSource source(
      options.from_url, *key, [&](net::ClientRequest request) { return connections.client().send(std::move(request)); },
      [](std::chrono::milliseconds wait) { return core::sleep_for(wait); }, log,
      config.security.allow_private_networks);
  const auto seal = [&](std::string_view plain, std::string_view purpose) {
    return crypto::seal(plain, a.secret, purpose);
  };
  const auto progress = [&](const std::string& what) {
    if (!options.json) fmt::print(stderr, "{} …\n", what);
  };
  services::Importer importer(
      {*a.database, uploads, numbers, voices, a.clock, workspace->id, std::move(*voice_names), seal}, source, progress,
      log);
  const auto report =
      connections.on_worker(a.audit.along_operator(workspace->id, {"import", options.from_url}, importer.run()));
  if (!report) {
    if (!options.json) fmt::print(stderr, "What came until here stays; the same command goes on from there.\n");
    return tell(report.error());
  }
  fmt::print("{}{}", options.json ? json::dump(services::to_json(*report)) : services::to_text(*report),
             options.json ? "\n" : "");
  return report->problems.empty() ? 0 : partly;
}

}  // namespace retell::app
