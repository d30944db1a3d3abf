// Any bytes as Redis' answers, as an address and as a credentials file: no crash; an answer is never longer than what
// came, and its beginning is never taken for the whole.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "storage/cache/redis_client.hpp"
#include "storage/cache/resp.hpp"
#include "storage/objects/aws_credentials.hpp"
#include "storage/objects/s3_store.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace retell::storage;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto parsed = resp::parse(text); parsed && *parsed) {
    if ((*parsed)->used == 0 || (*parsed)->used > size) std::abort();
    const auto shorter = resp::parse(text.substr(0, (*parsed)->used - 1));
    if (!shorter || *shorter) std::abort();
  }
  (void)parse_redis_url(std::string(text));
  (void)parse_s3_address(std::string(text));
  (void)parse_credentials_file(text, "default");
  (void)parse_aws_time(std::string(text));
  return 0;
}
