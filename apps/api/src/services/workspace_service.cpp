#include "services/workspace_service.hpp"

#include "core/ids.hpp"
#include "domain/rules.hpp"
#include "json/read.hpp"
#include "text/utf8.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

auto no_such_workspace() { return fail(ErrorCode::not_found, "there is no such workspace"); }
auto no_such_member() { return fail(ErrorCode::not_found, "there is no such member"); }
auto last_owner() { return fail(ErrorCode::invalid, "a workspace keeps at least one owner: make another one first"); }

core::Result<> check_name(const std::string& name) {
  constexpr std::size_t longest = 100;
  if (!name.empty() && text::utf8_length(name) <= longest) return {};
  return fail(ErrorCode::invalid, "name: must have 1 to 100 characters", "name");
}

}  // namespace

core::Result<WorkspaceChange> read_workspace_change(const json::Value& body) {
  auto change = json::read<WorkspaceChange>(body);
  if (!change) return change;
  json::Problems problems;
  domain::check_not_null(problems, body, {"name"});
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  const auto* url = body.get_object().if_contains("webhook_url");
  if (url != nullptr && url->is_null()) change->webhook_url = "";
  return change;
}

core::Result<> may_handle(const Principal& by, domain::Role role) {
  if (role != domain::Role::owner) return {};
  if (by.kind == PrincipalKind::user && by.role == domain::Role::owner) return {};
  return fail(ErrorCode::forbidden, "only an owner can make and unmake owners");
}

std::string WorkspaceService::new_id() { return core::make_id("org_"); }

core::Task<core::Result<storage::Organization>> WorkspaceService::create(std::string name, std::string owner_id,
                                                                         std::string id) {
  if (auto fine = check_name(name); !fine) co_return tl::unexpected(fine.error());
  storage::Organization organization{std::move(id), std::move(name), "", core::epoch_ms(clock_.wall())};
  std::vector<storage::Statement> statements;
  statements.push_back(storage::OrganizationStore::insert_statement(organization));
  if (!owner_id.empty()) {
    statements.push_back(storage::UserStore::add_member(
        {organization.id, std::move(owner_id), domain::Role::owner, organization.created_at}));
  }
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return organization;
}

core::Task<core::Result<storage::Organization>> WorkspaceService::get(std::string id) {
  auto found = co_await organizations_.find(std::move(id));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return no_such_workspace();
  co_return std::move(**found);
}

core::Task<core::Result<std::vector<storage::Organization>>> WorkspaceService::all() {
  co_return co_await organizations_.list();
}

core::Task<core::Result<storage::Organization>> WorkspaceService::store(storage::Organization organization) {
  const auto done = co_await organizations_.update(organization);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return no_such_workspace();
  const std::lock_guard lock(mutex_);
  known_.erase(organization.id);
  co_return organization;
}

core::Task<core::Result<storage::Organization>> WorkspaceService::change(std::string id, WorkspaceChange change) {
  auto organization = co_await get(std::move(id));
  if (!organization) co_return organization;
  if (change.name) {
    if (auto fine = check_name(*change.name); !fine) co_return tl::unexpected(fine.error());
    organization->name = std::move(*change.name);
  }
  if (change.webhook_url) {
    if (!change.webhook_url->empty()) {
      json::Problems problems;
      domain::check_url(problems, "webhook_url", change.webhook_url);
      if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error());
    }
    organization->webhook_url = std::move(*change.webhook_url);
  }
  co_return co_await store(std::move(*organization));
}

core::Task<core::Result<storage::Organization>> WorkspaceService::set_limits(std::string id, WorkspaceLimits limits) {
  constexpr std::int64_t most = 1'000'000;
  if (limits.max_requests_per_second.value_or(0) < 0 || limits.max_requests_per_second.value_or(0) > most) {
    co_return fail(ErrorCode::invalid, "max_requests_per_second: must be from 0 (no limit) to 1000000",
                   "max_requests_per_second");
  }
  if (limits.max_concurrent_calls.value_or(0) < 0 || limits.max_concurrent_calls.value_or(0) > most) {
    co_return fail(ErrorCode::invalid, "max_concurrent_calls: must be from 0 to 1000000", "max_concurrent_calls");
  }
  auto organization = co_await get(std::move(id));
  if (!organization) co_return organization;
  organization->max_requests_per_second = limits.max_requests_per_second;
  organization->max_concurrent_calls = limits.max_concurrent_calls;
  co_return co_await store(std::move(*organization));
}

core::Task<core::Result<storage::Organization>> WorkspaceService::recent(std::string id) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = known_.find(id);
    if (known != known_.end() && known->second.until > clock_.now()) co_return known->second.organization;
  }
  auto found = co_await get(id);
  if (!found) co_return found;
  const std::lock_guard lock(mutex_);
  known_[id] = {*found, clock_.now() + remembered};
  co_return found;
}

core::Task<std::optional<int>> WorkspaceService::concurrent_calls(std::string id) {
  const auto organization = co_await recent(std::move(id));
  if (!organization || !organization->max_concurrent_calls) co_return std::nullopt;
  co_return static_cast<int>(*organization->max_concurrent_calls);
}

core::Task<core::Result<std::string>> WorkspaceService::webhook_url(std::string id) {
  auto organization = co_await recent(std::move(id));
  if (!organization) co_return tl::unexpected(organization.error());
  co_return std::move(organization->webhook_url);
}

core::Task<core::Result<std::vector<storage::Member>>> WorkspaceService::members(std::string id) {
  co_return co_await users_.members(std::move(id));
}

core::Task<core::Result<std::vector<storage::Member>>> WorkspaceService::memberships(std::string user_id) {
  co_return co_await users_.memberships(std::move(user_id));
}

core::Task<core::Result<storage::Member>> WorkspaceService::member(std::string id, std::string user_id) {
  auto found = co_await users_.member(std::move(id), std::move(user_id));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return no_such_member();
  co_return std::move(**found);
}

core::Task<core::Result<storage::Member>> WorkspaceService::set_role(const Principal& by, std::string user_id,
                                                                     domain::Role role) {
  const auto id = by.organization_id;
  auto who = co_await member(id, user_id);
  if (!who) co_return who;
  for (const auto concerned : {who->role, role}) {
    if (auto fine = may_handle(by, concerned); !fine) co_return tl::unexpected(fine.error());
  }
  const auto done = co_await users_.set_role(id, user_id, role);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return last_owner();
  co_await cache_.invalidate(cache_group(id, user_id));
  who->role = role;
  co_return who;
}

core::Task<core::Result<>> WorkspaceService::remove_member(const Principal& by, std::string user_id) {
  const auto id = by.organization_id;
  const auto who = co_await member(id, user_id);
  if (!who) co_return tl::unexpected(who.error());
  if (by.user_id != user_id) {
    const domain::Need need{domain::Area::member, domain::Access::edit};
    if (!by.grants.allow(need)) co_return fail(ErrorCode::forbidden, "this needs " + describe(need));
    if (auto fine = may_handle(by, who->role); !fine) co_return fine;
  }
  const auto done = co_await users_.remove_member(id, user_id);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return last_owner();
  co_await cache_.invalidate(cache_group(id, user_id));
  co_return core::Result<>{};
}

}  // namespace retell::services
