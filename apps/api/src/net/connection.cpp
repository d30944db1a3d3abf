#include "net/connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace retell::net {

namespace asio = core::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;
using core::ErrorCode;

namespace {

constexpr std::size_t first_buffer = 4096;
constexpr std::size_t grown_buffer = std::size_t{64} << 10;
constexpr std::size_t linger_bytes = std::size_t{64} << 20;
// A server that has vanished without a word acknowledges nothing. After so long our connection to it is broken, while
// there still is time to ask over another; TCP by itself goes on for a quarter of an hour.
constexpr std::chrono::milliseconds unacknowledged_limit{3'000};

const error_code stream_truncated = ssl::error::stream_truncated;

struct ReadHandler {
  std::shared_ptr<ConnectionListener> listener;
  void operator()(error_code error, std::size_t count) const { listener->on_read(error, count); }
};

struct WriteHandler {
  std::shared_ptr<ConnectionListener> listener;
  void operator()(error_code error, std::size_t = 0) const { listener->on_write(error); }
};

}  // namespace

struct Connection::Tls {
  // The context is the client's and outlives its connections through OpenSSL's own reference count.
  Tls(Socket& socket, SSL_CTX* shared) : context((SSL_CTX_up_ref(shared), shared)), stream(socket, context) {}
  ssl::context context;
  ssl::stream<Socket&> stream;
};

// Outlives its connection while a wait is pending; `connection` is then null.
struct Connection::Deadline : std::enable_shared_from_this<Deadline> {
  Deadline(Connection& owner, const asio::io_context::executor_type& executor) : connection(&owner), timer(executor) {}

  void set(core::TimePoint at) {
    when = at;
    if (armed && when >= armed_for) return;  // the pending wait looks again when it ends
    armed = true;
    armed_for = when;
    timer.expires_at(when);
    timer.async_wait([self = shared_from_this()](error_code error) { self->fired(error); });
  }

  void fired(error_code error) {
    if (error || connection == nullptr) return;
    armed = false;
    if (when == core::TimePoint::max()) return;
    if (std::chrono::steady_clock::now() < when) {
      set(when);
      return;
    }
    connection->timed_out_ = true;
    connection->close();
  }

  Connection* connection;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::io_context::executor_type>
      timer;
  core::TimePoint when = core::TimePoint::max();
  core::TimePoint armed_for;
  bool armed = false;
};

Connection::Connection(core::Worker& worker)
    : socket_(worker.context()), deadline_(std::make_shared<Deadline>(*this, worker.context().get_executor())) {}

Connection::Connection(core::Worker& worker, int accepted) : Connection(worker) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  const bool v6 =
      ::getsockname(accepted, reinterpret_cast<sockaddr*>(&address), &size) == 0 && address.ss_family == AF_INET6;
  socket_.assign(v6 ? asio::ip::tcp::v6() : asio::ip::tcp::v4(), accepted);
  prepare_socket();
}

Connection::Connection(core::Worker& worker, DetachedConnection arrived)
    : Connection(worker, arrived.descriptor.release()) {
  buffer_.assign(arrived.input.begin(), arrived.input.end());
  end_ = buffer_.size();
}

Connection::~Connection() {
  deadline_->connection = nullptr;
  deadline_->timer.cancel();
}

void Connection::prepare_socket() {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.native_non_blocking(true, ignored);
}

void Connection::keep_unsent_below(int bytes) {
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

core::Error Connection::failure(const char* what, error_code error) const {
  if (timed_out_) return {ErrorCode::timeout, std::string(what) + ": the deadline passed"};
  if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
    throw boost::system::system_error(asio::error::operation_aborted);
  }
  return {ErrorCode::io, std::string(what) + ": " + error.message()};
}

core::Task<core::Result<>> Connection::connect(asio::ip::tcp::endpoint peer) {
  error_code error;
  socket_.open(peer.protocol(), error);
  if (!error) co_await socket_.async_connect(peer, asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return tl::unexpected(failure("connect", error));
  prepare_socket();
  const auto patience = static_cast<unsigned>(unacknowledged_limit.count());
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
  co_return core::Result<>();
}

core::Task<core::Result<>> Connection::start_tls(SSL_CTX* context, std::string host) {
  tls_ = std::make_unique<Tls>(socket_, context);
  auto* handle = tls_->stream.native_handle();
  error_code not_ip;
  (void)asio::ip::make_address(host, not_ip);
  auto* verify = SSL_get0_param(handle);
  if (not_ip) {
    SSL_set_tlsext_host_name(handle, host.c_str());
    X509_VERIFY_PARAM_set_hostflags(verify, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(verify, host.c_str(), host.size());
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(verify, host.c_str());
  }
  SSL_set_verify(handle, SSL_VERIFY_PEER, nullptr);
  error_code error;
  co_await tls_->stream.async_handshake(ssl::stream_base::client, asio::redirect_error(asio::use_awaitable, error));
  if (!error) co_return core::Result<>();
  if (const auto verdict = SSL_get_verify_result(handle); verdict != X509_V_OK && !timed_out_) {
    co_return core::fail(ErrorCode::protocol, "TLS: the certificate of " + host +
                                                  " is not trusted: " + X509_verify_cert_error_string(verdict));
  }
  co_return tl::unexpected(failure("TLS handshake", error));
}

core::Task<core::Result<std::size_t>> Connection::fill() {
  if (begin_ == end_) begin_ = end_ = 0;
  if (buffer_.empty()) buffer_.resize(first_buffer);
  if (end_ == buffer_.size()) {
    if (begin_ > 0) {
      std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_), buffer_.end(), buffer_.begin());
      end_ -= begin_;
      begin_ = 0;
    } else {
      buffer_.resize(buffer_.size() < grown_buffer ? grown_buffer : buffer_.size() * 2);
    }
  }
  const auto room = asio::buffer(buffer_.data() + end_, buffer_.size() - end_);
  error_code error;
  std::size_t count = 0;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  if (tls_) {
    count = co_await tls_->stream.async_read_some(room, token);
  } else {
    count = co_await socket_.async_read_some(room, token);
  }
  end_ += count;
  if (!error) co_return count;
  // A peer that ends without TLS's close_notify is common; whoever needs a length finds the message short.
  if (error == asio::error::eof || error == stream_truncated) co_return std::size_t{0};
  co_return tl::unexpected(failure("read", error));
}

core::Task<core::Result<>> Connection::write(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
  error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  if (tls_) {
    co_await asio::async_write(tls_->stream, parts, token);
  } else {
    co_await asio::async_write(socket_, parts, token);
  }
  if (error) co_return tl::unexpected(failure("write", error));
  co_return core::Result<>();
}

core::Task<void> Connection::linger() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  if (buffer_.size() < grown_buffer) buffer_.resize(grown_buffer);
  for (std::size_t dropped = 0; dropped < linger_bytes;) {
    begin_ = end_ = 0;
    const auto count = co_await fill();
    if (!count || *count == 0) break;
    dropped += *count;
  }
  close();
}

void Connection::start_read(std::span<char> into, std::shared_ptr<ConnectionListener> listener) {
  const auto room = asio::buffer(into.data(), into.size());
  if (tls_) {
    tls_->stream.async_read_some(room, ReadHandler{std::move(listener)});
  } else {
    socket_.async_read_some(room, ReadHandler{std::move(listener)});
  }
}

std::optional<std::size_t> Connection::write_now(std::string_view bytes) {
  for (;;) {
    const auto count = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return std::nullopt;
  }
}

void Connection::wait_writable(std::shared_ptr<ConnectionListener> listener) {
  socket_.async_wait(Socket::wait_write, WriteHandler{std::move(listener)});
}

void Connection::start_write(std::string_view bytes, std::shared_ptr<ConnectionListener> listener) {
  const auto part = asio::buffer(bytes);
  if (tls_) {
    asio::async_write(tls_->stream, part, WriteHandler{std::move(listener)});
  } else {
    asio::async_write(socket_, part, WriteHandler{std::move(listener)});
  }
}

void Connection::expires_after(std::chrono::milliseconds limit) {
  deadline_->set(std::chrono::steady_clock::now() + limit);
}

void Connection::expires_never() { deadline_->when = core::TimePoint::max(); }

std::optional<DetachedConnection> Connection::detach() {
  expires_never();
  if (tls_ || !socket_.is_open()) return std::nullopt;
  error_code error;
  DetachedConnection out{Descriptor(socket_.release(error)), std::string(input())};
  begin_ = end_ = 0;
  if (error) return std::nullopt;
  return out;
}

void Connection::close() {
  deadline_->when = core::TimePoint::max();
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_both, ignored);
  socket_.close(ignored);
}

bool Connection::stale() {
  if (!socket_.is_open() || begin_ != end_) return true;
  char byte = 0;
  const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (count < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
  // TLS peers send session tickets at any time; those are no reason to drop the connection.
  return count == 0 || tls_ == nullptr;
}

std::string Connection::peer_ip() const {
  error_code error;
  const auto peer = socket_.remote_endpoint(error);
  if (error) return {};
  auto address = peer.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace retell::net
