#include "net/address.hpp"

#include <array>
#include <cstdint>

namespace retell::net {

namespace {

namespace ip = boost::asio::ip;

struct Range4 {
  std::uint32_t base;
  unsigned bits;
};

constexpr std::uint32_t v4(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  return a << 24U | b << 16U | c << 8U | d;
}

constexpr std::array special4{
    Range4{v4(0, 0, 0, 0), 8},         // this network
    Range4{v4(10, 0, 0, 0), 8},        // private
    Range4{v4(100, 64, 0, 0), 10},     // shared by carriers
    Range4{v4(127, 0, 0, 0), 8},       // loopback
    Range4{v4(168, 63, 129, 16), 32},  // Azure's platform endpoint
    Range4{v4(169, 254, 0, 0), 16},    // link-local: cloud metadata
    Range4{v4(172, 16, 0, 0), 12},     // private
    Range4{v4(192, 0, 0, 0), 24},      // protocol assignments
    Range4{v4(192, 0, 2, 0), 24},      // documentation
    Range4{v4(192, 88, 99, 0), 24},    // 6to4 relays
    Range4{v4(192, 168, 0, 0), 16},    // private
    Range4{v4(198, 18, 0, 0), 15},     // benchmarking
    Range4{v4(198, 51, 100, 0), 24},   // documentation
    Range4{v4(203, 0, 113, 0), 24},    // documentation
    Range4{v4(224, 0, 0, 0), 4},       // multicast
    Range4{v4(240, 0, 0, 0), 4},       // reserved, broadcast
};

bool is_public4(std::uint32_t address) {
  for (const auto& range : special4) {
    const auto mask = ~std::uint32_t{0} << (32U - range.bits);
    if ((address & mask) == range.base) return false;
  }
  return true;
}

std::uint32_t word(const ip::address_v6::bytes_type& bytes, std::size_t at) {
  return v4(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
}

bool is_public6(const ip::address_v6& address) {
  const auto b = address.to_bytes();
  const auto w0 = word(b, 0);
  const bool middle_zero = word(b, 4) == 0 && word(b, 8) == 0;
  // Well-known NAT64 prefix: what is reached is the embedded IPv4 host.
  if (w0 == 0x0064'ff9bU && middle_zero) return is_public4(word(b, 12));
  // Global unicast is 2000::/3; mapped and compatible IPv4, loopback, ::, local NAT64, ULA, link-local, multicast are
  // all outside it.
  if ((w0 >> 29U) != 1U) return false;
  if (w0 >> 16U == 0x2002U) return is_public4((w0 << 16U) | (word(b, 4) >> 16U));  // 6to4
  if ((w0 & 0xffff'fe00U) == 0x2001'0000U) return false;  // 2001::/23: Teredo, ORCHID, benchmarking
  if (w0 == 0x2001'0db8U) return false;                   // documentation
  if ((w0 & 0xffff'f000U) == 0x3fff'0000U) return false;  // documentation (RFC 9637)
  return true;
}

}  // namespace

bool is_public(const ip::address& address) {
  if (address.is_v4()) return is_public4(address.to_v4().to_uint());
  const auto v6 = address.to_v6();
  // A mapped address connects to the IPv4 host itself; allowed to nobody, since resolvers do not give it out.
  return is_public6(v6);
}

}  // namespace retell::net
