// Replies with what lies in the object store: in parts, since it may be large, and in ranges, so that players can seek.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "api/request.hpp"
#include "core/task.hpp"
#include "net/http_message.hpp"

namespace retell::api {

// `length` bytes from `offset` of the object, all of which it has.
using ReadPart = std::function<core::Task<core::Result<std::string>>(std::uint64_t offset, std::size_t length)>;

// 200, 206 or 416, as the request's Range asks. The caller adds the content type.
[[nodiscard]] net::HttpResponse object_reply(const Request& request, std::uint64_t size, ReadPart read);
// 302 to a link that soon expires.
[[nodiscard]] net::HttpResponse onward_reply(std::string link);

}  // namespace retell::api
