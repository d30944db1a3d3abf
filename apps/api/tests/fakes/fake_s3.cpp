#include "fakes/fake_s3.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::fakes {
namespace {

net::HttpResponse xml(unsigned status, std::string body) {
  net::HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "application/xml");
  response.body = std::move(body);
  return response;
}

net::HttpResponse failure(unsigned status, const std::string& code) {
  return xml(status, "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>x</Message></Error>");
}

std::string header(const net::HttpRequest& request, std::string_view name) {
  return std::string(request.headers.get(name).value_or(""));
}

// "k=v" parts of the Authorization header.
std::string part_of(const std::string& text, const std::string& name) {
  const auto at = text.find(name + "=");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 1;
  return text.substr(from, text.find_first_of(", ", from) - from);
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const auto end = std::min(text.find(at, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

std::int64_t seconds_of(const std::string& amz_date) {
  std::tm parts{};
  if (::strptime(amz_date.c_str(), "%Y%m%dT%H%M%SZ", &parts) == nullptr) return 0;
  return ::timegm(&parts);
}

// The canonical request, from the request's own bytes: the path and query are taken as they came.
std::string signature(const net::HttpRequest& request, const std::vector<std::string>& names,
                      const std::string& payload_hash, const std::string& date, const std::string& scope,
                      const std::string& secret) {
  auto query = split(request.query, '&');
  std::erase_if(query, [](const auto& part) { return part.empty() || part.starts_with("X-Amz-Signature="); });
  std::sort(query.begin(), query.end());
  std::string joined;
  for (const auto& part : query) joined += (joined.empty() ? "" : "&") + part;
  std::string text = request.method + "\n" + request.target.substr(0, request.target.find('?')) + "\n" + joined + "\n";
  std::string list;
  for (const auto& name : names) {
    text += name + ":" + header(request, name) + "\n";
    list += (list.empty() ? "" : ";") + name;
  }
  text += "\n" + list + "\n" + payload_hash;
  const auto to_sign = "AWS4-HMAC-SHA256\n" + date + "\n" + scope + "\n" + crypto::to_hex(crypto::sha256(text));
  std::string key = "AWS4" + secret;
  for (const auto& part : split(scope, '/')) key = crypto::hmac_sha256(key, part);
  return crypto::to_hex(crypto::hmac_sha256(key, to_sign));
}

}  // namespace

FakeS3::FakeS3(crypto::AwsKeys keys, std::string region, std::uint16_t port)
    : keys_(std::move(keys)),
      region_(std::move(region)),
      server_(1, [this](net::HttpRequest request, core::Worker&) { return handle(std::move(request)); }, {}, port) {}

void FakeS3::set_keys(crypto::AwsKeys keys) {
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
}

std::optional<FakeS3Object> FakeS3::object(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  return found == objects_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t FakeS3::objects() const {
  const std::lock_guard lock(mutex_);
  return objects_.size();
}

std::size_t FakeS3::open_uploads() const {
  const std::lock_guard lock(mutex_);
  return uploads_.size();
}

std::optional<std::string> FakeS3::check(const net::HttpRequest& request) const {
  const auto authorization = header(request, "authorization");
  const bool presigned = authorization.empty();
  const auto value = [&](const std::string& name) { return net::query_value(request.query, name).value_or(""); };
  const auto credential = presigned ? value("X-Amz-Credential") : part_of(authorization, "Credential");
  const auto names = split(presigned ? value("X-Amz-SignedHeaders") : part_of(authorization, "SignedHeaders"), ';');
  const auto given = presigned ? value("X-Amz-Signature") : part_of(authorization, "Signature");
  const auto date = presigned ? value("X-Amz-Date") : header(request, "x-amz-date");
  const auto token = presigned ? value("X-Amz-Security-Token") : header(request, "x-amz-security-token");
  const auto slash = credential.find('/');
  if (slash == std::string::npos) return "no credential";
  if (credential.substr(0, slash) != keys_.id) return "an unknown key";
  if (token != keys_.session_token) return "a wrong session token";
  const auto scope = credential.substr(slash + 1);
  if (scope != date.substr(0, 8) + "/" + region_ + "/s3/aws4_request") return "a wrong scope";
  const auto age = std::int64_t{std::time(nullptr)} - seconds_of(date);
  const auto lifetime = presigned ? std::atoll(value("X-Amz-Expires").c_str()) : 900;
  if (age > lifetime || age < -900) return "a time too far off";
  if (std::find(names.begin(), names.end(), "host") == names.end()) return "an unsigned host";
  if (!std::is_sorted(names.begin(), names.end())) return "headers out of order";
  for (const auto& [name, unused] : request.headers.all()) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    if (lower.starts_with("x-amz-") && std::find(names.begin(), names.end(), lower) == names.end()) {
      return "the unsigned header " + lower;
    }
  }
  const auto hash = presigned ? "UNSIGNED-PAYLOAD" : header(request, "x-amz-content-sha256");
  if (!presigned && hash != crypto::to_hex(crypto::sha256(request.body))) return "a body that is not what was signed";
  if (signature(request, names, hash, date, scope, keys_.secret) != given) return "a wrong signature";
  return std::nullopt;
}

core::Task<net::HttpResponse> FakeS3::handle(net::HttpRequest request) {
  ++requests;
  const auto now = fault.next();
  if (now == Fault::half_open) co_await sleep_for_ever();
  if (now == Fault::slow_down) co_return failure(503, "SlowDown");
  if (now == Fault::expired) co_return failure(400, "ExpiredToken");
  const std::lock_guard lock(mutex_);
  if (auto why = check(request)) {
    refused.add(*why);
    co_return failure(403, "SignatureDoesNotMatch");
  }
  // Virtual hosts are "bucket.<our address>".
  const auto host = header(request, "host");
  std::string path = request.path.substr(1);
  if (const auto dot = host.find(".127.0.0.1"); dot != std::string::npos) path = host.substr(0, dot) + "/" + path;
  if (request.query.find("uploads") == 0 || request.query.find("uploadId=") != std::string::npos) {
    co_return multipart(request, path, now);
  }
  if (request.method == "PUT") co_return store(request, path, now);
  if (request.method == "DELETE") {
    objects_.erase(path);
    net::HttpResponse gone;
    gone.status = 204;
    co_return gone;
  }
  co_return show(request, path);
}

net::HttpResponse FakeS3::store(const net::HttpRequest& request, const std::string& path, Fault now) {
  auto content = request.body;
  if (now == Fault::forget_half) content.resize(content.size() / 2);
  objects_[path] = {std::move(content), header(request, "content-type"),
                    header(request, "x-amz-server-side-encryption")};
  net::HttpResponse stored;
  stored.headers.set("ETag", "\"" + crypto::to_hex(crypto::sha256(request.body)).substr(0, 32) + "\"");
  return stored;
}

net::HttpResponse FakeS3::multipart(const net::HttpRequest& request, const std::string& path, Fault now) {
  if (request.method == "POST" && request.query.starts_with("uploads")) {
    const auto id = "upload&" + std::to_string(++made_);  // to be escaped in XML and in the query
    uploads_[id] = {path, header(request, "content-type"), header(request, "x-amz-server-side-encryption")};
    return xml(200, "<InitiateMultipartUploadResult><UploadId>upload&amp;" + std::to_string(made_) +
                        "</UploadId></InitiateMultipartUploadResult>");
  }
  const auto id = net::query_value(request.query, "uploadId").value_or("");
  const auto found = uploads_.find(id);
  if (found == uploads_.end() || found->second.path != path) return failure(404, "NoSuchUpload");
  auto& upload = found->second;
  if (request.method == "DELETE") {
    uploads_.erase(found);
    net::HttpResponse gone;
    gone.status = 204;
    return gone;
  }
  if (request.method == "PUT") {
    const int number = std::atoi(net::query_value(request.query, "partNumber").value_or("0").c_str());
    upload.parts[number] = request.body;
    net::HttpResponse stored;
    stored.headers.set("ETag", "\"part-" + std::to_string(number) + "\"");
    return stored;
  }
  if (now == Fault::error_in_complete) return failure(200, "InternalError");
  std::string whole;
  for (const auto& [number, content] : upload.parts) {
    if (request.body.find("<PartNumber>" + std::to_string(number) + "</PartNumber><ETag>\"part-" +
                          std::to_string(number) + "\"</ETag>") == std::string::npos) {
      return failure(400, "InvalidPart");
    }
    whole += content;
  }
  objects_[path] = {std::move(whole), upload.type, upload.encryption};
  uploads_.erase(found);
  return xml(200, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>");
}

net::HttpResponse FakeS3::show(const net::HttpRequest& request, const std::string& path) const {
  const auto found = objects_.find(path);
  if (found == objects_.end()) return failure(404, "NoSuchKey");
  net::HttpResponse response;
  response.headers.set("Content-Type", found->second.type);
  response.body = found->second.content;
  const auto range = header(request, "range");
  unsigned long first = 0;
  unsigned long last = 0;
  if (std::sscanf(range.c_str(), "bytes=%lu-%lu", &first, &last) == 2) {
    if (first >= response.body.size()) return failure(416, "InvalidRange");
    response.status = 206;
    response.body = response.body.substr(first, last - first + 1);
  }
  return response;
}

}  // namespace retell::fakes
