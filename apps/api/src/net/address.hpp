// Which addresses a customer's URL may reach. Pure.
#pragma once
#include <boost/asio/ip/address.hpp>

namespace retell::net {

// False for everything that is not a host on the public Internet: loopback, private, link-local (cloud metadata),
// shared (CGNAT), multicast, documentation and reserved ranges, and IPv6 forms that carry such an IPv4 address
// (mapped, compatible, NAT64, 6to4, Teredo). Ranges: IANA's special-purpose address registries.
[[nodiscard]] bool is_public(const boost::asio::ip::address& address);

}  // namespace retell::net
