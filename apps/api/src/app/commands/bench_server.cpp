#include "app/commands/bench_server.hpp"

namespace retell::app {

core::Result<BenchServer> start_bench_server(const config::Config& given) {
  auto config = given;
  config.server.port = 0;
  config.server.public_url.clear();
  config.data_dir += "/bench";
  auto server = Server::build(config, {});
  if (!server) return tl::unexpected(server.error());
  const auto port = (*server)->start();
  if (!port) return tl::unexpected(port.error());
  auto key = (*server)->lend_api_key("bench");
  if (!key) return tl::unexpected(key.error());
  return BenchServer{std::move(*server), "http://127.0.0.1:" + std::to_string(*port), std::move(*key)};
}

}  // namespace retell::app
