// The whole server, built top to bottom in the order of dependence and taken apart in the reverse.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "app/cloudwatch_lines.hpp"
#include "config/config.hpp"
#include "core/log.hpp"
#include "core/metrics.hpp"
#include "core/result.hpp"

namespace retell::app {

class Server {
 public:
  // Opens and migrates the database and loads local models: seconds at most. Errors name the setting at fault.
  [[nodiscard]] static core::Result<std::unique_ptr<Server>> build(config::Config config, core::Logger log);
  ~Server();

  [[nodiscard]] core::Result<std::uint16_t> start();  // listens; gives the port
  // SIGTERM's way: not ready at once, no new calls; live ones may go on for drain_seconds, are then ended politely, and
  // their records are closed; recordings are sent to the bucket. Blocks until all is stored. `cut_short` is asked
  // between waits: true ends them.
  void drain(const std::function<bool()>& cut_short);

  // For the commands that live in the same process.
  [[nodiscard]] core::Result<std::string> lend_api_key(std::string name);  // good as long as this server
  // The first API key of a server that has none; nothing when it has.
  [[nodiscard]] core::Result<std::optional<std::string>> first_api_key();
  [[nodiscard]] int live_calls() const;
  [[nodiscard]] int calls() const;  // live ones, and those that are expected
  [[nodiscard]] core::Metrics& metrics();
  // What /metrics says, for CloudWatch. Waits are kept only where the configuration names a namespace for them.
  [[nodiscard]] CloudWatchFigures take_figures();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace retell::app
