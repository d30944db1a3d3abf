#include "services/sign_in_guard.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

#include "crypto/encoding.hpp"

namespace retell::services {
namespace {

constexpr auto memory = std::chrono::hours(1);  // after an hour of quiet all is forgotten

core::Error locked(std::int64_t wait_ms) {
  const auto seconds = (wait_ms + 999) / 1000;
  core::Error error{core::ErrorCode::rate_limited,
                    "Too many attempts to sign in. Try again in " + std::to_string(seconds) + " s."};
  error.retry_after = std::chrono::milliseconds(wait_ms);
  return error;
}

std::string account_subject(const std::string& email) { return "account:" + email; }

}  // namespace

std::chrono::milliseconds lock_after(std::int64_t excess) {
  constexpr std::int64_t longest_ms = 900'000;
  constexpr std::int64_t most_doublings = 10;
  const auto doublings = std::clamp<std::int64_t>(excess - 1, 0, most_doublings);
  return std::chrono::milliseconds(std::min(longest_ms, std::int64_t{1'000} << doublings));
}

std::string address_subject(std::string_view address) {
  boost::system::error_code problem;
  const auto parsed = boost::asio::ip::make_address(std::string(address), problem);
  if (problem || !parsed.is_v6() || parsed.to_v6().is_v4_mapped()) return "address:" + std::string(address);
  const auto bytes = parsed.to_v6().to_bytes();
  constexpr std::size_t network = 8;
  return "address:" + crypto::to_hex({reinterpret_cast<const char*>(bytes.data()), network}) + "/64";
}

core::Task<core::Result<>> SignInGuard::count(std::string subject, int free) {
  const auto now = core::epoch_ms(clock_.wall());
  const auto attempts = co_await attempts_.count(subject, now, memory);
  if (!attempts) co_return tl::unexpected(attempts.error());
  if (attempts->has_value() && **attempts <= free) co_return core::Result<>{};
  if (attempts->has_value()) {
    // One try per lock: of several at the same moment, the one that locks goes on.
    const auto wait = lock_after(**attempts - free);
    const auto won = co_await attempts_.lock(subject, now, now + wait.count());
    if (!won) co_return tl::unexpected(won.error());
    if (*won) co_return core::Result<>{};
  }
  const auto until = co_await attempts_.free_at(std::move(subject));
  if (!until) co_return tl::unexpected(until.error());
  co_return tl::unexpected<core::Error>(locked(std::max<std::int64_t>(*until - now, 1)));
}

core::Task<core::Result<>> SignInGuard::enter(std::string email, std::string address) {
  auto allowed = co_await count(address_subject(address), free_for_address);
  if (!allowed) co_return allowed;
  co_return co_await count(account_subject(email), free_for_account);
}

core::Task<core::Result<>> SignInGuard::passed(std::string email, std::string address) {
  auto done = co_await attempts_.forgive(address_subject(address));
  if (!done) co_return done;
  co_return co_await attempts_.forget(account_subject(email));
}

core::Task<core::Result<>> SignInGuard::forget_account(std::string email) {
  co_return co_await attempts_.forget(account_subject(email));
}

core::Task<core::Result<>> SignInGuard::sweep() {
  co_return co_await attempts_.sweep(core::epoch_ms(clock_.wall()) - std::chrono::milliseconds(memory).count());
}

}  // namespace retell::services
