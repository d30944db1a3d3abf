// Objects in S3 or what speaks like it (MinIO, Ceph, R2). A thread of its own encrypts, signs and waits.
#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/service_thread.hpp"
#include "net/client.hpp"
#include "storage/objects/aws_credentials.hpp"
#include "storage/objects/object_store.hpp"

namespace retell::storage {

struct S3Options {
  std::string bucket;
  std::string prefix = {};  // before every name, with a slash at its end; or empty
  std::string region = {};
  std::string endpoint = {};    // "http://127.0.0.1:9000"; empty: AWS
  bool path_style = false;      // bucket in the path, not in the host's name
  std::string encryption = {};  // "AES256", "aws:kms", or empty: the bucket's own
  std::string kms_key = {};
  crypto::AwsKeys keys = {};  // empty: from where AWS' tools take them
  std::string ca_file = {};
  std::uint64_t part_size = std::uint64_t{8} << 20U;  // larger files are sent in parts; AWS wants at least 5 MiB
  int attempts = 4;                                   // of one request
  std::chrono::milliseconds answer_timeout{30'000};
};

// "s3://bucket/prefix" to bucket and prefix. Errors: invalid.
[[nodiscard]] core::Result<std::pair<std::string, std::string>> parse_s3_address(const std::string& address);

class S3Store final : public ObjectStore {
 public:
  S3Store(S3Options options, AwsEnvironment environment, core::BlockingPool& files, const core::Clock& clock,
          core::Logger log);
  ~S3Store() override;

  [[nodiscard]] core::Task<core::Result<>> put(std::string name, std::string content) override;
  // Sends, asks S3 what it has, and only then removes the file.
  [[nodiscard]] core::Task<core::Result<>> adopt(std::string name, std::string local_path) override;
  [[nodiscard]] core::Task<core::Result<std::uint64_t>> size(std::string name) override;
  [[nodiscard]] core::Task<core::Result<std::string>> read(std::string name, std::uint64_t offset,
                                                           std::size_t length) override;
  [[nodiscard]] core::Task<core::Result<>> remove(std::string name) override;
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> link(std::string name,
                                                                          std::chrono::seconds lifetime) override;

 private:
  struct Call {
    std::string method;
    std::string name;  // of the object
    std::vector<std::pair<std::string, std::string>> query = {};
    std::map<std::string, std::string> headers = {};  // lower-case names
    std::string body = {};
  };
  [[nodiscard]] core::Task<core::Result<net::HttpResponse>> send(Call call);  // tries again where that may help
  [[nodiscard]] core::Task<core::Result<net::HttpResponse>> send_once(const Call& call);
  [[nodiscard]] core::Task<core::Result<>> upload(std::string name, std::string content);
  [[nodiscard]] core::Task<core::Result<>> upload_file(std::string name, std::string path);
  [[nodiscard]] core::Task<core::Result<>> upload_parts(std::string name, std::string path, std::uint64_t size);
  [[nodiscard]] core::Task<core::Result<std::uint64_t>> ask_size(std::string name);
  [[nodiscard]] core::Task<core::Result<std::string>> fetch(std::string name, std::uint64_t offset, std::size_t length);
  [[nodiscard]] core::Task<core::Result<>> erase(std::string name);
  [[nodiscard]] core::Task<core::Result<std::optional<std::string>>> presign(std::string name,
                                                                             std::chrono::seconds lifetime);
  [[nodiscard]] std::string path_of(const std::string& name) const;
  [[nodiscard]] std::map<std::string, std::string> storing_headers(const std::string& name) const;

  S3Options options_;
  std::string origin_;  // scheme and host
  std::string host_;    // as it is signed
  core::BlockingPool& files_;
  const core::Clock& clock_;
  core::Logger log_;
  core::ServiceThread thread_{"objects"};
  net::Client client_;
  AwsCredentials credentials_;
};

}  // namespace retell::storage
