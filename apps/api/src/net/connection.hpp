// A TCP connection with optional TLS, buffered input and one deadline: what HTTP and WebSockets on both sides stand on.
// Internal to net/. Lives on one worker's thread and has one owner, who keeps it while an operation is pending.
#pragma once
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"
#include "net/descriptor.hpp"

typedef struct ssl_ctx_st SSL_CTX;

namespace retell::net {

using Socket = core::asio::basic_stream_socket<core::asio::ip::tcp, core::asio::io_context::executor_type>;

// Gets the results of the callback operations below; always called from the event loop, never from inside the call.
class ConnectionListener {
 public:
  virtual ~ConnectionListener() = default;
  virtual void on_read(boost::system::error_code error, std::size_t count) = 0;
  virtual void on_write(boost::system::error_code error) = 0;
};

// A plain connection on its way to another worker: the descriptor, and what was read from it but not yet used.
struct DetachedConnection {
  Descriptor descriptor;
  std::string input;
};

class Connection {
 public:
  explicit Connection(core::Worker& worker);
  Connection(core::Worker& worker, int accepted);  // takes the descriptor
  Connection(core::Worker& worker, DetachedConnection arrived);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Coroutine operations, one at a time. Errors: timeout when the deadline passed, io otherwise; cancellation of the
  // task, and close() by another, throw operation_aborted.
  [[nodiscard]] core::Task<core::Result<>> connect(core::asio::ip::tcp::endpoint peer);
  // Client side: verifies the chain against `context` and the certificate against `host` (name or IP literal).
  [[nodiscard]] core::Task<core::Result<>> start_tls(SSL_CTX* context, std::string host);
  [[nodiscard]] core::Task<core::Result<std::size_t>> fill();  // more input; 0 at its end
  [[nodiscard]] core::Task<core::Result<>> write(std::string_view head, std::string_view body = {});
  // Half-closes, then reads and drops what comes until the peer closes, so that it sees our last answer rather than a
  // reset, which many clients meet while they still write a body. Bounded by the deadline and by 64 MiB.
  [[nodiscard]] core::Task<void> linger();

  [[nodiscard]] std::string_view input() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t count) { begin_ += count; }

  // Callback operations for the media path, one of each kind at a time; `listener` stays alive until it was called.
  void start_read(std::span<char> into, std::shared_ptr<ConnectionListener> listener);
  // As many bytes as the kernel takes at once; 0 when it takes none, nothing when the connection is broken. Plain only.
  [[nodiscard]] std::optional<std::size_t> write_now(std::string_view bytes);
  void wait_writable(std::shared_ptr<ConnectionListener> listener);                        // plain only
  void start_write(std::string_view bytes, std::shared_ptr<ConnectionListener> listener);  // all of it

  // Most bytes that the kernel takes beyond those it has put on the wire: on a line that stands still the rest waits
  // here, where it can be counted, instead of bursting out when it moves again.
  void keep_unsent_below(int bytes);

  // One deadline for whatever is pending then: when it passes, the connection is closed. Setting it again is cheap.
  void expires_after(std::chrono::milliseconds limit);
  void expires_never();
  [[nodiscard]] bool timed_out() const { return timed_out_; }

  // Lets go of the socket, so that another worker can take it: plain, and with no operation pending. Nothing when that
  // cannot be done. This connection is closed then.
  [[nodiscard]] std::optional<DetachedConnection> detach();
  void close();
  [[nodiscard]] bool is_open() const { return socket_.is_open(); }
  [[nodiscard]] bool tls() const { return tls_ != nullptr; }
  // True when an idle connection has something to read, which for HTTP means that it is dead or about to be.
  [[nodiscard]] bool stale();
  [[nodiscard]] std::string peer_ip() const;

 private:
  struct Tls;
  struct Deadline;
  [[nodiscard]] core::Error failure(const char* what, boost::system::error_code error) const;
  void prepare_socket();

  Socket socket_;
  std::unique_ptr<Tls> tls_;
  std::shared_ptr<Deadline> deadline_;  // shared with its own pending wait
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool timed_out_ = false;
};

}  // namespace retell::net
