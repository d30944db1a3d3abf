#include "app/commands/keys.hpp"

#include <fmt/core.h>

#include "app/commands/accounts.hpp"

namespace retell::app {
namespace {

const std::string& chosen(const Accounts& accounts, const std::string& workspace) {
  return workspace.empty() ? accounts.first_workspace : workspace;
}

}  // namespace

int keys_create(const config::Config& config, const KeyOrder& order, bool quiet) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& a = **accounts;
  services::KeyWish wish{.name = order.name, .signs_webhooks = order.signs_webhooks};
  const auto& workspace = chosen(a, order.workspace);
  const auto made =
      run_to_end(a.audit.along_operator(workspace, {"create_key"}, a.keys.create(workspace, std::move(wish))));
  if (!made) return tell(made.error());
  if (quiet)
    fmt::print("{}\n", made->key);
  else
    fmt::print("{}\n\nKeep it: only its hash is stored. Its id, for `keys revoke`, is {}.\n", made->key, made->id);
  return 0;
}

int keys_list(const config::Config& config, const std::string& workspace, bool quiet) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& keys = (*accounts)->keys;
  const auto& owner = chosen(**accounts, workspace);
  const auto listed = run_to_end(keys.list(owner));
  if (!listed) return tell(listed.error());
  const auto signing = run_to_end(keys.webhook_key_id(owner));
  if (!signing) return tell(signing.error());
  constexpr auto line = "{:<40} {:<20} {:<18} {:<17} {:<17} {}\n";
  if (!quiet) fmt::print(line, "ID", "NAME", "BEGINS WITH", "CREATED (UTC)", "LAST USED", "SIGNS");
  for (const auto& key : *listed) {
    if (quiet)
      fmt::print("{}\n", key.id);
    else
      fmt::print(line, key.id, key.name, key.hint, utc(key.created_at),
                 key.last_used_at ? utc(*key.last_used_at) : "never", key.id == *signing ? "webhooks" : "");
  }
  return 0;
}

int keys_revoke(const config::Config& config, const std::string& workspace, const std::string& id) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& a = **accounts;
  const auto& owner = chosen(a, workspace);
  const auto signing = run_to_end(a.keys.webhook_key_id(owner));
  if (!signing) return tell(signing.error());
  const auto revoked = run_to_end(a.audit.along_operator(owner, {"revoke_key", id}, a.keys.revoke(owner, id, true)));
  if (!revoked) return tell(revoked.error());
  fmt::print("{} is revoked; running servers refuse it within {} s\n", id, services::ApiKeyService::remembered.count());
  if (*signing == id) {
    fmt::print("It signed the webhooks, which now wait: the next key that is made signs them.\n");
  }
  return 0;
}

}  // namespace retell::app
