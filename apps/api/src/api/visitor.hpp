// Where a request really comes from. Pure.
#pragma once
#include <string>

#include "net/http_message.hpp"
#include "services/session_service.hpp"

namespace retell::api {

// The peer's address, or, behind `proxies` trusted proxies, the one that the outermost of them saw: each appends whom
// it serves to X-Forwarded-For, so that many entries from the right are theirs and everything left of them is hearsay.
[[nodiscard]] std::string client_address(const net::HttpRequest& request, int proxies);
[[nodiscard]] services::Visitor visitor_of(const net::HttpRequest& request, int proxies);

}  // namespace retell::api
