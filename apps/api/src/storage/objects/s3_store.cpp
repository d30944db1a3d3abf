#include "storage/objects/s3_store.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/race.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "net/url.hpp"

namespace retell::storage {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using core::ErrorCode;
using core::fail;

constexpr auto first_pause = 200ms;  // between attempts; doubles, with jitter
constexpr auto longest_pause = 5'000ms;
constexpr auto longest_link = std::chrono::seconds(604'800);  // SigV4's own limit

core::Result<> bad_name() { return fail(ErrorCode::invalid, "not a valid object name"); }

std::chrono::milliseconds pause_after(int attempt) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const auto most = std::min<std::chrono::milliseconds>(longest_pause, first_pause * (1 << std::min(attempt - 1, 8)));
  std::uniform_int_distribution<std::int64_t> spread(most.count() / 2, most.count());
  return std::chrono::milliseconds(spread(random));
}

// The text of an element without children; S3's answers are flat enough for that.
std::string element(std::string_view xml, const std::string& name) {
  const auto open = "<" + name + ">";
  const auto begin = xml.find(open);
  if (begin == std::string_view::npos) return {};
  const auto from = begin + open.size();
  const auto end = xml.find("</" + name + ">", from);
  if (end == std::string_view::npos) return {};
  std::string text(xml.substr(from, end - from));
  for (const auto& [escaped, plain] :
       {std::pair{"&quot;", "\""}, {"&#34;", "\""}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}}) {
    for (auto at = text.find(escaped); at != std::string::npos; at = text.find(escaped, at + 1)) {
      text.replace(at, std::string_view(escaped).size(), plain);
    }
  }
  return text;
}

std::string content_type(const std::string& name) {
  const auto extension = name.substr(name.rfind('.') == std::string::npos ? name.size() : name.rfind('.'));
  if (extension == ".wav") return "audio/wav";
  if (extension == ".json") return "application/json";
  if (extension == ".txt") return "text/plain; charset=utf-8";
  return "application/octet-stream";
}

core::Result<std::string> read_part(const std::string& path, std::uint64_t offset, std::uint64_t length) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(offset));
  std::string content(static_cast<std::size_t>(length), '\0');
  in.read(content.data(), static_cast<std::streamsize>(length));
  if (!in) return fail(ErrorCode::io, "cannot read " + fs::path(path).filename().string());
  return content;
}

core::Error refusal(const net::HttpResponse& answer) {
  const auto code = element(answer.body, "Code");
  const auto what = "the object store answered " + std::to_string(answer.status) + (code.empty() ? "" : " " + code);
  if (answer.status == 404) return {ErrorCode::not_found, what};
  if (answer.status == 403 || answer.status == 401) return {ErrorCode::forbidden, what};
  if (answer.status == 429 || answer.status >= 500 || code == "RequestTimeout" || code == "ExpiredToken" ||
      code == "SlowDown") {
    return {ErrorCode::unavailable, what};
  }
  if (answer.status == 301 || answer.status == 307 || code == "AuthorizationHeaderMalformed") {
    const auto region = answer.headers.get("x-amz-bucket-region");
    return {ErrorCode::io, what + (region ? ": the bucket lies in " + std::string(*region) : "")};
  }
  return {ErrorCode::io, what};
}

}  // namespace

core::Result<std::pair<std::string, std::string>> parse_s3_address(const std::string& address) {
  constexpr std::string_view scheme = "s3://";
  const auto refuse = [] { return fail(ErrorCode::invalid, "expected s3://bucket/prefix", "recordings.store"); };
  if (!address.starts_with(scheme)) return refuse();
  const auto rest = address.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto bucket = rest.substr(0, slash);
  auto prefix = rest.substr(std::min(slash + 1, rest.size()));
  while (prefix.ends_with('/')) prefix.pop_back();
  if (bucket.size() < 3 || bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string::npos) {
    return refuse();
  }
  if (!prefix.empty() && !is_object_name(prefix)) return refuse();
  return std::pair(bucket, prefix.empty() ? "" : prefix + "/");
}

S3Store::S3Store(S3Options options, AwsEnvironment environment, core::BlockingPool& files, const core::Clock& clock,
                 core::Logger log)
    : options_(std::move(options)),
      files_(files),
      clock_(clock),
      log_(log),
      client_(thread_.worker(), {.ca_file = options_.ca_file}, log),
      credentials_(
          options_.keys, environment, [this](net::ClientRequest request) { return client_.send(std::move(request)); },
          clock, log) {
  for (const auto* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (options_.region.empty() && environment.contains(name)) options_.region = environment.at(name);
  }
  if (options_.region.empty()) options_.region = "us-east-1";
  if (options_.bucket.find('.') != std::string::npos) options_.path_style = true;  // no certificate fits its host
  auto endpoint = options_.endpoint;
  if (endpoint.empty()) {
    endpoint = "https://s3." + options_.region + ".amazonaws.com" + (options_.region.starts_with("cn-") ? ".cn" : "");
  }
  const auto scheme = endpoint.substr(0, endpoint.find("://") + 3);
  const auto url = net::parse_url(endpoint);
  host_ = (options_.path_style ? "" : options_.bucket + ".") + (url ? url->host_header() : endpoint);
  origin_ = scheme + host_;
}

S3Store::~S3Store() { thread_.stop(); }

core::Task<core::Result<>> S3Store::put(std::string name, std::string content) {
  if (!is_object_name(name)) co_return bad_name();
  co_return co_await thread_.run(upload(std::move(name), std::move(content)));
}

core::Task<core::Result<>> S3Store::adopt(std::string name, std::string local_path) {
  if (!is_object_name(name)) co_return bad_name();
  co_return co_await thread_.run(upload_file(std::move(name), std::move(local_path)));
}

core::Task<core::Result<std::uint64_t>> S3Store::size(std::string name) {
  if (!is_object_name(name)) co_return tl::unexpected(bad_name().error());
  co_return co_await thread_.run(ask_size(std::move(name)));
}

core::Task<core::Result<std::string>> S3Store::read(std::string name, std::uint64_t offset, std::size_t length) {
  if (!is_object_name(name)) co_return tl::unexpected(bad_name().error());
  co_return co_await thread_.run(fetch(std::move(name), offset, length));
}

core::Task<core::Result<>> S3Store::remove(std::string name) {
  if (!is_object_name(name)) co_return bad_name();
  co_return co_await thread_.run(erase(std::move(name)));
}

core::Task<core::Result<std::optional<std::string>>> S3Store::link(std::string name, std::chrono::seconds lifetime) {
  if (!is_object_name(name)) co_return tl::unexpected(bad_name().error());
  co_return co_await thread_.run(presign(std::move(name), lifetime));
}

std::string S3Store::path_of(const std::string& name) const {
  return (options_.path_style ? "/" + options_.bucket : "") + "/" + options_.prefix + name;
}

std::map<std::string, std::string> S3Store::storing_headers(const std::string& name) const {
  std::map<std::string, std::string> headers{{"content-type", content_type(name)}};
  if (!options_.encryption.empty()) headers["x-amz-server-side-encryption"] = options_.encryption;
  if (!options_.kms_key.empty()) headers["x-amz-server-side-encryption-aws-kms-key-id"] = options_.kms_key;
  return headers;
}

core::Task<core::Result<net::HttpResponse>> S3Store::send_once(const Call& call) {
  const auto keys = co_await credentials_.get();
  if (!keys) co_return tl::unexpected(keys.error());
  const auto date = crypto::amz_date(core::epoch_ms(clock_.wall()) / 1'000);
  crypto::AwsRequest signing{call.method, path_of(call.name), call.query, call.headers,
                             crypto::to_hex(crypto::sha256(call.body))};
  signing.headers["host"] = host_;
  // S3 compares the body with its digest, so nothing is stored that was not sent.
  signing.headers["x-amz-content-sha256"] = signing.payload_hash;
  signing.headers["x-amz-date"] = date;
  if (!keys->session_token.empty()) signing.headers["x-amz-security-token"] = keys->session_token;
  net::ClientRequest request;
  request.method = call.method;
  const auto query = crypto::aws_query(call.query);
  request.url = origin_ + crypto::aws_encode(signing.path, true) + (query.empty() ? "" : "?" + query);
  for (const auto& [name, value] : signing.headers) request.headers.add(name, value);
  request.headers.add("authorization", crypto::aws_authorization(signing, *keys, {options_.region}, date));
  request.body = call.body;
  request.reach = net::Reach::any;  // the operator's own address
  request.first_byte_timeout = options_.answer_timeout;
  request.idle_timeout = options_.answer_timeout;
  request.max_body = std::size_t{64} << 20U;
  co_return co_await client_.send(std::move(request));
}

core::Task<core::Result<net::HttpResponse>> S3Store::send(Call call) {
  for (int attempt = 1;; ++attempt) {
    auto answer = co_await send_once(call);
    core::Error error;
    if (answer) {
      const bool fine = answer->status >= 200 && answer->status < 300;
      // Only the end of a multipart upload may say 200 and fail all the same.
      if (fine && answer->body.find("<Error>") == std::string::npos) co_return answer;
      error = refusal(*answer);
      if (fine) error.code = ErrorCode::unavailable;
      const auto code = element(answer->body, "Code");
      if (code == "ExpiredToken" || code == "InvalidToken") {
        credentials_.forget();
        error.code = ErrorCode::unavailable;
      }
    } else {
      error = answer.error();
      error.message = "the object store: " + error.message;
      if (error.code == ErrorCode::io || error.code == ErrorCode::timeout) error.code = ErrorCode::unavailable;
    }
    if (error.code != ErrorCode::unavailable || attempt >= options_.attempts) co_return tl::unexpected(error);
    co_await core::sleep_for(pause_after(attempt));
  }
}

core::Task<core::Result<>> S3Store::upload(std::string name, std::string content) {
  Call call{"PUT", name, {}, storing_headers(name), std::move(content)};
  const auto answer = co_await send(std::move(call));
  if (!answer) co_return tl::unexpected(answer.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> S3Store::upload_file(std::string name, std::string path) {
  auto measure = [path]() -> core::Result<std::uint64_t> {
    std::error_code problem;
    const auto bytes = fs::file_size(path, problem);
    if (problem) return fail(ErrorCode::not_found, "there is no such file");
    return std::uint64_t{bytes};
  };
  const auto local = co_await files_.run(std::move(measure));
  if (!local) {
    const auto there_already = co_await ask_size(name);
    if (there_already) co_return core::Result<>{};  // taken over before
    co_return tl::unexpected(local.error());
  }
  if (*local > options_.part_size) {
    const auto sent = co_await upload_parts(name, path, *local);
    if (!sent) co_return sent;
  } else {
    auto whole = [path, size = *local] { return read_part(path, 0, size); };
    auto content = co_await files_.run(std::move(whole));
    if (!content) co_return tl::unexpected(content.error());
    const auto sent = co_await upload(name, std::move(*content));
    if (!sent) co_return sent;
  }
  const auto stored = co_await ask_size(name);
  if (!stored) co_return tl::unexpected(stored.error());
  if (*stored != *local) {
    co_return fail(ErrorCode::unavailable,
                   "the object store holds " + std::to_string(*stored) + " of " + std::to_string(*local) + " bytes");
  }
  auto tidy = [path] {
    std::error_code ignored;
    return fs::remove(path, ignored);
  };
  (void)co_await files_.run(std::move(tidy));
  co_return core::Result<>{};
}

core::Task<core::Result<>> S3Store::upload_parts(std::string name, std::string path, std::uint64_t size) {
  Call begin{"POST", name, {{"uploads", ""}}, storing_headers(name)};
  const auto begun = co_await send(std::move(begin));
  if (!begun) co_return tl::unexpected(begun.error());
  const auto id = element(begun->body, "UploadId");
  if (id.empty()) co_return fail(ErrorCode::protocol, "the object store gave no upload id");
  std::string list = "<CompleteMultipartUpload>";
  core::Result<> outcome;
  int number = 0;
  for (std::uint64_t at = 0; at < size && outcome; at += options_.part_size) {
    ++number;
    auto load = [path, at, length = std::min(options_.part_size, size - at)] { return read_part(path, at, length); };
    auto content = co_await files_.run(std::move(load));
    if (!content) {
      outcome = tl::unexpected(content.error());
      break;
    }
    Call part{"PUT", name, {{"partNumber", std::to_string(number)}, {"uploadId", id}}, {}, std::move(*content)};
    const auto sent = co_await send(std::move(part));
    const auto tag = sent ? sent->headers.get("ETag") : std::nullopt;
    if (!sent)
      outcome = tl::unexpected(sent.error());
    else if (!tag)
      outcome = fail(ErrorCode::protocol, "the object store gave no tag for a part");
    else
      list +=
          "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + std::string(*tag) + "</ETag></Part>";
  }
  list += "</CompleteMultipartUpload>";
  if (outcome) {
    Call complete{"POST", name, {{"uploadId", id}}, {{"content-type", "application/xml"}}, std::move(list)};
    const auto done = co_await send(std::move(complete));
    if (done) co_return core::Result<>{};
    outcome = tl::unexpected(done.error());
  }
  // Parts that belong to nothing are paid for until they are dropped.
  Call abort{"DELETE", name, {{"uploadId", id}}};
  (void)co_await send_once(abort);
  co_return outcome;
}

core::Task<core::Result<std::uint64_t>> S3Store::ask_size(std::string name) {
  Call call{"HEAD", std::move(name)};
  const auto answer = co_await send(std::move(call));
  if (!answer) co_return tl::unexpected(answer.error());
  const auto length = answer->headers.get("Content-Length").value_or("");
  std::uint64_t bytes = 0;
  const auto [end, problem] = std::from_chars(length.data(), length.data() + length.size(), bytes);
  if (problem != std::errc() || length.empty()) {
    co_return fail(ErrorCode::protocol, "the object store gave no length");
  }
  co_return bytes;
}

core::Task<core::Result<std::string>> S3Store::fetch(std::string name, std::uint64_t offset, std::size_t length) {
  if (length == 0) co_return std::string();
  Call call{"GET", std::move(name)};
  call.headers["range"] = "bytes=" + std::to_string(offset) + "-" + std::to_string(offset + length - 1);
  auto answer = co_await send(std::move(call));
  if (answer) co_return std::move(answer->body);
  // From beyond its end an object has nothing to give.
  if (answer.error().message.find(" 416") != std::string::npos) co_return std::string();
  co_return tl::unexpected(answer.error());
}

core::Task<core::Result<>> S3Store::erase(std::string name) {
  Call call{"DELETE", std::move(name)};
  const auto answer = co_await send(std::move(call));
  if (!answer && answer.error().code != ErrorCode::not_found) co_return tl::unexpected(answer.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<std::string>>> S3Store::presign(std::string name, std::chrono::seconds lifetime) {
  const auto keys = co_await credentials_.get();
  if (!keys) co_return tl::unexpected(keys.error());
  crypto::AwsRequest request{"GET", path_of(name), {}, {{"host", host_}}, ""};
  const auto date = crypto::amz_date(core::epoch_ms(clock_.wall()) / 1'000);
  const auto path = crypto::aws_encode(request.path, true);
  const auto query = crypto::aws_presigned_query(std::move(request), *keys, {options_.region}, date,
                                                 std::min(lifetime, longest_link).count());
  co_return std::optional<std::string>(origin_ + path + "?" + query);
}

}  // namespace retell::storage
