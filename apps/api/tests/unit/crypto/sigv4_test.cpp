// The worked examples that AWS publishes:
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html
#include "crypto/sigv4.hpp"

#include <gtest/gtest.h>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

const AwsKeys keys{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
const AwsScope scope{"us-east-1"};
constexpr auto date = "20130524T000000Z";

AwsRequest example(std::string method, std::string path, std::vector<std::pair<std::string, std::string>> query = {},
                   std::string_view body = "") {
  AwsRequest request{std::move(method), std::move(path), std::move(query)};
  request.payload_hash = to_hex(sha256(body));
  request.headers = {
      {"host", "examplebucket.s3.amazonaws.com"}, {"x-amz-content-sha256", request.payload_hash}, {"x-amz-date", date}};
  return request;
}

std::string signature_of(const AwsRequest& request) {
  const auto header = aws_authorization(request, keys, scope, date);
  return header.substr(header.rfind('=') + 1);
}

TEST(SigV4, get_object_with_a_range) {
  auto request = example("GET", "/test.txt");
  request.headers["range"] = "bytes=0-9";
  EXPECT_EQ(aws_authorization(request, keys, scope, date),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST(SigV4, put_object) {
  auto request = example("PUT", "/test$file.text", {}, "Welcome to Amazon S3.");
  request.headers["date"] = "Fri, 24 May 2013 00:00:00 GMT";
  request.headers["x-amz-storage-class"] = "REDUCED_REDUNDANCY";
  EXPECT_EQ(signature_of(request), "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
}

TEST(SigV4, get_bucket_lifecycle) {
  EXPECT_EQ(signature_of(example("GET", "/", {{"lifecycle", ""}})),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
}

TEST(SigV4, list_objects) {
  EXPECT_EQ(signature_of(example("GET", "/", {{"prefix", "J"}, {"max-keys", "2"}})),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

TEST(SigV4, presigned_get) {
  const AwsRequest request{"GET", "/test.txt", {}, {{"host", "examplebucket.s3.amazonaws.com"}}, ""};
  EXPECT_EQ(aws_presigned_query(request, keys, scope, date, 86'400),
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
            "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&"
            "X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

TEST(SigV4, dates_and_escapes) {
  EXPECT_EQ(amz_date(1'369'353'600), date);
  EXPECT_EQ(aws_encode("a b/c~d_é", true), "a%20b/c~d_%C3%A9");
  EXPECT_EQ(aws_encode("a/b", false), "a%2Fb");
  EXPECT_EQ(aws_query({{"b", "2 3"}, {"a", ""}}), "a=&b=2%203");
}

}  // namespace
}  // namespace retell::crypto
