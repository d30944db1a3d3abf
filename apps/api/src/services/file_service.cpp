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
  const auto size = co_await objects_.size(key_of(name));
  if (!size) co_return tl::unexpected(size.error());
  co_return co_await objects_.read(key_of(name), 0, static_cast<std::size_t>(*size));
}

core::Task<core::Result<>> FileService::remove(std::string name) { co_return co_await objects_.remove(key_of(name)); }

std::string FileService::link(const std::string& name) const {
  return public_url_ + crypto::sign_path(route_of(name), 0, secret_);
}

bool FileService::opens(std::string_view name, std::string_view expires, std::string_view signature) const {
  // Links of this kind never expire, so no time is asked for.
  return crypto::verify_path(route_of(name), expires, signature, secret_, 0);
}

}  // namespace retell::services
