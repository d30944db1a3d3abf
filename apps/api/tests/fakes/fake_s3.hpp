// S3's object operations on loopback, strict where a signature goes wrong: every request is checked from the bytes that
// came, its body against its digest, its time against the clock. Buckets exist by being named.
#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "crypto/sigv4.hpp"
#include "fakes/fake_server.hpp"

namespace retell::fakes {

struct FakeS3Object {
  std::string content;
  std::string type;
  std::string encryption;
};

class FakeS3 {
 public:
  enum class Fault : std::uint8_t {
    none,
    slow_down,          // 503
    half_open,          // the request is taken and never answered
    error_in_complete,  // the end of a multipart upload says 200 with an error
    expired,            // 400 ExpiredToken
    forget_half,        // what is stored is shorter than what was sent
  };

  // Port 0: a free one.
  explicit FakeS3(crypto::AwsKeys keys, std::string region = "us-east-1", std::uint16_t port = 0);

  [[nodiscard]] std::string endpoint() const { return server_.url("http"); }
  FaultSwitch<Fault> fault;
  std::atomic<int> requests{0};
  Record<std::string> refused;  // why signatures were not accepted

  void set_keys(crypto::AwsKeys keys);
  [[nodiscard]] std::optional<FakeS3Object> object(const std::string& path) const;  // "bucket/key"
  [[nodiscard]] std::size_t objects() const;
  [[nodiscard]] std::size_t open_uploads() const;

 private:
  struct Upload {
    std::string path;
    std::string type;
    std::string encryption;
    std::map<int, std::string> parts = {};
  };
  core::Task<net::HttpResponse> handle(net::HttpRequest request);
  // Why the request is not to be trusted; nothing when it is.
  [[nodiscard]] std::optional<std::string> check(const net::HttpRequest& request) const;
  net::HttpResponse store(const net::HttpRequest& request, const std::string& path, Fault now);
  net::HttpResponse multipart(const net::HttpRequest& request, const std::string& path, Fault now);
  [[nodiscard]] net::HttpResponse show(const net::HttpRequest& request, const std::string& path) const;

  mutable std::mutex mutex_;
  crypto::AwsKeys keys_;
  std::string region_;
  std::map<std::string, FakeS3Object> objects_;
  std::map<std::string, Upload> uploads_;
  int made_ = 0;
  FakeServer server_;
};

}  // namespace retell::fakes
