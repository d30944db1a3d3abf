#include "app/commands/users.hpp"

#include <fmt/core.h>

#include <fstream>
#include <iterator>

#include "app/commands/accounts.hpp"
#include "crypto/api_key.hpp"

namespace retell::app {
namespace {

core::Result<std::string> read_password(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (!in || text.empty()) return core::fail(core::ErrorCode::io, "cannot read a password from " + path);
  return text;
}

int print_link(Accounts& accounts, const std::string& email, const std::string& workspace, bool quiet) {
  const auto link = run_to_end(
      accounts.audit.along_operator(workspace, {"reset_link", email}, accounts.users.reset_link(email, "operator")));
  if (!link) return tell(link.error());
  if (quiet) {
    fmt::print("{}\n", link->token);
  } else {
    fmt::print(
        "{}\n\nGive it to {}: it sets a new password once, until {} UTC:\n"
        "  curl -X POST <server>/v1/passwords/reset -H 'Content-Type: application/json' \\\n"
        "    -d '{{\"token\":\"…\",\"password\":\"…\"}}'\n",
        link->token, link->invitation.email, utc(link->invitation.expires_at));
  }
  return 0;
}

}  // namespace

int users_create(const config::Config& config, const UserWish& wish, bool quiet) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& a = **accounts;
  const auto workspace = run_to_end(a.workspaces.get(wish.workspace.empty() ? a.first_workspace : wish.workspace));
  if (!workspace) return tell(workspace.error());
  // Without a file nobody knows the first password, and nobody needs to.
  auto password = wish.password_file.empty() ? core::Result<std::string>(crypto::generate_token(""))
                                             : read_password(wish.password_file);
  if (!password) return tell(password.error());
  const auto role = json::enum_value<domain::Role>(wish.role).value_or(domain::Role::viewer);
  const auto user = run_to_end(
      a.audit.along_operator(workspace->id, {"create_user", wish.email},
                             a.users.create({wish.email, wish.name, std::move(*password)}, workspace->id, role)));
  if (!user) return tell(user.error());
  if (!quiet) fmt::print("{} is {} of \"{}\" ({}).\n", user->email, wish.role, workspace->name, workspace->id);
  return wish.password_file.empty() ? print_link(a, user->email, workspace->id, quiet) : 0;
}

int users_list(const config::Config& config) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& a = **accounts;
  const auto all = run_to_end(a.users.all());
  if (!all) return tell(all.error());
  fmt::print("{:<38} {:<30} {:<17} {}\n", "ID", "E-MAIL", "CREATED (UTC)", "WORKSPACES");
  for (const auto& user : *all) {
    const auto memberships = run_to_end(a.workspaces.memberships(user.id));
    if (!memberships) return tell(memberships.error());
    std::string where;
    for (const auto& one : *memberships) {
      where +=
          (where.empty() ? "" : ", ") + one.organization_name + " (" + std::string(json::enum_name(one.role)) + ")";
    }
    fmt::print("{:<38} {:<30} {:<17} {}\n", user.id, user.email, utc(user.created_at), where);
  }
  return 0;
}

int users_reset_password(const config::Config& config, const std::string& email, bool quiet) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  return print_link(**accounts, email, (*accounts)->first_workspace, quiet);
}

}  // namespace retell::app
