#include "rig.hpp"

#include <arpa/inet.h>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/ws_frames.hpp"

namespace retell::net::test {

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

}  // namespace

RawPeer RawPeer::connect(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return RawPeer(fd);
}

RawPeer::~RawPeer() { close(); }

void RawPeer::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool RawPeer::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool RawPeer::more() {
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::array<char, 4096> part{};
  const auto count = ::recv(fd_, part.data(), part.size(), 0);
  if (count <= 0) return false;
  seen_.append(part.data(), static_cast<std::size_t>(count));
  return true;
}

std::string RawPeer::read_until(std::string_view mark) {
  for (;;) {
    if (const auto at = seen_.find(mark); at != std::string::npos) {
      auto text = seen_.substr(0, at + mark.size());
      seen_.erase(0, text.size());
      return text;
    }
    if (!more()) return {};
  }
}

std::string RawPeer::read_exactly(std::size_t count) {
  while (seen_.size() < count) {
    if (!more()) return {};
  }
  auto text = seen_.substr(0, count);
  seen_.erase(0, count);
  return text;
}

std::string RawPeer::read_all() {
  while (more()) {
  }
  return std::exchange(seen_, {});
}

std::string RawPeer::read_answer() {
  auto head = read_until("\r\n\r\n");
  const auto at = head.find("Content-Length: ");
  if (at == std::string::npos) return head;
  return head + read_exactly(static_cast<std::size_t>(std::atoi(head.c_str() + at + 16)));
}

RawListener::RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(fd_, 16), 0);
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
}

RawListener::~RawListener() { ::close(fd_); }

RawPeer RawListener::accept() const { return RawPeer(::accept(fd_, nullptr, nullptr)); }

Rig::Rig(HttpHandler handler, UpgradeHandler upgrade, HttpServerOptions options, ClientOptions client) {
  options.port = 0;
  workers_.start();
  server_ = std::make_unique<HttpServer>(workers_, std::move(options), std::move(handler), std::move(upgrade),
                                         core::Logger{});
  const auto port = server_->start();
  EXPECT_TRUE(port.has_value());
  port_ = *port;
  client_ = std::make_unique<Client>(worker(), std::move(client), core::Logger{});
}

Rig::~Rig() {
  server_->stop(0ms);
  run_on(worker(), [](std::unique_ptr<Client> last) -> Task<bool> {
    last.reset();
    co_return true;
  }(std::move(client_)));
  workers_.stop();
}

std::string Rig::url(std::string_view path, std::string_view scheme) const {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

Task<HttpResponse> mirror(HttpRequest request, core::Worker&) {
  HttpResponse response;
  response.headers.add("Content-Type", "text/plain");
  response.body = request.method + " " + request.path + "?" + request.query + " " + request.body;
  co_return response;
}

Task<UpgradeOutcome> echo(HttpRequest, core::Worker&) {
  co_return WebSocketSession([](WebSocket socket, core::Worker&) -> Task<void> {
    co_await socket.run([&socket](std::string_view data, bool binary) {
      if (binary) {
        socket.send_binary(std::string(data));
      } else {
        socket.send_text(std::string(data));
      }
    });
  });
}

std::string going_away_frame() {
  std::string out;
  append_frame(out, WsOpcode::close, close_payload(ws_close::going_away, "the server is going down"), nullptr);
  return out;
}

}  // namespace retell::net::test
