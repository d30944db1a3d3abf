// A server that vanishes without a word: in a network of the test's own, whose cable can be pulled.
#include <arpa/inet.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <thread>

#include "rig.hpp"

namespace retell::net::test {
namespace {

bool plug_loopback(bool in) {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  bool done = ::ioctl(fd, SIOCGIFFLAGS, &request) == 0;
  request.ifr_flags = static_cast<short>(in ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP);
  done = done && ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return done;
}

TEST(HalfOpen, a_pooled_connection_whose_server_has_vanished_breaks_within_seconds) {
  bool own_network = false;
  Result<HttpResponse> first = core::fail(core::ErrorCode::internal, "not asked");
  Result<HttpResponse> second = core::fail(core::ErrorCode::internal, "not asked");
  std::chrono::steady_clock::duration took{};
  std::thread([&] {
    own_network = ::unshare(CLONE_NEWNET) == 0 && plug_loopback(true);
    if (!own_network) return;
    Rig rig(mirror, echo);
    const auto get = [&] {
      return rig.run(rig.client().send(
          {.url = rig.url("/x"), .reach = Reach::any, .first_byte_timeout = std::chrono::seconds(15)}));
    };
    first = get();
    plug_loopback(false);
    const auto begin = std::chrono::steady_clock::now();
    second = get();
    took = std::chrono::steady_clock::now() - begin;
    plug_loopback(true);
  }).join();
  if (!own_network) GTEST_SKIP() << "a network of its own takes root";
  ASSERT_TRUE(first.has_value());
  EXPECT_FALSE(second.has_value());
  EXPECT_LT(took, 10s);
}

}  // namespace
}  // namespace retell::net::test
