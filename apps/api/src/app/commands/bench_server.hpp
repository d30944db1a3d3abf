// A server with the local models inside the process, for the benchmarks that hold whole conversations.
#pragma once
#include <memory>
#include <string>

#include "app/server.hpp"
#include "config/config.hpp"

namespace retell::app {

struct BenchServer {
  std::unique_ptr<Server> server;
  std::string url;
  std::string key;
};
[[nodiscard]] core::Result<BenchServer> start_bench_server(const config::Config& config);

}  // namespace retell::app
