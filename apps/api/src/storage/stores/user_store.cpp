#include "storage/stores/user_store.hpp"

namespace retell::storage {
namespace {

constexpr auto user_columns = "SELECT id, email, name, password_hash, created_at, disabled_at FROM users ";
constexpr auto member_columns =
    "SELECT m.organization_id, m.user_id, m.role, m.created_at, u.email, u.name, o.name FROM members AS m JOIN users "
    "AS u ON u.id = m.user_id JOIN organizations AS o ON o.id = m.organization_id ";
// The condition under which a member may stop being an owner.
constexpr auto not_the_last_owner =
    "(role <> 'owner' OR (SELECT COUNT(*) FROM members AS o WHERE o.organization_id = $1 AND o.role = 'owner') > 1)";

User to_user(const Row& row) {
  return {row.text(0), row.text(1), row.text(2), row.text(3), row.integer(4), row.maybe_integer(5)};
}

core::Result<std::optional<User>> one(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  return to_user(rows->front());
}

}  // namespace

core::Task<core::Result<std::optional<User>>> UserStore::find(std::string id) {
  Statement statement;
  statement.sql = std::string(user_columns) + "WHERE id = $1";
  statement.params = {std::move(id)};
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::optional<User>>> UserStore::find_by_email(std::string email) {
  Statement statement;
  statement.sql = std::string(user_columns) + "WHERE email = $1";
  statement.params = {std::move(email)};
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::vector<User>>> UserStore::list() {
  Statement statement;
  statement.sql = std::string(user_columns) + "ORDER BY created_at, id";
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<User> all;
  for (const auto& row : *rows) all.push_back(to_user(row));
  co_return all;
}

core::Task<core::Result<std::vector<Member>>> UserStore::read_members(Statement statement) {
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<Member> all;
  for (const auto& row : *rows) {
    const auto role = json::enum_value<domain::Role>(row.text(2));
    if (!role) co_return core::fail(core::ErrorCode::io, "a member has the unknown role " + row.text(2));
    all.push_back({row.text(0), row.text(1), *role, row.integer(3), row.text(4), row.text(5), row.text(6)});
  }
  co_return all;
}

core::Task<core::Result<std::vector<Member>>> UserStore::members(std::string organization_id) {
  Statement statement;
  statement.sql = std::string(member_columns) + "WHERE m.organization_id = $1 ORDER BY m.created_at, m.user_id";
  statement.params = {std::move(organization_id)};
  co_return co_await read_members(std::move(statement));
}

core::Task<core::Result<std::vector<Member>>> UserStore::memberships(std::string user_id) {
  Statement statement;
  statement.sql = std::string(member_columns) + "WHERE m.user_id = $1 ORDER BY m.created_at, m.organization_id";
  statement.params = {std::move(user_id)};
  co_return co_await read_members(std::move(statement));
}

core::Task<core::Result<std::optional<Member>>> UserStore::member(std::string organization_id, std::string user_id) {
  Statement statement;
  statement.sql = std::string(member_columns) + "WHERE m.organization_id = $1 AND m.user_id = $2";
  statement.params = {std::move(organization_id), std::move(user_id)};
  auto found = co_await read_members(std::move(statement));
  if (!found) co_return tl::unexpected(found.error());
  std::optional<Member> member;
  if (!found->empty()) member = std::move(found->front());
  co_return member;
}

// Two owners who unmake each other at the same moment must not both succeed: the organisation's row is held meanwhile.
core::Task<core::Result<bool>> UserStore::change_member(std::string organization_id, Statement change) {
  Statement hold;
  hold.sql = "UPDATE organizations SET name = name WHERE id = $1";
  hold.params = {std::move(organization_id)};
  std::vector<Statement> statements;
  statements.push_back(std::move(hold));
  statements.push_back(std::move(change));
  statements.back().at_least_rows = 1;
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done && done.error().field == too_few_rows) co_return false;
  if (!done) co_return tl::unexpected(done.error());
  co_return true;
}

core::Task<core::Result<bool>> UserStore::set_role(std::string organization_id, std::string user_id,
                                                   domain::Role role) {
  Statement statement;
  statement.sql = std::string(
                      "UPDATE members SET role = $3 WHERE organization_id = $1 AND user_id = $2 AND ($3 = "
                      "'owner' OR ") +
                  not_the_last_owner + ") RETURNING user_id";
  statement.params = {organization_id, std::move(user_id), json::enum_name(role)};
  co_return co_await change_member(std::move(organization_id), std::move(statement));
}

core::Task<core::Result<bool>> UserStore::remove_member(std::string organization_id, std::string user_id) {
  Statement statement;
  statement.sql = std::string("DELETE FROM members WHERE organization_id = $1 AND user_id = $2 AND ") +
                  not_the_last_owner + " RETURNING user_id";
  statement.params = {organization_id, std::move(user_id)};
  co_return co_await change_member(std::move(organization_id), std::move(statement));
}

Statement UserStore::insert(const User& user) {
  Statement statement;
  statement.sql = "INSERT INTO users (id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)";
  statement.params = {user.id, user.email, user.name, user.password_hash, user.created_at};
  return statement;
}

Statement UserStore::set_password(const std::string& user_id, const std::string& hash) {
  Statement statement;
  statement.sql = "UPDATE users SET password_hash = $2 WHERE id = $1 RETURNING id";
  statement.params = {user_id, hash};
  statement.at_least_rows = 1;
  return statement;
}

Statement UserStore::add_member(const Member& member) {
  Statement statement;
  statement.sql = "INSERT INTO members (organization_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)";
  statement.params = {member.organization_id, member.user_id, json::enum_name(member.role), member.created_at};
  return statement;
}

}  // namespace retell::storage
