// The command line: what its subcommands share, and who adds them. Main thread.
#pragma once
#include <CLI/CLI.hpp>

#include <string>

#include "app/commands/common.hpp"

namespace retell::app {

// Runs `command` with the configuration that the options give.
template <class F>
int with_config(const CommonOptions& options, F command) {
  const auto config = load_config(options);
  return config ? command(*config) : config.error();
}

// The same for what runs the vendors, models and stores that are configured.
template <class F>
int with_whole_config(CommonOptions options, F command) {
  options.whole = true;
  return with_config(options, std::move(command));
}

struct CommandLine {
  CommonOptions common;
  int status = 0;

  // An option of `command` that sets the configuration's `key`.
  void setting(CLI::App& command, const std::string& option, const std::string& key, const char* type,
               const std::string& help) {
    command
        .add_option_function<std::string>(
            option, [this, key](const std::string& value) { common.overrides[key] = value; }, help)
        ->type_name(type);
  }
  void config_option(CLI::App& command) {
    command.add_option("--config", common.config_file, "Configuration file (default: retell.toml, when there is one)")
        ->type_name("FILE");
  }
  void config_options(CLI::App& command) {
    config_option(command);
    setting(command, "--data-dir", "data_dir", "DIR", "Folder of the database, recordings and secrets (default: data)");
  }
};

void add_server_commands(CLI::App& app, CommandLine& line);   // serve, migrate, backup, restore, doctor
void add_account_commands(CLI::App& app, CommandLine& line);  // keys, users, workspaces, jobs, import
void add_call_commands(CLI::App& app, CommandLine& line);     // call, demo, models, transcribe, bench

}  // namespace retell::app
