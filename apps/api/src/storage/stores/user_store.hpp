// People: their accounts, and which workspaces they are members of.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "domain/access.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

struct User {
  std::string id;
  std::string email;  // lower case
  std::string name;
  std::string password_hash;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> disabled_at = {};
};

struct Member {
  std::string organization_id;
  std::string user_id;
  domain::Role role = domain::Role::viewer;
  std::int64_t created_at = 0;
  // Of the user and of the organisation, to be shown; not stored with it.
  std::string email = {};
  std::string name = {};
  std::string organization_name = {};
};

class UserStore {
 public:
  explicit UserStore(Database& database) : database_(database) {}

  [[nodiscard]] core::Task<core::Result<std::optional<User>>> find(std::string id);
  [[nodiscard]] core::Task<core::Result<std::optional<User>>> find_by_email(std::string email);
  [[nodiscard]] core::Task<core::Result<std::vector<User>>> list();  // of the whole server; for the operator

  [[nodiscard]] core::Task<core::Result<std::vector<Member>>> members(std::string organization_id);
  [[nodiscard]] core::Task<core::Result<std::vector<Member>>> memberships(std::string user_id);  // oldest first
  [[nodiscard]] core::Task<core::Result<std::optional<Member>>> member(std::string organization_id,
                                                                       std::string user_id);
  // An organisation never loses its last owner: these give false for a member that is the last one or does not exist.
  [[nodiscard]] core::Task<core::Result<bool>> set_role(std::string organization_id, std::string user_id,
                                                        domain::Role role);
  [[nodiscard]] core::Task<core::Result<bool>> remove_member(std::string organization_id, std::string user_id);

  // Parts of transactions. Of a user whose address is taken: conflict.
  [[nodiscard]] static Statement insert(const User& user);
  [[nodiscard]] static Statement set_password(const std::string& user_id, const std::string& hash);
  [[nodiscard]] static Statement add_member(const Member& member);  // conflict for one who is a member already

 private:
  [[nodiscard]] core::Task<core::Result<std::vector<Member>>> read_members(Statement statement);
  [[nodiscard]] core::Task<core::Result<bool>> change_member(std::string organization_id, Statement change);
  Database& database_;
};

}  // namespace retell::storage
