// Where this server keeps what it keeps, as configured: what processes share, and the object store.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "core/worker.hpp"
#include "storage/cache/shared_state.hpp"
#include "storage/objects/object_store.hpp"

namespace retell::app {

// Addresses that the configuration names, taken apart.
struct StoreAddresses {
  std::optional<storage::RedisAddress> redis;                 // nothing: this process shares with none
  std::optional<std::pair<std::string, std::string>> bucket;  // with the prefix; nothing: a folder
};
// invalid for an address that cannot be understood.
[[nodiscard]] core::Result<StoreAddresses> read_addresses(const config::Config& config);

// Where finished files wait for the bucket.
[[nodiscard]] std::filesystem::path spool_folder(const config::Config& config);

// Both live as long as what they refer to: `clock`, `files` and `metrics`. `calls`: at once, that this process can
// carry.
[[nodiscard]] std::unique_ptr<storage::SharedState> make_shared_state(const config::Config& config,
                                                                      const StoreAddresses& addresses, int calls,
                                                                      const core::Clock& clock, core::Metrics& metrics,
                                                                      core::Logger log);
[[nodiscard]] std::unique_ptr<storage::ObjectStore> make_objects(const config::Config& config,
                                                                 const StoreAddresses& addresses,
                                                                 core::BlockingPool& files, const core::Clock& clock,
                                                                 core::Metrics& metrics, core::Logger log);
// Where a call's recording is to be found, for people: a file, an object's address, or that there is none.
[[nodiscard]] std::string recording_place(const config::Config& config, const std::string& call_id);

}  // namespace retell::app
