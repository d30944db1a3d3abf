// Recordings: a signed link that plays anywhere, or the key of the call's owner. Ranges, so that players can seek.
#include <charconv>

#include "api/routes/routes.hpp"

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

// What is left to send of a file.
struct Rest {
  services::RecordingService& recordings;
  std::string file;
  std::uint64_t at;
  std::uint64_t left;
};

core::Task<core::Result<std::string>> next_part(std::shared_ptr<Rest> rest) {
  if (rest->left == 0) co_return std::string();
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(part_size, rest->left));
  auto part = co_await rest->recordings.read(rest->file, rest->at, wanted);
  if (!part) co_return part;
  if (part->size() != wanted) co_return core::fail(core::ErrorCode::io, "the recording became shorter");
  rest->at += wanted;
  rest->left -= wanted;
  co_return part;
}

core::Task<core::Result<>> check_access(Api& api, const Request& request, std::string file) {
  const auto expires = request.query("expires").value_or("");
  const auto signature = request.query("signature").value_or("");
  if (api.recordings.opens(file, expires, signature)) co_return core::Result<>{};
  constexpr std::string_view extension = ".wav";
  if (request.organization().empty() || !file.ends_with(extension)) {
    co_return core::fail(core::ErrorCode::forbidden, "The link is not valid or has expired.");
  }
  const auto call = co_await api.calls.get(request.organization(), file.substr(0, file.size() - extension.size()));
  if (!call) co_return tl::unexpected(call.error());
  co_return core::Result<>{};
}

core::Task<Outcome> download(Api& api, const Request& request) {
  const auto& file = request.parameter(0);
  const auto allowed = co_await check_access(api, request, file);
  if (!allowed) co_return tl::unexpected(allowed.error());
  const auto elsewhere = co_await api.recordings.elsewhere(file);
  if (elsewhere && *elsewhere) {
    net::HttpResponse onward;
    onward.status = 302;
    onward.headers.set("Location", **elsewhere);
    onward.headers.set("Cache-Control", "no-store");
    co_return onward;
  }
  const auto size = co_await api.recordings.size(file);
  if (!size) co_return tl::unexpected(size.error());

  net::HttpResponse response;
  response.headers.set("Content-Type", "audio/wav");
  response.headers.set("Accept-Ranges", "bytes");
  response.headers.set("Cache-Control", "private, max-age=3600");
  Range range{0, *size};
  if (const auto header = request.http().headers.get("Range")) {
    if (const auto asked = parse_range(*header, *size)) {
      range = *asked;
      const auto total = std::to_string(*size);
      if (range.length == 0) {
        response.status = 416;
        response.headers.set("Content-Range", "bytes */" + total);
        co_return response;
      }
      response.status = 206;
      response.headers.set("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                                std::to_string(range.first + range.length - 1) + "/" + total);
    }
  }
  auto rest = std::make_shared<Rest>(Rest{api.recordings, file, range.first, range.length});
  response.stream = net::HttpResponse::Stream{range.length, [rest] { return next_part(rest); }};
  co_return response;
}

constexpr Route table[] = {
    endpoint<&download>("GET", "/recordings/{file}", 200, "The sound of a call", {.auth = Auth::optional}),
};

}  // namespace

std::span<const Route> recording_routes() { return table; }

}  // namespace retell::api
