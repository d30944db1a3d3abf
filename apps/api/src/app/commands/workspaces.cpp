#include "app/commands/workspaces.hpp"

#include <fmt/core.h>

#include <charconv>

#include "app/commands/accounts.hpp"

namespace retell::app {
namespace {

std::string shown(const std::optional<std::int64_t>& limit) { return limit ? std::to_string(*limit) : "default"; }

core::Result<> read_limit(const std::string& text, const char* option, std::optional<std::int64_t>& limit) {
  if (text.empty()) return {};
  if (text == "default") {
    limit.reset();
    return {};
  }
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [last, problem] = std::from_chars(text.data(), end, number);
  if (problem != std::errc() || last != end) {
    return core::fail(core::ErrorCode::invalid, "expected a number or \"default\"", option);
  }
  limit = number;
  return {};
}

}  // namespace

int workspaces_create(const config::Config& config, const std::string& name) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& a = **accounts;
  // Its own log begins with how it came to be.
  const auto id = services::WorkspaceService::new_id();
  const auto made =
      run_to_end(a.audit.along_operator(id, {"create_workspace", name}, a.workspaces.create(name, "", id)));
  if (!made) return tell(made.error());
  fmt::print("{}\n", made->id);
  return 0;
}

int workspaces_list(const config::Config& config) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  const auto all = run_to_end((*accounts)->workspaces.all());
  if (!all) return tell(all.error());
  fmt::print("{:<38} {:<24} {:>8} {:>10}  {}\n", "ID", "NAME", "CALLS", "REQUESTS/S", "CREATED (UTC)");
  for (const auto& one : *all) {
    fmt::print("{:<38} {:<24} {:>8} {:>10}  {}\n", one.id, one.name, shown(one.max_concurrent_calls),
               shown(one.max_requests_per_second), utc(one.created_at));
  }
  return 0;
}

int workspaces_limits(const config::Config& config, const LimitsWish& wish) {
  auto accounts = open_accounts(config);
  if (!accounts) return tell(accounts.error());
  auto& a = **accounts;
  const auto workspace = run_to_end(a.workspaces.get(wish.workspace));
  if (!workspace) return tell(workspace.error());
  services::WorkspaceLimits limits{workspace->max_requests_per_second, workspace->max_concurrent_calls};
  if (auto read = read_limit(wish.calls, "--calls", limits.max_concurrent_calls); !read) return tell(read.error());
  if (auto read = read_limit(wish.requests, "--requests", limits.max_requests_per_second); !read) {
    return tell(read.error());
  }
  const auto what =
      "calls " + shown(limits.max_concurrent_calls) + ", requests/s " + shown(limits.max_requests_per_second);
  const auto set = run_to_end(
      a.audit.along_operator(workspace->id, {"set_limits", what}, a.workspaces.set_limits(wish.workspace, limits)));
  if (!set) return tell(set.error());
  fmt::print("{} ({}): {}; running servers follow within {} s\n", set->name, set->id, what,
             services::WorkspaceService::remembered.count());
  return 0;
}

}  // namespace retell::app
