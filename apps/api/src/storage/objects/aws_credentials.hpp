// Keys for AWS, from where AWS' own tools would take them: the configuration, AWS_* variables, the shared credentials
// file, the container's endpoint (ECS task roles, EKS pod identity), the machine's role (IMDSv2).
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "crypto/sigv4.hpp"
#include "net/client.hpp"

namespace retell::storage {

using AwsEnvironment = std::map<std::string, std::string>;
[[nodiscard]] AwsEnvironment aws_environment();  // the variables of this process that matter here

using AwsSend = std::function<core::Task<core::Result<net::HttpResponse>>(net::ClientRequest)>;

class AwsCredentials {
 public:
  // `fixed`: from the configuration; used alone when its id is not empty. Lives on the executor that `send` runs on.
  AwsCredentials(crypto::AwsKeys fixed, AwsEnvironment environment, AwsSend send, const core::Clock& clock,
                 core::Logger log);

  // Temporary keys are renewed five minutes before they expire; while that fails, those that are still good are used.
  // unavailable when there are none.
  [[nodiscard]] core::Task<core::Result<crypto::AwsKeys>> get();
  void forget();  // the service says that they are no longer good

 private:
  struct Found {
    crypto::AwsKeys keys;
    std::optional<std::int64_t> expires_ms = {};  // nothing: never
  };
  [[nodiscard]] core::Task<core::Result<Found>> look();
  [[nodiscard]] core::Task<core::Result<Found>> from_container(std::string url);
  [[nodiscard]] core::Task<core::Result<Found>> from_machine();
  [[nodiscard]] std::optional<Found> from_file() const;
  [[nodiscard]] static core::Result<Found> read_keys(const std::string& body);
  [[nodiscard]] std::string variable(const std::string& name) const;
  [[nodiscard]] core::Task<core::Result<std::string>> fetch(net::ClientRequest request, std::string what);

  crypto::AwsKeys fixed_;
  AwsEnvironment environment_;
  AwsSend send_;
  const core::Clock& clock_;
  core::Logger log_;
  std::optional<Found> found_;
  bool looking_ = false;
  std::int64_t next_look_ms_ = 0;  // after a renewal failed
};

// The keys in the text of a shared credentials file; nothing when the profile is not there.
[[nodiscard]] std::optional<crypto::AwsKeys> parse_credentials_file(std::string_view text, std::string_view profile);
// "2026-11-26T17:00:00Z" in epoch milliseconds; nothing for another form.
[[nodiscard]] std::optional<std::int64_t> parse_aws_time(const std::string& text);

}  // namespace retell::storage
