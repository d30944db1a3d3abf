// One connection to Redis, kept open: commands of all callers travel in one pipeline, and a server that is gone is
// looked for in the background, so that it costs its callers nothing. Lives on one worker's thread.
#pragma once
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/log.hpp"
#include "core/task.hpp"
#include "core/worker.hpp"
#include "net/connector.hpp"
#include "storage/cache/resp.hpp"

namespace retell::storage {

struct RedisAddress {
  bool tls = false;
  std::string host = {};
  std::uint16_t port = 6379;
  std::string user = {};      // empty with a password: Redis' "default"
  std::string password = {};  // secret
  int database = 0;
};

// redis://[user[:password]@]host[:port][/database], or rediss:// for TLS. The message never repeats the address.
[[nodiscard]] core::Result<RedisAddress> parse_redis_url(const std::string& url);

struct RedisOptions {
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds command_timeout{250};  // the longest that a server that died can hold anybody up, once
  std::string ca_file = {};                        // additional trusted certificates (PEM)
};

class RedisClient {
 public:
  RedisClient(core::Worker& worker, RedisAddress address, RedisOptions options, core::Logger log);

  // What happens around connections, on the worker.
  struct Owner {
    // Runs on every new connection before anybody else may use it, by greet(); false gives the connection up.
    std::function<core::Task<bool>()> greet;
    std::function<void(bool)> changed;  // up or down
  };
  // Connects, and again when the connection is lost, until cancelled.
  [[nodiscard]] core::Task<void> run(Owner owner);

  // unavailable: at once while there is no connection; after command_timeout, which ends the connection, otherwise.
  // A failure that Redis reports is a value.
  [[nodiscard]] core::Task<core::Result<resp::Value>> command(std::string encoded);
  // The same for the owner's greeting.
  [[nodiscard]] core::Task<core::Result<resp::Value>> greet(std::string encoded) { return send(std::move(encoded)); }

 private:
  struct Pending {
    explicit Pending(core::asio::io_context& loop) : answered(loop) {}
    core::asio::steady_timer answered;  // cancelled by the answer
    std::optional<resp::Value> answer;
    bool lost = false;
  };

  [[nodiscard]] core::Task<void> serve(const Owner& owner);
  [[nodiscard]] core::Task<void> read();
  [[nodiscard]] core::Task<void> write();
  [[nodiscard]] core::Task<core::Result<>> introduce();
  [[nodiscard]] core::Task<core::Result<resp::Value>> send(std::string encoded);
  void hang_up();  // whoever waits is told
  void deliver(resp::Value value);

  core::Worker& worker_;
  RedisAddress address_;
  RedisOptions options_;
  core::Logger log_;
  net::Connector connector_;
  std::unique_ptr<net::Connection> connection_;
  std::deque<std::shared_ptr<Pending>> pending_;  // in the order of the answers to come
  std::string output_;
  core::asio::steady_timer has_output_;
  bool up_ = false;      // commands may be sent
  bool was_up_ = false;  // during this connection
  std::string trouble_;  // why the last attempt failed; said once
};

}  // namespace retell::storage
