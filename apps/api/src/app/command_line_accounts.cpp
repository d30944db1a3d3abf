// retell keys | users | workspaces | jobs | import
#include <memory>
#include <string>
#include <vector>

#include "app/command_line.hpp"
#include "app/commands/import.hpp"
#include "app/commands/jobs.hpp"
#include "app/commands/keys.hpp"
#include "app/commands/users.hpp"
#include "app/commands/workspaces.hpp"

namespace retell::app {
namespace {

void add_keys(CLI::App& app, CommandLine& line) {
  auto* keys = app.add_subcommand("keys", "Create, list and revoke API keys");
  keys->require_subcommand(1);
  auto order = std::make_shared<KeyOrder>();
  const auto workspace_option = [order](CLI::App& command) {
    command.add_option("--workspace", order->workspace, "Its id (default: the server's first)")->type_name("ID");
  };
  auto* create = keys->add_subcommand("create", "Make a key and print it; only its hash is kept");
  line.config_options(*create);
  workspace_option(*create);
  create->add_option("--name", order->name, "What it is for")->capture_default_str()->type_name("TEXT");
  create->add_flag("--webhook", order->signs_webhooks, "From now on it signs the webhooks");
  create->add_flag("--quiet", line.common.quiet, "Print the key alone");
  create->callback([&line, order] {
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::keys_create(c, *order, line.common.quiet); });
  });
  auto* list = keys->add_subcommand("list", "Show the live keys, without their secrets");
  line.config_options(*list);
  workspace_option(*list);
  list->add_flag("--quiet", line.common.quiet, "Ids alone");
  list->callback([&line, order] {
    line.status = with_config(
        line.common, [&](const auto& c) { return retell::app::keys_list(c, order->workspace, line.common.quiet); });
  });
  auto id = std::make_shared<std::string>();
  auto* revoke = keys->add_subcommand("revoke", "Make a key worthless at once");
  line.config_options(*revoke);
  workspace_option(*revoke);
  revoke->add_option("ID", *id, "The key's id, from: retell keys list")->required()->type_name("");
  revoke->callback([&line, order, id] {
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::keys_revoke(c, order->workspace, *id); });
  });
}

void add_users(CLI::App& app, CommandLine& line) {
  auto wish = std::make_shared<UserWish>();
  auto* users = app.add_subcommand("users", "Create and list the dashboard's people, and give them new passwords");
  users->require_subcommand(1);
  auto* create = users->add_subcommand("create", "Make an account in a workspace");
  line.config_options(*create);
  create->add_option("EMAIL", wish->email, "Address to sign in with")->required()->type_name("");
  create->add_option("--name", wish->name, "How the person is called")->type_name("TEXT");
  create->add_option("--role", wish->role, "owner, admin, developer or viewer")
      ->capture_default_str()
      ->check(CLI::IsMember({"owner", "admin", "developer", "viewer"}))
      ->type_name("ROLE");
  create->add_option("--workspace", wish->workspace, "Its id (default: the server's first)")->type_name("ID");
  create
      ->add_option("--password-file", wish->password_file,
                   "File that holds the password; without it a one-time "
                   "token to set one is printed")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  create->add_flag("--quiet", line.common.quiet, "Print the token alone, or nothing");
  create->callback([&line, wish] {
    line.status =
        with_config(line.common, [&](const auto& c) { return retell::app::users_create(c, *wish, line.common.quiet); });
  });
  auto* list = users->add_subcommand("list", "Show all accounts with their workspaces and roles");
  line.config_options(*list);
  list->callback(
      [&line] { line.status = with_config(line.common, [](const auto& c) { return retell::app::users_list(c); }); });
  auto* reset =
      users->add_subcommand("reset-password", "Print a one-time token with which a person sets a new password");
  line.config_options(*reset);
  reset->add_option("EMAIL", wish->email, "Of the account")->required()->type_name("");
  reset->add_flag("--quiet", line.common.quiet, "Print the token alone");
  reset->callback([&line, wish] {
    line.status = with_config(line.common, [&](const auto& c) {
      return retell::app::users_reset_password(c, wish->email, line.common.quiet);
    });
  });
}

void add_workspaces(CLI::App& app, CommandLine& line) {
  auto name = std::make_shared<std::string>();
  auto limits = std::make_shared<LimitsWish>();
  auto* workspaces = app.add_subcommand("workspaces", "Create and list workspaces, and set their limits");
  workspaces->require_subcommand(1);
  auto* create = workspaces->add_subcommand("create", "Make a workspace and print its id");
  line.config_options(*create);
  create->add_option("NAME", *name, "How it is called")->required()->type_name("");
  create->callback([&line, name] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::workspaces_create(c, *name); });
  });
  auto* list = workspaces->add_subcommand("list", "Show all workspaces with their limits");
  line.config_options(*list);
  list->callback([&line] {
    line.status = with_config(line.common, [](const auto& c) { return retell::app::workspaces_list(c); });
  });
  auto* limit = workspaces->add_subcommand("limits", "Set what a workspace may do at once; \"default\": as the server");
  line.config_options(*limit);
  limit->add_option("ID", limits->workspace, "From: retell workspaces list")->required()->type_name("");
  limit->add_option("--calls", limits->calls, "Calls at once")->type_name("N");
  limit->add_option("--requests", limits->requests, "Requests a second, 0: no limit")->type_name("N");
  limit->callback([&line, limits] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::workspaces_limits(c, *limits); });
  });
}

void add_jobs(CLI::App& app, CommandLine& line) {
  auto wish = std::make_shared<JobsWish>();
  auto* jobs = app.add_subcommand("jobs", "Show the queue of stored work, and run again what was given up");
  jobs->require_subcommand(1);
  const auto choice = [wish](CLI::App& command) {
    command.add_option("--kind", wish->kind, "Only this kind of work")->type_name("KIND");
    command.add_option("--workspace", wish->workspace, "Only this workspace's, by its id")->type_name("ID");
  };
  auto* list =
      jobs->add_subcommand("list", "Show jobs, oldest first; the dead ones were given up after their last try");
  line.config_options(*list);
  choice(*list);
  list->add_option("--state", wish->state, "waiting, running or dead")
      ->check(CLI::IsMember({"waiting", "running", "dead"}))
      ->type_name("STATE");
  list->add_flag("--json", wish->json, "One JSON array");
  list->callback([&line, wish] {
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::jobs_list(c, *wish); });
  });
  auto ids = std::make_shared<std::vector<std::string>>();
  auto all = std::make_shared<bool>(false);
  auto* retry = jobs->add_subcommand("retry", "Make dead jobs due again, with all their tries before them");
  line.config_options(*retry);
  choice(*retry);
  retry->add_option("ID", *ids, "From: retell jobs list --state dead")->type_name("");
  retry->add_flag("--all", *all, "Every dead job");
  retry->footer(
      "A running server takes them up at once. Webhooks have an outbox of their own: POST\n"
      "/v1/webhook-deliveries/{delivery_id}/resend.");
  retry->callback([&line, wish, ids, all] {
    if (ids->empty() == !*all) throw CLI::ValidationError("name jobs (retell jobs list --state dead), or --all");
    line.status = with_config(line.common, [&](const auto& c) { return retell::app::jobs_retry(c, *ids, *wish); });
  });
}

void add_import(CLI::App& app, CommandLine& line) {
  auto options = std::make_shared<ImportOptions>();
  auto* import =
      app.add_subcommand("import", "Bring an account of Retell, or of another such server, into a workspace");
  line.config_options(*import);
  import->add_option("--from-url", options->from_url, "Its API, such as https://api.retellai.com")
      ->required()
      ->type_name("URL");
  import->add_option("--api-key-file", options->key_file, "File with a key of it (default: $RETELL_IMPORT_API_KEY)")
      ->type_name("FILE");
  import->add_option("--workspace", options->workspace, "Where to (default: the server's first)")->type_name("ID");
  import->add_option("--voice", options->voices, "A voice of theirs and the one of ours that stands for it")
      ->type_name("THEIRS=OURS");
  import->add_flag("--json", options->json, "One JSON object instead of the report in words");
  import->footer(
      "Can be stopped and repeated: what has not changed is left alone.\n"
      "Status 0: everything came; 3: something could not, as the report says; 1: it could not go on.");
  import->callback([&line, options] {
    line.status =
        with_whole_config(line.common, [&](const auto& c) { return retell::app::import_account(c, *options); });
  });
}

}  // namespace

void add_account_commands(CLI::App& app, CommandLine& line) {
  add_keys(app, line);
  add_users(app, line);
  add_workspaces(app, line);
  add_jobs(app, line);
  add_import(app, line);
}

}  // namespace retell::app
