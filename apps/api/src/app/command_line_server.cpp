// retell serve | migrate | backup | restore | doctor
#include <memory>

#include "app/command_line.hpp"
#include "app/commands/backup.hpp"
#include "app/commands/doctor.hpp"
#include "app/commands/migrate.hpp"
#include "app/commands/serve.hpp"

namespace retell::app {

void add_server_commands(CLI::App& app, CommandLine& line) {
  auto* serve = app.add_subcommand("serve", "Answer the API, the call page and the carriers");
  auto welcome = std::make_shared<bool>(false);
  line.config_options(*serve);
  line.setting(*serve, "--host", "server.host", "ADDRESS", "Address to listen on (default: 127.0.0.1)");
  line.setting(*serve, "--port", "server.port", "N", "Port to listen on, 0 for any free one (default: 8080)");
  line.setting(*serve, "--public-url", "server.public_url", "URL", "How browsers and carriers reach this server");
  serve->add_flag("--welcome", *welcome, "Print a first API key, when there is none, and what to do next");
  serve->footer(
      "SIGTERM or Ctrl-C: no new calls, live ones may go on for drain_seconds; once more: they are not waited for.\n"
      "Settings and secrets: docs/configuration.md");
  serve->callback([&line, welcome] {
    line.status =
        with_whole_config(line.common, [&](const auto& config) { return retell::app::serve(config, *welcome); });
  });

  auto* migrate = app.add_subcommand("migrate", "Bring the database up to date (serve does it too)");
  line.config_options(*migrate);
  migrate->add_flag("--quiet", line.common.quiet, "Say nothing when all is well");
  auto* up = migrate->add_subcommand("up", "The same");
  auto* state =
      migrate->add_subcommand("status", "What has run and what is to come; exit status 3: there is something");
  for (auto* command : {up, state}) command->fallthrough();  // the options may stand behind
  migrate->callback([&line, state] {
    line.status = with_config(line.common, [&](const auto& config) {
      return state->parsed() ? retell::app::migrate_status(config) : retell::app::migrate_up(config, line.common.quiet);
    });
  });

  auto* backup = app.add_subcommand("backup", "Copy a SQLite database while the server goes on");
  auto where = std::make_shared<std::string>();
  auto force = std::make_shared<bool>(false);
  line.config_options(*backup);
  backup->add_option("--to", *where, "File to write (default: <data_dir>/backups/retell-<time>.db)");
  backup->add_flag("--force", *force, "Replace the file when it exists");
  backup->callback([&line, where, force] {
    line.status =
        with_config(line.common, [&](const auto& config) { return retell::app::backup(config, *where, *force); });
  });
  auto* restore = app.add_subcommand("restore", "Make a backup the database again; with the server stopped");
  line.config_options(*restore);
  restore->add_option("backup", *where, "File that `retell backup` wrote")->required();
  restore->add_flag("--force", *force, "Replace a database that is there; it is kept under another name");
  restore->callback([&line, where, force] {
    line.status =
        with_config(line.common, [&](const auto& config) { return retell::app::restore(config, *where, *force); });
  });

  auto* doctor =
      app.add_subcommand("doctor", "Check ports, database, models, keys and clock, and say how to mend each");
  auto json = std::make_shared<bool>(false);
  line.config_options(*doctor);
  doctor->add_flag("--json", *json, "One JSON array");
  doctor->footer("Status 0: nothing stands in the way (warnings may); 1: something does.");
  doctor->callback([&line, json] {
    line.status = with_config(line.common, [&](const auto& config) { return retell::app::doctor(config, *json); });
  });
}

}  // namespace retell::app
