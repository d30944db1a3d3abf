#include "api/object_reply.hpp"

#include <algorithm>
#include <charconv>
#include <memory>

namespace retell::api {
namespace {

constexpr std::size_t part_size = std::size_t{64} << 10U;

struct Range {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [last, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || last != end) return std::nullopt;
  return value;
}

// One range of bytes (RFC 9110, 14.1.2). Nothing for a header to be ignored; a length of 0 cannot be satisfied.
std::optional<Range> parse_range(std::string_view header, std::uint64_t size) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) return std::nullopt;
  header.remove_prefix(unit.size());
  const auto dash = header.find('-');
  if (dash == std::string_view::npos || header.find(',') != std::string_view::npos) return std::nullopt;
  const auto first = number(header.substr(0, dash));
  const auto last = number(header.substr(dash + 1));
  if (dash == 0) {
    if (!last) return std::nullopt;
    const auto length = std::min(*last, size);
    return Range{size - length, length};
  }
  if (!first || (!last && dash + 1 != header.size()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return Range{size, 0};
  const auto end = last ? std::min(*last, size - 1) : size - 1;
  return Range{*first, end - *first + 1};
}

// What is left to send of an object.
struct Rest {
  ReadPart read;
  std::uint64_t at;
  std::uint64_t left;
};

core::Task<core::Result<std::string>> next_part(std::shared_ptr<Rest> rest) {
  if (rest->left == 0) co_return std::string();
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(part_size, rest->left));
  auto part = co_await rest->read(rest->at, wanted);
  if (!part) co_return part;
  if (part->size() != wanted) co_return core::fail(core::ErrorCode::io, "the object became shorter");
  rest->at += wanted;
  rest->left -= wanted;
  co_return part;
}

}  // namespace

net::HttpResponse object_reply(const Request& request, std::uint64_t size, ReadPart read) {
  net::HttpResponse response;
  response.headers.set("Accept-Ranges", "bytes");
  Range range{0, size};
  if (const auto header = request.http().headers.get("Range")) {
    if (const auto asked = parse_range(*header, size)) {
      range = *asked;
      const auto total = std::to_string(size);
      if (range.length == 0) {
        response.status = 416;
        response.headers.set("Content-Range", "bytes */" + total);
        return response;
      }
      response.status = 206;
      response.headers.set("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                std::to_string(range.first + range.length - 1) + "/" + total);
    }
  }
  auto rest = std::make_shared<Rest>(Rest{std::move(read), range.first, range.length});
  response.stream = net::HttpResponse::Stream{range.length, [rest] { return next_part(rest); }};
  return response;
}

net::HttpResponse onward_reply(std::string link) {
  net::HttpResponse response;
  response.status = 302;
  response.headers.set("Location", std::move(link));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

}  // namespace retell::api
