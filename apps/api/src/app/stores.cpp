#include "app/stores.hpp"

#include "storage/objects/folder_store.hpp"
#include "storage/objects/s3_store.hpp"
#include "storage/objects/spooling_store.hpp"

namespace retell::app {
namespace {

// Of one process alone: agents, engines, numbers and API keys. What the operator's commands change, and other processes
// that have no Redis in common, is seen after at most this time.
constexpr std::size_t cached_values = 10'000;
constexpr auto cached_for = std::chrono::seconds(1);

}  // namespace

core::Result<StoreAddresses> read_addresses(const config::Config& config) {
  StoreAddresses addresses;
  if (!config.cache.url.empty()) {
    auto redis = storage::parse_redis_url(config.cache.url);
    if (!redis) return tl::unexpected(redis.error());
    if (redis->password.empty()) redis->password = config.cache.password;
    addresses.redis = std::move(*redis);
  }
  if (config.recordings.store.find("://") != std::string::npos) {
    auto bucket = storage::parse_s3_address(config.recordings.store);
    if (!bucket) return tl::unexpected(bucket.error());
    addresses.bucket = std::move(*bucket);
  }
  return addresses;
}

std::string recording_place(const config::Config& config, const std::string& call_id) {
  const auto& recordings = config.recordings;
  if (!recordings.enabled) return "none (recordings.enabled is false)";
  auto store = recordings.store.empty() ? config.data_dir : recordings.store;
  while (store.size() > 1 && store.ends_with('/')) store.pop_back();
  return store + "/recordings/" + call_id + ".wav";
}

std::filesystem::path spool_folder(const config::Config& config) {
  return std::filesystem::path(config.data_dir) / "spool";
}

std::unique_ptr<storage::SharedState> make_shared_state(const config::Config& config, const StoreAddresses& addresses,
                                                        int calls, const core::Clock& clock, core::Metrics& metrics,
                                                        core::Logger log) {
  if (!addresses.redis) return std::make_unique<storage::ProcessState>(clock, cached_values, cached_for, calls);
  storage::RedisOptions options;
  options.command_timeout = config.cache.timeout;
  options.ca_file = config.cache.ca_file;
  return std::make_unique<storage::RedisState>(*addresses.redis, options, calls, clock, metrics, std::move(log));
}

std::unique_ptr<storage::ObjectStore> make_objects(const config::Config& config, const StoreAddresses& addresses,
                                                   core::BlockingPool& files, const core::Clock& clock,
                                                   core::Metrics& metrics, core::Logger log) {
  const auto& wanted = config.recordings;
  if (!addresses.bucket) {
    return std::make_unique<storage::FolderStore>(wanted.store.empty() ? config.data_dir : wanted.store, files);
  }
  storage::S3Options options;
  options.bucket = addresses.bucket->first;
  options.prefix = addresses.bucket->second;
  options.region = wanted.region;
  options.endpoint = wanted.endpoint;
  options.path_style = wanted.path_style;
  options.encryption = wanted.encryption;
  options.kms_key = wanted.kms_key_id;
  options.keys = {wanted.access_key_id, wanted.secret_access_key};
  auto remote = std::make_unique<storage::S3Store>(options, storage::aws_environment(), files, clock, log);
  return std::make_unique<storage::SpoolingStore>(std::move(remote), spool_folder(config), files, metrics,
                                                  std::move(log));
}

}  // namespace retell::app
