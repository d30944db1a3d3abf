// What every command shares: the options all of them take, the configuration they give, and how results are told.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "core/result.hpp"
#include "core/task.hpp"
#include "storage/db/database.hpp"

namespace retell::app {

struct CommonOptions {
  std::string config_file;                       // --config; empty: retell.toml beside us when there is one
  std::map<std::string, std::string> overrides;  // settings from the command line, by their key
  bool quiet = false;
  bool whole = false;  // what check_configuration finds is an error: not for keys or models, which need no vendor
};

inline constexpr int misused = 2;  // the exit status when the command line was not understood

// Prints what is wrong, one setting a line, and gives the exit status: `misused` when the command line said it.
[[nodiscard]] tl::expected<config::Config, int> load_config(const CommonOptions& options);
// Where local models lie.
[[nodiscard]] std::filesystem::path models_dir(const config::Config& config);

// The configured database. Blocks; errors as storage::open_database's.
[[nodiscard]] core::Result<std::unique_ptr<storage::Database>> open_database(const config::Config& config,
                                                                             core::Logger log = {});

// Prints the error and gives the exit status 1.
int tell(const core::Error& error);

// Runs a task to its end on a loop of its own; its exceptions come out here.
template <class T>
T run_to_end(core::Task<T> task) {
  boost::asio::io_context loop(1);
  std::exception_ptr error;
  std::optional<T> value;
  boost::asio::co_spawn(loop, std::move(task), [&](const std::exception_ptr& e, T result) {
    error = e;
    if (!e) value.emplace(std::move(result));
  });
  loop.run();
  if (error) std::rethrow_exception(error);
  return std::move(*value);
}

}  // namespace retell::app
