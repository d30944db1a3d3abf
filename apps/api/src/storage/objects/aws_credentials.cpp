#include "storage/objects/aws_credentials.hpp"

#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>

#include "core/race.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace retell::storage {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

constexpr std::int64_t renew_before_ms = 5 * 60'000;  // AWS promises new keys at least five minutes before
constexpr std::int64_t look_again_ms = 30'000;        // after a renewal failed while the old ones still last
// Where ECS and the machine answer; both only from inside AWS.
constexpr const char* container_host = "http://169.254.170.2";
constexpr const char* machine_host = "http://169.254.169.254";

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

// Plain HTTP would show the keys to the network, so it is for this machine and AWS' own link-local hosts only.
bool may_be_asked(const std::string& url) {
  const auto parsed = net::parse_url(url);
  if (!parsed) return false;
  if (parsed->tls) return true;
  const auto& host = parsed->host;
  return host == "localhost" || host.starts_with("127.") || host == "::1" || host == "169.254.170.2" ||
         host == "169.254.170.23" || host == "fd00:ec2::23";
}

}  // namespace

AwsEnvironment aws_environment() {
  AwsEnvironment found;
  for (const auto* name :
       {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_REGION", "AWS_DEFAULT_REGION", "HOME"}) {
    if (const char* value = std::getenv(name); value != nullptr && *value != '\0') found.emplace(name, value);
  }
  return found;
}

std::optional<crypto::AwsKeys> parse_credentials_file(std::string_view text, std::string_view profile) {
  crypto::AwsKeys keys;
  bool inside = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      inside = line == "[" + std::string(profile) + "]";
      continue;
    }
    const auto equals = line.find('=');
    if (!inside || equals == std::string::npos) continue;
    const auto name = trimmed(std::string_view(line).substr(0, equals));
    auto value = trimmed(std::string_view(line).substr(equals + 1));
    if (name == "aws_access_key_id")
      keys.id = std::move(value);
    else if (name == "aws_secret_access_key")
      keys.secret = std::move(value);
    else if (name == "aws_session_token")
      keys.session_token = std::move(value);
  }
  if (keys.id.empty() || keys.secret.empty()) return std::nullopt;
  return keys;
}

std::optional<std::int64_t> parse_aws_time(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (end == nullptr || (*end != 'Z' && *end != '.')) return std::nullopt;
  return std::int64_t{::timegm(&parts)} * 1'000;
}

AwsCredentials::AwsCredentials(crypto::AwsKeys fixed, AwsEnvironment environment, AwsSend send,
                               const core::Clock& clock, core::Logger log)
    : fixed_(std::move(fixed)),
      environment_(std::move(environment)),
      send_(std::move(send)),
      clock_(clock),
      log_(std::move(log)) {}

std::string AwsCredentials::variable(const std::string& name) const {
  const auto found = environment_.find(name);
  return found == environment_.end() ? "" : found->second;
}

void AwsCredentials::forget() {
  found_.reset();
  next_look_ms_ = 0;
}

core::Task<core::Result<crypto::AwsKeys>> AwsCredentials::get() {
  if (!fixed_.id.empty()) co_return fixed_;
  const auto good_for = [&](std::int64_t ms) {
    return found_ && (!found_->expires_ms || *found_->expires_ms - core::epoch_ms(clock_.wall()) > ms);
  };
  if (good_for(renew_before_ms)) co_return found_->keys;
  const bool too_early = core::epoch_ms(clock_.wall()) < next_look_ms_;
  if (good_for(0) && (looking_ || too_early)) co_return found_->keys;
  while (looking_) co_await core::sleep_for(10ms);  // another request asks already
  if (good_for(renew_before_ms)) co_return found_->keys;
  looking_ = true;
  auto looked = co_await look();
  looking_ = false;
  if (looked) {
    found_ = std::move(*looked);
    co_return found_->keys;
  }
  next_look_ms_ = core::epoch_ms(clock_.wall()) + look_again_ms;
  if (good_for(0)) {
    log_.warn("the keys for the object store could not be renewed yet: {}", looked.error().message);
    co_return found_->keys;
  }
  co_return tl::unexpected(looked.error());
}

std::optional<AwsCredentials::Found> AwsCredentials::from_file() const {
  auto path = variable("AWS_SHARED_CREDENTIALS_FILE");
  if (path.empty() && !variable("HOME").empty()) path = variable("HOME") + "/.aws/credentials";
  if (path.empty()) return std::nullopt;
  const auto profile = variable("AWS_PROFILE");
  auto keys = parse_credentials_file(read_file(path), profile.empty() ? "default" : profile);
  if (!keys) return std::nullopt;
  // Whoever rewrites the file expects to be noticed.
  return Found{std::move(*keys), core::epoch_ms(clock_.wall()) + 2 * renew_before_ms};
}

core::Task<core::Result<AwsCredentials::Found>> AwsCredentials::look() {
  crypto::AwsKeys keys{variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"), variable("AWS_SESSION_TOKEN")};
  if (!keys.id.empty() && !keys.secret.empty()) co_return Found{std::move(keys)};
  if (auto found = from_file()) co_return std::move(*found);
  if (const auto path = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !path.empty()) {
    co_return co_await from_container(container_host + path);
  }
  if (const auto url = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"); !url.empty()) {
    co_return co_await from_container(url);
  }
  if (variable("AWS_EC2_METADATA_DISABLED") == "true") {
    co_return fail(ErrorCode::unavailable, "there are no keys for the object store");
  }
  co_return co_await from_machine();
}

core::Result<AwsCredentials::Found> AwsCredentials::read_keys(const std::string& body) {
  const auto document = json::parse(body);
  const auto text = [&](const char* name) {
    const auto* value = document && document->is_object() ? document->get_object().if_contains(name) : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  Found found{{text("AccessKeyId"), text("SecretAccessKey"), text("Token")}, parse_aws_time(text("Expiration"))};
  if (found.keys.id.empty() || found.keys.secret.empty()) {
    return fail(ErrorCode::unavailable, "the credentials endpoint gave no keys");
  }
  return found;
}

core::Task<core::Result<std::string>> AwsCredentials::fetch(net::ClientRequest request, std::string what) {
  request.reach = net::Reach::any;
  request.connect_timeout = 1s;  // link-local: it answers at once or is not there
  request.first_byte_timeout = 5s;
  request.max_body = std::size_t{64} << 10U;
  auto answer = co_await send_(std::move(request));
  if (!answer) co_return fail(ErrorCode::unavailable, what + ": " + answer.error().message);
  if (answer->status != 200) {
    co_return fail(ErrorCode::unavailable, what + " answered " + std::to_string(answer->status));
  }
  co_return std::move(answer->body);
}

core::Task<core::Result<AwsCredentials::Found>> AwsCredentials::from_container(std::string url) {
  if (!may_be_asked(url)) {
    co_return fail(ErrorCode::unavailable, "AWS_CONTAINER_CREDENTIALS_FULL_URI: https, or http to this machine or AWS");
  }
  net::ClientRequest request;
  request.url = std::move(url);
  auto token = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const auto file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
    token = trimmed(read_file(file));  // rotated, so read each time
  }
  if (!token.empty()) request.headers.set("Authorization", token);
  const auto body = co_await fetch(std::move(request), "the container's credentials endpoint");
  if (!body) co_return tl::unexpected(body.error());
  co_return read_keys(*body);
}

core::Task<core::Result<AwsCredentials::Found>> AwsCredentials::from_machine() {
  auto host = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (host.empty()) host = machine_host;
  while (host.ends_with('/')) host.pop_back();
  net::ClientRequest session;
  session.method = "PUT";
  session.url = host + "/latest/api/token";
  session.headers.set("X-aws-ec2-metadata-token-ttl-seconds", "300");
  const auto token = co_await fetch(std::move(session), "the machine's metadata");
  if (!token) {
    co_return fail(ErrorCode::unavailable, "there are no keys for the object store (" + token.error().message + ")");
  }
  const auto path = host + "/latest/meta-data/iam/security-credentials/";
  net::ClientRequest roles;
  roles.url = path;
  roles.headers.set("X-aws-ec2-metadata-token", *token);
  const auto listed = co_await fetch(std::move(roles), "the machine's role");
  if (!listed) co_return tl::unexpected(listed.error());
  net::ClientRequest request;
  request.url = path + net::percent_encode(trimmed(listed->substr(0, listed->find('\n'))));
  request.headers.set("X-aws-ec2-metadata-token", *token);
  const auto body = co_await fetch(std::move(request), "the machine's role");
  if (!body) co_return tl::unexpected(body.error());
  co_return read_keys(*body);
}

}  // namespace retell::storage
