#include "net/connector.hpp"

#include <openssl/ssl.h>

#include "net/address.hpp"

namespace retell::net {

namespace asio = core::asio;
using boost::system::error_code;
using core::ErrorCode;
using core::Millis;

namespace {

// How long one of several addresses may keep the others waiting.
constexpr auto try_next_after = std::chrono::milliseconds(1'500);

Millis until(core::TimePoint deadline) {
  return std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
}

}  // namespace

ConnectionPool::ConnectionPool(core::Worker& worker, const ClientOptions& options)
    : per_host_(options.idle_per_host), keep_alive_(options.keep_alive), sweeper_(worker.context()) {}

std::unique_ptr<Connection> ConnectionPool::take(const std::string& key) {
  const auto found = idle_.find(key);
  if (found == idle_.end()) return nullptr;
  auto& list = found->second;
  const auto now = std::chrono::steady_clock::now();
  std::unique_ptr<Connection> taken;
  while (!list.empty() && !taken) {
    auto candidate = std::move(list.back());
    list.pop_back();
    if (now - candidate.since < keep_alive_ && !candidate.connection->stale()) taken = std::move(candidate.connection);
  }
  if (list.empty()) idle_.erase(found);
  return taken;
}

void ConnectionPool::give(const std::string& key, std::unique_ptr<Connection> connection) {
  if (closed_ || per_host_ == 0 || !connection->is_open() || !connection->input().empty()) return;
  connection->expires_never();
  auto& list = idle_[key];
  if (list.size() >= per_host_) list.pop_front();
  list.push_back({std::move(connection), std::chrono::steady_clock::now()});
  sweep();
}

void ConnectionPool::sweep() {
  if (sweeping_ || closed_ || idle_.empty()) return;
  sweeping_ = true;
  sweeper_.expires_after(keep_alive_);
  sweeper_.async_wait([weak = weak_from_this()](error_code error) {
    const auto self = weak.lock();
    if (!self || error) return;
    self->sweeping_ = false;
    const auto now = std::chrono::steady_clock::now();
    for (auto& [key, list] : self->idle_) {
      list.remove_if(
          [&](const Idle& idle) { return now - idle.since >= self->keep_alive_ || idle.connection->stale(); });
    }
    std::erase_if(self->idle_, [](const auto& item) { return item.second.empty(); });
    self->sweep();
  });
}

void ConnectionPool::close() {
  closed_ = true;
  idle_.clear();
  sweeper_.cancel();
}

Connector::Connector(core::Worker& worker, const ClientOptions& options, const core::Logger& log)
    : worker_(worker), resolver_(worker), context_(SSL_CTX_new(TLS_client_method())) {
  if (context_ == nullptr) throw std::bad_alloc();
  SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
  SSL_CTX_set_default_verify_paths(context_);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);  // an idle connection then costs little memory
  if (!options.ca_file.empty() && SSL_CTX_load_verify_file(context_, options.ca_file.c_str()) != 1) {
    log.error("no certificates could be read from the CA file {}", options.ca_file);
  }
}

Connector::~Connector() { SSL_CTX_free(context_); }

core::Task<core::Result<std::unique_ptr<Connection>>> Connector::open(Url url, Reach reach, Millis limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  auto addresses = co_await resolver_.resolve(url.host, deadline);
  if (!addresses) co_return tl::unexpected(addresses.error());
  if (reach == Reach::public_only) {
    std::erase_if(*addresses, [](const auto& address) { return !is_public(address); });
    if (addresses->empty()) {
      co_return core::fail(ErrorCode::forbidden, "the address of " + url.host +
                                                     " is not on the public Internet (the operator's setting "
                                                     "security.allow_private_networks allows such)");
    }
  }
  core::Error error{.code = ErrorCode::timeout, .message = "connect to " + url.host + ": the deadline passed"};
  for (std::size_t i = 0; i < addresses->size() && until(deadline).count() > 0; ++i) {
    const asio::ip::tcp::endpoint peer((*addresses)[i], url.port);
    auto opened = co_await open_one(url, peer, deadline, i + 1 == addresses->size());
    if (opened) co_return opened;
    error = std::move(opened.error());
    error.message = url.host + ": " + error.message;
  }
  co_return tl::unexpected(std::move(error));
}

core::Task<core::Result<std::unique_ptr<Connection>>> Connector::open_one(const Url& url, asio::ip::tcp::endpoint peer,
                                                                          core::TimePoint deadline, bool last) {
  auto connection = std::make_unique<Connection>(worker_);
  const auto left = until(deadline);
  connection->expires_after(last ? left : std::min<Millis>(left, try_next_after));
  auto connected = co_await connection->connect(peer);
  if (!connected) co_return tl::unexpected(connected.error());
  connection->expires_after(until(deadline));
  if (url.tls) {
    auto secured = co_await connection->start_tls(context_, url.host);
    if (!secured) co_return tl::unexpected(secured.error());
  }
  connection->expires_never();
  co_return connection;
}

}  // namespace retell::net
