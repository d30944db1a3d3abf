#include "services/recording_service.hpp"

#include <filesystem>

#include "crypto/signed_url.hpp"

namespace retell::services {
namespace {

std::string route_of(std::string_view file) { return "/recordings/" + std::string(file); }
std::string key_of(std::string_view file) { return "recordings/" + std::string(file); }

}  // namespace

RecordingService::RecordingService(storage::ObjectStore& objects, const config::Config& config, std::string public_url,
                                   std::string secret, const core::Clock& clock)
    : objects_(objects),
      config_(config),
      public_url_(std::move(public_url)),
      secret_(std::move(secret)),
      clock_(clock) {}

std::string RecordingService::path_for(const std::string& call_id) const {
  if (!config_.recordings.enabled) return {};
  const auto folder = std::filesystem::path(config_.data_dir) / "live";
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  return (folder / (call_id + ".wav")).string();
}

core::Task<core::Result<>> RecordingService::keep(storage::StoredCall& call, std::string path,
                                                  std::int64_t signed_url_ms) {
  const auto file = call.call.call_id + ".wav";
  auto done = co_await objects_.adopt(key_of(file), std::move(path));
  if (!done) co_return done;
  call.recording_key = key_of(file);
  const auto expires = signed_url_ms > 0 ? core::epoch_ms(clock_.wall()) + signed_url_ms : 0;
  call.call.recording_url = public_url_ + crypto::sign_path(route_of(file), expires, secret_);
  call.call.recording_multi_channel_url = call.call.recording_url;
  co_return core::Result<>{};
}

core::Task<core::Result<>> RecordingService::forget(std::string key) {
  co_return co_await objects_.remove(std::move(key));
}

bool RecordingService::opens(std::string_view file, std::string_view expires, std::string_view signature) const {
  return crypto::verify_path(route_of(file), expires, signature, secret_, core::epoch_ms(clock_.wall()));
}

core::Task<core::Result<std::optional<std::string>>> RecordingService::elsewhere(std::string file) {
  // A player follows at once; seeking asks us again.
  constexpr std::chrono::minutes lifetime{5};
  if (!config_.recordings.redirect) co_return std::optional<std::string>();
  co_return co_await objects_.link(key_of(file), lifetime);
}

core::Task<core::Result<std::uint64_t>> RecordingService::size(std::string file) {
  co_return co_await objects_.size(key_of(file));
}

core::Task<core::Result<std::string>> RecordingService::read(std::string file, std::uint64_t offset,
                                                             std::size_t length) {
  co_return co_await objects_.read(key_of(file), offset, length);
}

}  // namespace retell::services
