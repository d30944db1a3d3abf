// People's accounts: how they come to be (by invitation, or by the operator) and their passwords. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "services/password_hasher.hpp"
#include "services/principal.hpp"
#include "services/session_service.hpp"
#include "services/sign_in_guard.hpp"
#include "storage/cache/cache.hpp"
#include "storage/stores/invitation_store.hpp"
#include "storage/stores/session_store.hpp"
#include "storage/stores/user_store.hpp"

namespace retell::services {

struct NewInvitation {
  storage::Invitation invitation;
  std::string token;  // the only time that it is seen
};

struct NewUser {
  std::string email;
  std::string name;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(NewUser, (), (email, name, password))

// Name and password for a new account; of an existing one the password proves that the invitation is its owner's.
struct AcceptInvitation {
  std::string token;
  std::string password;
  std::optional<std::string> name = {};
};
BOOST_DESCRIBE_STRUCT(AcceptInvitation, (), (token, password, name))

class UserService {
 public:
  UserService(storage::Database& database, storage::Cache& cache, PasswordHasher& passwords, SignInGuard& guard,
              const core::Clock& clock)
      : database_(database),
        users_(database),
        invitations_(database),
        sessions_(database),
        cache_(cache),
        passwords_(passwords),
        guard_(guard),
        clock_(clock) {}

  // Makes an account that is a member of one workspace. invalid names the field; conflict when the address has one.
  [[nodiscard]] core::Task<core::Result<storage::User>> create(NewUser user, std::string organization_id,
                                                               domain::Role role);
  [[nodiscard]] core::Task<core::Result<storage::User>> get(std::string user_id);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::User>>> all();  // for the operator
  [[nodiscard]] core::Task<core::Result<storage::User>> find(std::string email);

  // Good once, within a week. forbidden for owners' roles unless by an owner.
  [[nodiscard]] core::Task<core::Result<NewInvitation>> invite(const Principal& by, std::string email,
                                                               domain::Role role);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::Invitation>>> invitations(std::string organization_id);
  [[nodiscard]] core::Task<core::Result<>> withdraw(std::string organization_id, std::string invitation_id);
  [[nodiscard]] core::Task<core::Result<storage::User>> accept(AcceptInvitation request, std::string address,
                                                               Along along = {});

  // A link to a new password, good once, within a day. For the operator.
  [[nodiscard]] core::Task<core::Result<NewInvitation>> reset_link(std::string email, std::string made_by);
  // The same by a workspace's admin: forbidden for those who belong to other workspaces too, since whoever has the link
  // becomes that person there as well.
  [[nodiscard]] core::Task<core::Result<NewInvitation>> reset_link_for(const Principal& by, std::string user_id);
  // All sessions end. Gives whose password it was.
  [[nodiscard]] core::Task<core::Result<storage::User>> reset_password(std::string token, std::string password,
                                                                       Along along = {});
  // All other sessions end. unauthorized when the current password is wrong.
  [[nodiscard]] core::Task<core::Result<>> change_password(const Principal& by, std::string current,
                                                           std::string password, std::string address);

  static constexpr std::chrono::hours invitation_lifetime{24 * 7};
  static constexpr std::chrono::hours reset_lifetime{24};

 private:
  [[nodiscard]] core::Task<core::Result<NewInvitation>> make(storage::Invitation invitation,
                                                             std::chrono::hours lifetime);
  [[nodiscard]] core::Task<core::Result<storage::Invitation>> open_invitation(std::string token,
                                                                              storage::InvitationKind kind);
  [[nodiscard]] core::Task<core::Result<storage::User>> new_account(const storage::Invitation& invitation,
                                                                    AcceptInvitation request);
  [[nodiscard]] core::Task<core::Result<>> set_password(const storage::User& user, std::string password,
                                                        std::string keep_session, std::vector<storage::Statement> more);
  [[nodiscard]] core::Task<core::Result<>> check_password(const storage::User& user, std::string password,
                                                          std::string address);

  storage::Database& database_;
  storage::UserStore users_;
  storage::InvitationStore invitations_;
  storage::SessionStore sessions_;
  storage::Cache& cache_;
  PasswordHasher& passwords_;
  SignInGuard& guard_;
  const core::Clock& clock_;
};

// Lower case and trimmed; invalid when it is no e-mail address.
[[nodiscard]] core::Result<std::string> clean_email(std::string_view email);

}  // namespace retell::services
