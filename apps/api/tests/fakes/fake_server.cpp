#include "fakes/fake_server.hpp"

#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>

#include "core/race.hpp"

namespace retell::fakes {

namespace {

net::HttpServerOptions options(std::uint16_t port) {
  net::HttpServerOptions options;
  options.port = port;
  options.max_connections = 100'000;
  return options;
}

}  // namespace

FakeServer::FakeServer(std::size_t threads, net::HttpHandler handler, net::UpgradeHandler upgrade, std::uint16_t port)
    : workers_(threads), server_(workers_, options(port), std::move(handler), std::move(upgrade), {}) {
  workers_.start();
  const auto started = server_.start();
  if (!started) throw std::runtime_error(started.error().message);
  port_ = *started;
}

FakeServer::~FakeServer() {
  server_.stop(std::chrono::milliseconds(0));
  workers_.stop();
}

std::string FakeServer::url(std::string_view scheme) const {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(port_);
}

core::Task<void> sleep_for_ever() {
  for (;;) co_await core::sleep_for(std::chrono::hours(1));
}

net::HttpResponse json_response(unsigned status, std::string body) {
  net::HttpResponse response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

net::HttpResponse not_found() { return json_response(404, R"({"error":{"message":"no such path"}})"); }

std::string tone(int sample_rate, std::size_t samples) {
  constexpr double loudness = 4'000;
  constexpr double hertz = 200;
  std::string bytes(samples * 2, '\0');
  for (std::size_t i = 0; i < samples; ++i) {
    const auto angle = 2 * std::numbers::pi * hertz * static_cast<double>(i) / sample_rate;
    const auto sample = static_cast<std::int16_t>(std::lround(loudness * std::sin(angle)));
    std::memcpy(bytes.data() + 2 * i, &sample, 2);
  }
  return bytes;
}

}  // namespace retell::fakes
