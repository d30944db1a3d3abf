// One's own account, and the people of a workspace.
#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

struct Membership {
  std::string workspace_id;
  std::string name;
  domain::Role role = domain::Role::viewer;
};
BOOST_DESCRIBE_STRUCT(Membership, (), (workspace_id, name, role))

struct Me {
  std::string user_id;
  std::string email;
  std::string name;
  std::vector<Membership> workspaces;
};
BOOST_DESCRIBE_STRUCT(Me, (), (user_id, email, name, workspaces))

struct Member {
  std::string user_id;
  std::string email;
  std::string name;
  domain::Role role = domain::Role::viewer;
  std::int64_t created_at = 0;  // since when, epoch ms
};
BOOST_DESCRIBE_STRUCT(Member, (), (user_id, email, name, role, created_at))

struct NewPassword {
  std::string current_password;  // secret
  std::string password;          // secret
};
BOOST_DESCRIBE_STRUCT(NewPassword, (), (current_password, password))

struct RoleBody {
  domain::Role role = domain::Role::viewer;
};
BOOST_DESCRIBE_STRUCT(RoleBody, (), (role))

struct InviteBody {
  std::string email;
  domain::Role role = domain::Role::viewer;
};
BOOST_DESCRIBE_STRUCT(InviteBody, (), (email, role))

struct Invitation {
  std::string invitation_id;
  std::string email;
  domain::Role role = domain::Role::viewer;
  std::int64_t created_at = 0;
  std::int64_t expires_at = 0;
};
BOOST_DESCRIBE_STRUCT(Invitation, (), (invitation_id, email, role, created_at, expires_at))

struct InvitationLink : Invitation {
  std::string token;  // shown this once: give it to the person invited
};
BOOST_DESCRIBE_STRUCT(InvitationLink, (Invitation), (token))

struct ResetLink {
  std::string email;
  std::string token;  // shown this once: give it to the person
  std::int64_t expires_at = 0;
};
BOOST_DESCRIBE_STRUCT(ResetLink, (), (email, token, expires_at))

core::Task<Outcome> me(Api& api, const Request& request) {
  const auto user = co_await api.users.get(request.principal().user_id);
  if (!user) co_return tl::unexpected(user.error());
  const auto memberships = co_await api.workspaces.memberships(user->id);
  if (!memberships) co_return tl::unexpected(memberships.error());
  Me out{user->id, user->email, user->name, {}};
  for (const auto& one : *memberships) {
    out.workspaces.push_back({one.organization_id, one.organization_name, one.role});
  }
  co_return json_reply(200, json::write(out));
}

core::Task<Outcome> change_password(Api& api, const Request& request, NewPassword body) {
  const auto done = co_await api.users.change_password(request.principal(), std::move(body.current_password),
                                                       std::move(body.password), request.visitor().address);
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

Member shown(const storage::Member& one) { return {one.user_id, one.email, one.name, one.role, one.created_at}; }

core::Task<Outcome> members(Api& api, const Request& request) {
  const auto all = co_await api.workspaces.members(request.organization());
  if (!all) co_return tl::unexpected(all.error());
  json::Array out;
  for (const auto& one : *all) out.push_back(json::write(shown(one)));
  co_return json_reply(200, std::move(out));
}

core::Task<Outcome> set_role(Api& api, const Request& request, RoleBody body) {
  const auto member = co_await api.workspaces.set_role(request.principal(), request.parameter(0), body.role);
  if (!member) co_return tl::unexpected(member.error());
  co_return json_reply(200, json::write(shown(*member)));
}

core::Task<Outcome> remove_member(Api& api, const Request& request) {
  const auto done = co_await api.workspaces.remove_member(request.principal(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> reset_link(Api& api, const Request& request) {
  auto made = co_await api.users.reset_link_for(request.principal(), request.parameter(0));
  if (!made) co_return tl::unexpected(made.error());
  co_return json_reply(
      201, json::write(ResetLink{made->invitation.email, std::move(made->token), made->invitation.expires_at}));
}

void fill(Invitation& out, const storage::Invitation& from) {
  out.invitation_id = from.id;
  out.email = from.email;
  out.role = from.role;
  out.created_at = from.created_at;
  out.expires_at = from.expires_at;
}

core::Task<Outcome> invite(Api& api, const Request& request, InviteBody body) {
  auto made = co_await api.users.invite(request.principal(), std::move(body.email), body.role);
  if (!made) co_return tl::unexpected(made.error());
  InvitationLink out;
  fill(out, made->invitation);
  out.token = std::move(made->token);
  co_return json_reply(201, json::write(out));
}

core::Task<Outcome> invitations(Api& api, const Request& request) {
  const auto all = co_await api.users.invitations(request.organization());
  if (!all) co_return tl::unexpected(all.error());
  json::Array out;
  for (const auto& one : *all) {
    Invitation shown_one;
    fill(shown_one, one);
    out.push_back(json::write(shown_one));
  }
  co_return json_reply(200, std::move(out));
}

core::Task<Outcome> withdraw(Api& api, const Request& request) {
  const auto done = co_await api.users.withdraw(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

// Leaving is everybody's right, so the service decides.
constexpr domain::Need see_members{domain::Area::member, domain::Access::read};

constexpr Route table[] = {
    endpoint<&me, Me>("GET", "/v1/user", 200, "Get one's own account and workspaces", {.needs = {.person = true}}),
    endpoint<&change_password>("POST", "/v1/user/password", 204, "Change one's own password",
                               {.needs = {.person = true}}),
    endpoint<&members, std::vector<Member>>("GET", "/v1/members", 200, "List the people of the workspace"),
    endpoint<&set_role, Member>("PATCH", "/v1/members/{user_id}", 200, "Give a person another role"),
    endpoint<&remove_member>("DELETE", "/v1/members/{user_id}", 204, "Remove a person, or leave",
                             {.needs = {.need = see_members}}),
    endpoint<&reset_link, ResetLink>("POST", "/v1/members/{user_id}/reset-password", 201,
                                     "Make a link with which a person sets a new password"),
    endpoint<&invitations, std::vector<Invitation>>("GET", "/v1/invitations", 200, "List open invitations"),
    endpoint<&invite, InvitationLink>("POST", "/v1/invitations", 201, "Invite a person"),
    endpoint<&withdraw>("DELETE", "/v1/invitations/{invitation_id}", 204, "Withdraw an invitation"),
};

}  // namespace

std::span<const Route> user_routes() { return table; }

}  // namespace retell::api
