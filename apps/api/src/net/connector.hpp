// Opens connections for a Client and keeps the idle ones. Internal to net/; used on one worker's thread.
#pragma once
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <string>

#include "core/log.hpp"
#include "core/result.hpp"
#include "core/worker.hpp"
#include "net/client.hpp"
#include "net/connection.hpp"
#include "net/resolver.hpp"
#include "net/url.hpp"

namespace retell::net {

// Kept-alive connections by origin and reach; shared with answers that are still arriving, which return theirs.
class ConnectionPool : public std::enable_shared_from_this<ConnectionPool> {
 public:
  ConnectionPool(core::Worker& worker, const ClientOptions& options);
  [[nodiscard]] std::unique_ptr<Connection> take(const std::string& key);  // the freshest one that is alive, or null
  void give(const std::string& key, std::unique_ptr<Connection> connection);
  void close();  // drops all; later ones are not kept

 private:
  struct Idle {
    std::unique_ptr<Connection> connection;
    core::TimePoint since;
  };
  void sweep();
  std::size_t per_host_;
  std::chrono::milliseconds keep_alive_;
  std::map<std::string, std::list<Idle>> idle_;
  core::asio::steady_timer sweeper_;
  bool sweeping_ = false;
  bool closed_ = false;
};

class Connector {
 public:
  Connector(core::Worker& worker, const ClientOptions& options, const core::Logger& log);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  // Name, TCP (each address in turn) and TLS, together within `limit`.
  [[nodiscard]] core::Task<core::Result<std::unique_ptr<Connection>>> open(Url url, Reach reach,
                                                                           std::chrono::milliseconds limit);

 private:
  [[nodiscard]] core::Task<core::Result<std::unique_ptr<Connection>>> open_one(const Url& url,
                                                                               core::asio::ip::tcp::endpoint peer,
                                                                               core::TimePoint deadline, bool last);
  core::Worker& worker_;
  Resolver resolver_;
  SSL_CTX* context_;
};

}  // namespace retell::net
