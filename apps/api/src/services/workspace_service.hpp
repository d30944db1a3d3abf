// Workspaces (the tenants, "organisations" in storage): their settings and limits, and who belongs to them with which
// role. Any thread.
#pragma once
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/principal.hpp"
#include "storage/cache/cache.hpp"
#include "storage/stores/organization_store.hpp"
#include "storage/stores/user_store.hpp"

namespace retell::services {

struct WorkspaceDefaults {
  int max_concurrent_calls = 0;     // 0: as many as all processes together
  int max_requests_per_second = 0;  // 0: no limit
};

struct WorkspaceChange {
  std::optional<std::string> name = {};
  std::optional<std::string> webhook_url = {};  // "": none
};
BOOST_DESCRIBE_STRUCT(WorkspaceChange, (), (name, webhook_url))
// A partial update as it came: null removes the webhook's address; invalid names the fields.
[[nodiscard]] core::Result<WorkspaceChange> read_workspace_change(const json::Value& body);

// Of one workspace; nothing: the server's default.
struct WorkspaceLimits {
  std::optional<std::int64_t> max_requests_per_second = {};
  std::optional<std::int64_t> max_concurrent_calls = {};
};

class WorkspaceService {
 public:
  WorkspaceService(storage::Database& database, storage::Cache& cache, const core::Clock& clock,
                   WorkspaceDefaults defaults)
      : database_(database),
        organizations_(database),
        users_(database),
        cache_(cache),
        clock_(clock),
        defaults_(defaults) {}

  [[nodiscard]] static std::string new_id();
  // `owner_id`: its first member; empty: none, as the operator makes them. `id`: for who must know it before.
  [[nodiscard]] core::Task<core::Result<storage::Organization>> create(std::string name, std::string owner_id,
                                                                       std::string id = new_id());
  // not_found.
  [[nodiscard]] core::Task<core::Result<storage::Organization>> get(std::string id);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::Organization>>> all();  // for the operator
  [[nodiscard]] core::Task<core::Result<storage::Organization>> change(std::string id, WorkspaceChange change);
  // The operator's: nobody raises the limits that they are under.
  [[nodiscard]] core::Task<core::Result<storage::Organization>> set_limits(std::string id, WorkspaceLimits limits);

  // At most `remembered` old, from this process's memory. The limit of its own, if it has one; nothing also when it
  // cannot be looked up.
  [[nodiscard]] core::Task<std::optional<int>> concurrent_calls(std::string id);
  // From the same memory; "" when there is none. Errors are the database's.
  [[nodiscard]] core::Task<core::Result<std::string>> webhook_url(std::string id);
  [[nodiscard]] const WorkspaceDefaults& defaults() const { return defaults_; }

  [[nodiscard]] core::Task<core::Result<std::vector<storage::Member>>> members(std::string id);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::Member>>> memberships(std::string user_id);
  // Only owners make and unmake owners (forbidden), and there is always one left (invalid).
  [[nodiscard]] core::Task<core::Result<storage::Member>> set_role(const Principal& by, std::string user_id,
                                                                   domain::Role role);
  // Anyone may leave; others are removed by those who may edit members.
  [[nodiscard]] core::Task<core::Result<>> remove_member(const Principal& by, std::string user_id);

  // Where the cache keeps a member's role; invalid as soon as it changes.
  [[nodiscard]] static std::string cache_group(const std::string& id, const std::string& user_id) {
    return "member:" + id + ":" + user_id;
  }

  static constexpr std::chrono::seconds remembered{15};

 private:
  struct Known {
    storage::Organization organization;
    core::TimePoint until;
  };
  [[nodiscard]] core::Task<core::Result<storage::Organization>> recent(std::string id);
  [[nodiscard]] core::Task<core::Result<storage::Organization>> store(storage::Organization organization);
  [[nodiscard]] core::Task<core::Result<storage::Member>> member(std::string id, std::string user_id);

  storage::Database& database_;
  storage::OrganizationStore organizations_;
  storage::UserStore users_;
  storage::Cache& cache_;
  const core::Clock& clock_;
  WorkspaceDefaults defaults_;
  std::mutex mutex_;
  std::unordered_map<std::string, Known> known_;
};

// Whether `by` may give or take a role: forbidden for owners' unless by an owner.
[[nodiscard]] core::Result<> may_handle(const Principal& by, domain::Role role);

}  // namespace retell::services
