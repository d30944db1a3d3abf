#include "storage/stores/invitation_store.hpp"

namespace retell::storage {
namespace {

constexpr auto columns =
    "SELECT id, organization_id, kind, email, role, token_hash, created_by, created_at, expires_at FROM invitations ";

}  // namespace

core::Task<core::Result<>> InvitationStore::insert(Invitation invitation) {
  Statement statement;
  statement.sql =
      "INSERT INTO invitations (id, organization_id, kind, email, role, token_hash, created_by, created_at, "
      "expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
  statement.params = {invitation.id,
                      invitation.organization_id,
                      json::enum_name(invitation.kind),
                      invitation.email,
                      json::enum_name(invitation.role),
                      invitation.token_hash,
                      invitation.created_by,
                      invitation.created_at,
                      invitation.expires_at};
  statement.makes = invitation.id;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::vector<Invitation>>> InvitationStore::read(Statement statement) {
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<Invitation> all;
  for (const auto& row : *rows) {
    const auto kind = json::enum_value<InvitationKind>(row.text(2));
    const auto role = json::enum_value<domain::Role>(row.text(4));
    if (!kind || !role) co_return core::fail(core::ErrorCode::io, "the invitation " + row.text(0) + " is damaged");
    all.push_back({row.text(0), row.text(1), *kind, row.text(3), *role, row.text(5), row.text(6), row.integer(7),
                   row.integer(8)});
  }
  co_return all;
}

core::Task<core::Result<std::optional<Invitation>>> InvitationStore::find(std::string token_hash, std::int64_t now_ms) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2";
  statement.params = {std::move(token_hash), now_ms};
  auto found = co_await read(std::move(statement));
  if (!found) co_return tl::unexpected(found.error());
  std::optional<Invitation> invitation;
  if (!found->empty()) invitation = std::move(found->front());
  co_return invitation;
}

core::Task<core::Result<std::vector<Invitation>>> InvitationStore::open(std::string organization_id,
                                                                        std::int64_t now_ms) {
  Statement statement;
  statement.sql = std::string(columns) +
                  "WHERE organization_id = $1 AND kind = 'invite' AND used_at IS NULL AND expires_at > $2 ORDER BY "
                  "created_at, id";
  statement.params = {std::move(organization_id), now_ms};
  co_return co_await read(std::move(statement));
}

core::Task<core::Result<bool>> InvitationStore::remove(std::string organization_id, std::string id) {
  Statement statement;
  statement.sql =
      "DELETE FROM invitations WHERE organization_id = $1 AND id = $2 AND kind = 'invite' AND used_at IS NULL "
      "RETURNING id";
  statement.params = {std::move(organization_id), std::move(id)};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

Statement InvitationStore::use(const std::string& id, std::int64_t now_ms) {
  Statement statement;
  statement.sql = "UPDATE invitations SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING id";
  statement.params = {id, now_ms};
  statement.at_least_rows = 1;
  return statement;
}

Statement InvitationStore::use_resets(const std::string& email, std::int64_t now_ms) {
  Statement statement;
  statement.sql = "UPDATE invitations SET used_at = $2 WHERE email = $1 AND kind = 'reset' AND used_at IS NULL";
  statement.params = {email, now_ms};
  return statement;
}

}  // namespace retell::storage
