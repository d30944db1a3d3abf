#include "services/file_service.hpp"

#include "crypto/signed_url.hpp"

namespace retell::services {
namespace {

std::string route_of(std::string_view name) { return "/files/" + std::string(name); }
std::string key_of(std::string_view name) { return "files/" + std::string(name); }

}  // namespace

core::Task<core::Result<>> FileService::put(std::string name, std::string content) {
  co_return co_await objects_.put(key_of(name), std::move(content));
}

core::Task<core::Result<std::string>> FileService::read(std::string name) {
  const auto bytes = co_await size(name);
  if (!bytes) co_return tl::unexpected(bytes.error());
  co_return co_await read(std::move(name), 0, static_cast<std::size_t>(*bytes));
}

core::Task<core::Result<std::string>> FileService::read(std::string name, std::uint64_t offset, std::size_t length) {
  co_return co_await objects_.read(key_of(name), offset, length);
}

core::Task<core::Result<std::uint64_t>> FileService::size(std::string name) {
  co_return co_await objects_.size(key_of(name));
}

core::Task<core::Result<>> FileService::remove(std::string name) { co_return co_await objects_.remove(key_of(name)); }

std::string FileService::link(const std::string& name) const {
  const auto expires = core::epoch_ms(clock_.wall()) + links_.lifetime.count();
  return links_.public_url + crypto::sign_path(route_of(name), expires, links_.secret);
}

bool FileService::opens(std::string_view name, std::string_view expires, std::string_view signature) const {
  // Signed for ever by an earlier version of this server: whoever has come by such a link would keep the file.
  if (expires == "0") return false;
  return crypto::verify_path(route_of(name), expires, signature, links_.secret, core::epoch_ms(clock_.wall()));
}

core::Task<core::Result<std::optional<std::string>>> FileService::elsewhere(std::string name) {
  // A browser follows at once.
  constexpr std::chrono::minutes lifetime{5};
  if (!links_.redirect) co_return std::optional<std::string>();
  co_return co_await objects_.link(key_of(name), lifetime);
}

}  // namespace retell::services
