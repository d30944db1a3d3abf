// Signing in and out of the dashboard, and the sessions that are open.
#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

struct Credentials {
  std::string email;
  std::string password;  // secret
};
BOOST_DESCRIBE_STRUCT(Credentials, (), (email, password))

struct RefreshBody {
  std::string refresh_token;  // secret
};
BOOST_DESCRIBE_STRUCT(RefreshBody, (), (refresh_token))

struct Tokens {
  std::string access_token;  // goes into Authorization: Bearer
  std::string token_type = "Bearer";
  std::int64_t expires_at = 0;  // of the access token, epoch ms
  std::string refresh_token;    // good once
  std::int64_t refresh_expires_at = 0;
  std::string session_id;
  std::string user_id;
};
BOOST_DESCRIBE_STRUCT(Tokens, (),
                      (access_token, token_type, expires_at, refresh_token, refresh_expires_at, session_id, user_id))

struct Session {
  std::string session_id;
  std::string address;
  std::string user_agent;
  std::int64_t created_at = 0;
  std::int64_t last_used_at = 0;
  std::int64_t expires_at = 0;
  bool is_this_one = false;
};
BOOST_DESCRIBE_STRUCT(Session, (), (session_id, address, user_agent, created_at, last_used_at, expires_at, is_this_one))

core::Task<core::Result<std::vector<storage::Statement>>> entries_of(Api& api, const Request& request,
                                                                     std::string action, services::Doing doing) {
  const auto memberships = co_await api.workspaces.memberships(doing.user_id);
  if (!memberships) co_return tl::unexpected(memberships.error());
  std::vector<std::string> workspaces;
  for (const auto& one : *memberships) workspaces.push_back(one.organization_id);
  if (!doing.joins.empty()) workspaces.push_back(doing.joins);
  std::vector<storage::Statement> entries;
  for (auto& workspace : workspaces) {
    services::Principal by;
    by.kind = services::PrincipalKind::user;
    by.organization_id = std::move(workspace);
    by.user_id = doing.user_id;
    by.user_email = doing.email;
    const auto entry = api.audit.begin(std::move(by), {action, doing.target, request.visitor(), request.id()});
    entries.push_back(entry->statement({}));
  }
  co_return entries;
}

// Every workspace of a person learns of what that person does, in the transaction that does it.
services::Along told_everywhere(Api& api, const Request& request, std::string action) {
  return [&api, &request, action = std::move(action)](services::Doing doing) {
    return entries_of(api, request, action, std::move(doing));
  };
}

net::HttpResponse tokens_reply(unsigned status, services::SignedIn in) {
  auto response = json_reply(status, json::write(Tokens{std::move(in.access_token), "Bearer", in.access_expires_at,
                                                        std::move(in.refresh_token), in.refresh_expires_at,
                                                        std::move(in.session_id), std::move(in.user_id)}));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

core::Task<Outcome> sign_in(Api& api, const Request& request, Credentials body) {
  auto in = co_await api.sessions.sign_in(std::move(body.email), std::move(body.password), request.visitor(),
                                          told_everywhere(api, request, "sign_in"));
  if (!in) co_return tl::unexpected(in.error());
  co_return tokens_reply(201, std::move(*in));
}

core::Task<Outcome> refresh(Api& api, const Request& request, RefreshBody body) {
  auto in = co_await api.sessions.refresh(std::move(body.refresh_token), request.visitor());
  if (!in) co_return tl::unexpected(in.error());
  co_return tokens_reply(200, std::move(*in));
}

core::Task<Outcome> sign_out(Api& api, const Request& request, RefreshBody body) {
  const auto done =
      co_await api.sessions.end_by_token(std::move(body.refresh_token), told_everywhere(api, request, "sign_out"));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

core::Task<Outcome> accept(Api& api, const Request& request, services::AcceptInvitation body) {
  const auto user = co_await api.users.accept(std::move(body), request.visitor().address,
                                              told_everywhere(api, request, "accept_invitation"));
  if (!user) co_return tl::unexpected(user.error());
  auto in = co_await api.sessions.begin(user->id, request.visitor());
  if (!in) co_return tl::unexpected(in.error());
  co_return tokens_reply(201, std::move(*in));
}

struct ResetBody {
  std::string token;     // of the link, secret
  std::string password;  // the new one, secret
};
BOOST_DESCRIBE_STRUCT(ResetBody, (), (token, password))

core::Task<Outcome> reset(Api& api, const Request& request, ResetBody body) {
  const auto user = co_await api.users.reset_password(std::move(body.token), std::move(body.password),
                                                      told_everywhere(api, request, "reset_password"));
  if (!user) co_return tl::unexpected(user.error());
  co_return empty_reply(204);
}

core::Task<Outcome> list(Api& api, const Request& request) {
  const auto& me = request.principal();
  const auto live = co_await api.sessions.live(me.user_id);
  if (!live) co_return tl::unexpected(live.error());
  json::Array all;
  for (const auto& one : *live) {
    all.push_back(json::write(Session{one.id, one.address, one.user_agent, one.created_at, one.last_used_at,
                                      one.expires_at, one.id == me.session_id}));
  }
  co_return json_reply(200, std::move(all));
}

core::Task<Outcome> end(Api& api, const Request& request) {
  const auto done = co_await api.sessions.end(request.principal().user_id, request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

constexpr Route table[] = {
    endpoint<&sign_in, Tokens>("POST", "/v1/sessions", 201, "Sign in", {.auth = Auth::none}),
    endpoint<&refresh, Tokens>("POST", "/v1/sessions/refresh", 200,
                               "Change a refresh token for the next pair of tokens", {.auth = Auth::none}),
    endpoint<&sign_out>("POST", "/v1/sessions/sign-out", 204, "Sign out by refresh token", {.auth = Auth::none}),
    endpoint<&list, std::vector<Session>>("GET", "/v1/sessions", 200, "List one's own open sessions",
                                          {.needs = {.person = true}}),
    endpoint<&end>("DELETE", "/v1/sessions/{session_id}", 204, "End one of one's own sessions",
                   {.needs = {.person = true}}),
    endpoint<&accept, Tokens>("POST", "/v1/invitations/accept", 201, "Join a workspace by invitation",
                              {.auth = Auth::none}),
    endpoint<&reset>("POST", "/v1/passwords/reset", 204, "Set a new password by link", {.auth = Auth::none}),
};

}  // namespace

std::span<const Route> session_routes() { return table; }

}  // namespace retell::api
