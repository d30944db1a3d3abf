#include "net/resolver.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <map>
#include <netdb.h>
#include <set>
#include <sys/socket.h>

namespace retell::net {

namespace asio = core::asio;
using boost::system::error_code;
using core::ErrorCode;
using Addresses = std::vector<asio::ip::address>;

namespace {

constexpr std::size_t lookup_threads = 2;
constexpr std::size_t max_names = 4096;
constexpr auto fresh_for = std::chrono::seconds(30);
constexpr auto usable_for = std::chrono::minutes(5);
constexpr auto unknown_for = std::chrono::seconds(1);  // a name that does not resolve is not asked for again

// Blocks; gives nothing when the name does not resolve.
Addresses look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  Addresses addresses;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return addresses;
  for (const auto* item = list; item != nullptr; item = item->ai_next) {
    if (item->ai_family == AF_INET) {
      asio::ip::address_v4::bytes_type bytes{};
      std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in*>(item->ai_addr)->sin_addr, bytes.size());
      addresses.emplace_back(asio::ip::address_v4(bytes));
    } else if (item->ai_family == AF_INET6) {
      asio::ip::address_v6::bytes_type bytes{};
      std::memcpy(bytes.data(), &reinterpret_cast<const sockaddr_in6*>(item->ai_addr)->sin6_addr, bytes.size());
      addresses.emplace_back(asio::ip::address_v6(bytes));
    }
  }
  ::freeaddrinfo(list);
  return addresses;
}

}  // namespace

struct Resolver::Entry {
  Addresses addresses;
  core::TimePoint since;
  core::TimePoint failed_at = core::TimePoint::min();
  bool pending = false;
  std::set<asio::steady_timer*> waiting = {};  // each with its own deadline; cancelled when a look-up ends
};

struct Resolver::State {
  explicit State(core::Worker& on) : executor(on.executor()) {}
  core::Executor executor;
  std::map<std::string, std::shared_ptr<Entry>> entries;
};

Resolver::Resolver(core::Worker& worker) : threads_(lookup_threads), state_(std::make_shared<State>(worker)) {}

Resolver::~Resolver() {
  threads_.stop();
  threads_.join();
}

core::Task<core::Result<Addresses>> Resolver::resolve(std::string host, core::TimePoint deadline) {
  error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) co_return Addresses{literal};

  const auto state = state_;
  auto& slot = state->entries[host];
  if (!slot) slot = std::make_shared<Entry>();
  const auto entry = slot;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  if (!entry->addresses.empty() && now() - entry->since < fresh_for) co_return entry->addresses;
  const bool unknown = entry->failed_at != core::TimePoint::min() && now() - entry->failed_at < unknown_for;
  if (!entry->pending && !unknown) {
    if (state->entries.size() > max_names) {
      std::erase_if(state->entries, [&](const auto& item) { return item.second != entry && !item.second->pending; });
    }
    entry->pending = true;
    asio::post(threads_, [state, entry, host] {
      auto found = look_up(host);
      asio::post(state->executor, [entry, found = std::move(found)]() mutable {
        entry->pending = false;
        if (found.empty()) {
          entry->failed_at = std::chrono::steady_clock::now();
        } else {
          entry->addresses = std::move(found);
          entry->since = std::chrono::steady_clock::now();
        }
        for (auto* waiter : entry->waiting) waiter->cancel();
      });
    });
  }
  while (entry->pending && now() < deadline) {
    struct Waiter {
      Entry& entry;
      asio::steady_timer timer;
      Waiter(Entry& e, const core::Executor& executor, core::TimePoint until) : entry(e), timer(executor, until) {
        entry.waiting.insert(&timer);
      }
      ~Waiter() { entry.waiting.erase(&timer); }
      Waiter(const Waiter&) = delete;
      Waiter& operator=(const Waiter&) = delete;
    };
    Waiter waiter(*entry, state->executor, deadline);
    error_code ignored;
    co_await waiter.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      throw boost::system::system_error(asio::error::operation_aborted);
    }
  }
  if (!entry->addresses.empty() && now() - entry->since < usable_for) co_return entry->addresses;
  if (entry->pending) co_return core::fail(ErrorCode::timeout, "the look-up of " + host + " took too long");
  co_return core::fail(ErrorCode::unavailable, "the name " + host + " does not resolve");
}

}  // namespace retell::net
