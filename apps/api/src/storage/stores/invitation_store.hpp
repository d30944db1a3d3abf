// One-time links, by the digest of their token: into a workspace, or to a new password.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/task.hpp"
#include "domain/access.hpp"
#include "storage/db/database.hpp"

namespace retell::storage {

enum class InvitationKind : std::uint8_t { invite, reset };
BOOST_DESCRIBE_ENUM(InvitationKind, invite, reset)

struct Invitation {
  std::string id;
  std::string organization_id;  // empty for a reset: it concerns the person, not a workspace
  InvitationKind kind = InvitationKind::invite;
  std::string email;
  domain::Role role = domain::Role::viewer;  // of an invite
  std::string token_hash;
  std::string created_by;
  std::int64_t created_at = 0;
  std::int64_t expires_at = 0;
};

class InvitationStore {
 public:
  explicit InvitationStore(Database& database) : database_(database) {}
  [[nodiscard]] core::Task<core::Result<>> insert(Invitation invitation);
  // Nothing for unknown, used and expired ones.
  [[nodiscard]] core::Task<core::Result<std::optional<Invitation>>> find(std::string token_hash, std::int64_t now_ms);
  [[nodiscard]] core::Task<core::Result<std::vector<Invitation>>> open(std::string organization_id,
                                                                       std::int64_t now_ms);  // invites alone
  [[nodiscard]] core::Task<core::Result<bool>> remove(std::string organization_id, std::string id);

  // Part of the transaction that does what the invitation is for: conflict when it was used meanwhile.
  [[nodiscard]] static Statement use(const std::string& id, std::int64_t now_ms);
  // All links to a new password of this address: one has been set.
  [[nodiscard]] static Statement use_resets(const std::string& email, std::int64_t now_ms);

 private:
  [[nodiscard]] core::Task<core::Result<std::vector<Invitation>>> read(Statement statement);
  Database& database_;
};

}  // namespace retell::storage
