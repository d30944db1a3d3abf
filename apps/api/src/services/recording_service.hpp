// Recordings: where the engine writes them, where they are kept, and links that a browser can play.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/task.hpp"
#include "storage/objects/object_store.hpp"
#include "storage/stores/call_store.hpp"

namespace retell::services {

class RecordingService {
 public:
  // `public_url`: what links begin with, without a slash at the end.
  RecordingService(storage::ObjectStore& objects, const config::Config& config, std::string public_url,
                   std::string secret, const core::Clock& clock);

  // The file for a call that begins; empty when recordings are off.
  [[nodiscard]] std::string path_for(const std::string& call_id) const;
  // Takes a finished file over; sets the call's links and key. `signed_url_ms` > 0: links end after that time.
  [[nodiscard]] core::Task<core::Result<>> keep(storage::StoredCall& call, std::string path,
                                                std::int64_t signed_url_ms);
  [[nodiscard]] core::Task<core::Result<>> forget(std::string key);

  // Whether a link's parameters open this file.
  [[nodiscard]] bool opens(std::string_view file, std::string_view expires, std::string_view signature) const;
  // Where a player may fetch the file itself, for some minutes; nothing when it must come through us.
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> elsewhere(std::string file);
  [[nodiscard]] core::Task<core::Result<std::uint64_t>> size(std::string file);
  [[nodiscard]] core::Task<core::Result<std::string>> read(std::string file, std::uint64_t offset, std::size_t length);

 private:
  storage::ObjectStore& objects_;
  const config::Config& config_;
  std::string public_url_;
  std::string secret_;
  const core::Clock& clock_;
};

}  // namespace retell::services
