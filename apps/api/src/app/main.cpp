// The binary: parses the command line and hands over to one command.
#include <algorithm>
#include <cstdio>
#include <exception>

#include "app/command_line.hpp"
#include "core/log.hpp"

int main(int argc, char** argv) {
  CLI::App app("Voice agents that you host yourself, behind Retell's REST API.", "retell");
  app.set_version_flag("--version", RETELL_VERSION, "Print the version and exit");
  app.set_help_flag("-h,--help", "Print this help and exit");
  app.require_subcommand(1);
  app.get_formatter()->column_width(30);
  app.footer(
      "retell SUBCOMMAND --help tells more. Settings: docs/configuration.md; secrets come from the environment or "
      "from\n"
      "files, never from the command line. Status 0: done, 1: it failed, 2: the command line was not understood.");
  retell::app::CommandLine line;
  retell::app::add_server_commands(app, line);
  retell::app::add_call_commands(app, line);
  retell::app::add_account_commands(app, line);
  using retell::app::misused;
  try {
    if (argc < 2) {
      std::fputs(app.help().c_str(), stderr);
      return misused;
    }
    const auto is_asked_for = [&](const CLI::App* command) { return command->check_name(argv[1]); };
    if (const auto known = app.get_subcommands({});
        argv[1][0] != '-' && std::none_of(known.begin(), known.end(), is_asked_for)) {
      std::fprintf(stderr, "retell: there is no subcommand '%s'; see: retell --help\n", argv[1]);
      return misused;
    }
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    line.status = app.exit(e) == 0 ? 0 : misused;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "retell: %s\n", e.what());
    line.status = 1;
  }
  retell::core::shutdown_log();
  return line.status;
}
