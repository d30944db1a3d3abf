// The inside of ResponseStream. Internal to net/.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "net/client.hpp"
#include "net/connector.hpp"
#include "net/http_parser.hpp"

namespace retell::net {

class ResponseStream::Impl {
 public:
  Impl(std::unique_ptr<Connection> connection, std::weak_ptr<ConnectionPool> pool, std::string key,
       const ClientRequest& request);

  // Sends and waits for the answer's header, over interim answers. `nothing_came` tells whether the failure was before
  // the answer's first byte.
  [[nodiscard]] core::Task<core::Result<>> exchange(std::string head, const std::string& body);
  [[nodiscard]] bool nothing_came() const { return nothing_came_; }
  [[nodiscard]] core::Task<core::Result<std::string>> read();

  [[nodiscard]] unsigned status() const { return status_; }
  [[nodiscard]] const Headers& headers() const { return headers_; }

 private:
  [[nodiscard]] core::Task<core::Result<>> more();  // feeds the parser once
  void release();                                   // a finished connection back to its pool

  std::unique_ptr<Connection> connection_;  // null once the answer is complete or broken
  std::weak_ptr<ConnectionPool> pool_;
  std::string key_;
  std::chrono::milliseconds first_byte_timeout_;
  std::chrono::milliseconds idle_timeout_;
  std::size_t max_body_;
  bool to_head_;
  std::optional<ResponseParser> parser_;
  unsigned status_ = 0;
  Headers headers_;
  std::size_t body_read_ = 0;
  bool nothing_came_ = true;
  bool starved_ = false;  // the input held is too short to be understood
};

}  // namespace retell::net
