// AWS Signature Version 4, as S3 wants it. Pure.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace retell::crypto {

struct AwsKeys {
  std::string id;
  std::string secret;
  std::string session_token = {};  // of temporary keys
};

struct AwsRequest {
  std::string method;
  std::string path;                                             // not yet encoded
  std::vector<std::pair<std::string, std::string>> query = {};  // not yet encoded
  std::map<std::string, std::string> headers = {};              // what is signed, by lower-case name; with host
  std::string payload_hash = {};                                // hex SHA-256, or "UNSIGNED-PAYLOAD"
};

struct AwsScope {
  std::string region;
  std::string service = "s3";
};

// 20130524T000000Z
[[nodiscard]] std::string amz_date(std::int64_t epoch_seconds);

// RFC 3986 with unreserved characters left as they are; slashes too in paths.
[[nodiscard]] std::string aws_encode(std::string_view text, bool keep_slashes);

// The query as it stands in the URL, sorted: "partNumber=1&uploadId=x"; "" for none.
[[nodiscard]] std::string aws_query(std::vector<std::pair<std::string, std::string>> query);

// The value of the Authorization header. The headers must hold x-amz-date (and x-amz-security-token for temporary
// keys).
[[nodiscard]] std::string aws_authorization(const AwsRequest& request, const AwsKeys& keys, const AwsScope& scope,
                                            std::string_view date);

// The whole query of a link that carries its own signature and is good for `seconds` (at most 604800).
[[nodiscard]] std::string aws_presigned_query(AwsRequest request, const AwsKeys& keys, const AwsScope& scope,
                                              std::string_view date, std::int64_t seconds);

}  // namespace retell::crypto
