// Accounts over the API: people, keys, webhooks, audit.
#include <gtest/gtest.h>

#include "api/visitor.hpp"
#include "unit/api/endpoints.hpp"

namespace retell::api {
namespace {

using namespace std::chrono_literals;
using domain::Role;

constexpr auto good = "correct horse battery";

class AccountEndpoints : public Endpoints {
 protected:
  // Signs a new person in; gives the access token.
  std::string person(const std::string& email, Role role) {
    EXPECT_TRUE(run(users.create({email, "", good}, organization, role)));
    const auto in = send("POST", "/v1/sessions", R"({"email":")" + email + R"(","password":")" + good + R"("})",
                         {{"Authorization", ""}});
    EXPECT_EQ(in.status, 201U) << in.body;
    EXPECT_EQ(in.headers.get("Cache-Control"), "no-store");
    return text(of(in.body).at("access_token"));
  }
  net::HttpResponse as(const std::string& credential, const std::string& method, const std::string& path,
                       const std::string& body = "", const std::string& origin = "") {
    net::Headers headers = {{"Authorization", "Bearer " + credential}, {"User-Agent", "Browser/1"}};
    if (!origin.empty()) headers.set("Origin", origin);
    return send(method, path, body, std::move(headers));
  }
};

TEST_P(AccountEndpoints, open_the_api_to_people_by_their_role) {
  const auto viewer = person("vera@example.com", Role::viewer);
  const auto developer = person("dan@example.com", Role::developer);
  const auto admin = person("ann@example.com", Role::admin);
  EXPECT_EQ(as(viewer, "POST", "/v2/list-agents", "{}").status, 200U);
  EXPECT_EQ(as(viewer, "POST", "/create-retell-llm", R"({"general_prompt":"p"})").status, 403U);
  EXPECT_EQ(as(viewer, "POST", "/create-retell-llm", R"({"general_prompt":"p"})").body,
            R"({"status":"error","message":"This needs edit access to \"agent\"."})");
  EXPECT_EQ(as(developer, "POST", "/create-retell-llm", R"({"general_prompt":"p"})").status, 201U);
  EXPECT_EQ(as(developer, "POST", "/v1/api-keys", R"({"name":"k"})").status, 403U);
  EXPECT_EQ(as(admin, "POST", "/v1/api-keys", R"({"name":"k"})").status, 201U);
  EXPECT_EQ(as(developer, "GET", "/v1/audit-log").status, 403U);
  EXPECT_EQ(as(key, "GET", "/v1/user").status, 403U);  // a key is nobody
  const auto me = of(as(viewer, "GET", "/v1/user").body);
  EXPECT_EQ(text(me.at("email")), "vera@example.com");
  EXPECT_EQ(text(me.at("workspaces").at(0).at("role")), "viewer");
  EXPECT_EQ(as(viewer, "GET", "/get-api-key-info").status, 200U);
  EXPECT_EQ(as("eyJ.x.y", "GET", "/v1/user").status, 401U);
}

TEST_P(AccountEndpoints, sign_in_refresh_and_out) {
  const auto access = person("ann@example.com", Role::owner);
  const auto wrong = send("POST", "/v1/sessions", R"({"email":"ann@example.com","password":"nope nope nope"})");
  EXPECT_EQ(wrong.status, 401U);
  const auto in =
      of(send("POST", "/v1/sessions", R"({"email":"ann@example.com","password":")" + std::string(good) + R"("})").body);
  const auto refresh = R"({"refresh_token":")" + text(in.at("refresh_token")) + R"("})";
  const auto next = send("POST", "/v1/sessions/refresh", refresh);
  EXPECT_EQ(next.status, 200U);
  EXPECT_EQ(as(access, "GET", "/v1/sessions").status, 200U);
  EXPECT_EQ(of(as(access, "GET", "/v1/sessions").body).as_array().size(), 2U);
  EXPECT_EQ(
      send("POST", "/v1/sessions/sign-out", R"({"refresh_token":")" + text(of(next.body).at("refresh_token")) + R"("})")
          .status,
      204U);
  EXPECT_EQ(as(text(of(next.body).at("access_token")), "GET", "/v1/user").status, 401U);
  EXPECT_EQ(send("POST", "/v1/sessions/refresh", refresh).status, 401U);
  const auto mine = text(of(as(access, "GET", "/v1/sessions").body).at(0).at("session_id"));
  EXPECT_EQ(as(access, "DELETE", "/v1/sessions/" + mine).status, 204U);
  EXPECT_EQ(as(access, "GET", "/v1/user").status, 401U);
}

TEST_P(AccountEndpoints, tell_how_long_a_locked_account_has_to_wait) {
  EXPECT_TRUE(run(users.create({"ann@example.com", "", good}, organization, Role::viewer)));
  net::HttpResponse last;
  for (int i = 0; i < 8; ++i) {
    last = send("POST", "/v1/sessions", R"({"email":"ann@example.com","password":"wrong wrong"})");
  }
  EXPECT_EQ(last.status, 429U);
  EXPECT_EQ(last.headers.get("Retry-After"), "1");
}

TEST_P(AccountEndpoints, invite_people) {
  const auto owner = person("ann@example.com", Role::owner);
  const auto made = as(owner, "POST", "/v1/invitations", R"({"email":"bob@example.com","role":"developer"})");
  ASSERT_EQ(made.status, 201U) << made.body;
  EXPECT_EQ(of(as(owner, "GET", "/v1/invitations").body).as_array().size(), 1U);
  EXPECT_EQ(as(owner, "GET", "/v1/invitations").body.find("token"), std::string::npos);
  const auto joined =
      send("POST", "/v1/invitations/accept",
           R"({"token":")" + text(of(made.body).at("token")) + R"(","password":")" + good + R"(","name":"Bob"})");
  ASSERT_EQ(joined.status, 201U) << joined.body;
  const auto bob = text(of(joined.body).at("access_token"));
  const auto id = text(of(joined.body).at("user_id"));
  EXPECT_EQ(of(as(bob, "GET", "/v1/members").body).as_array().size(), 2U);
  EXPECT_EQ(as(bob, "PATCH", "/v1/members/" + id, R"({"role":"owner"})").status, 403U);
  EXPECT_EQ(as(owner, "PATCH", "/v1/members/" + id, R"({"role":"admin"})").status, 200U);
  const auto link = as(owner, "POST", "/v1/members/" + id + "/reset-password");
  ASSERT_EQ(link.status, 201U) << link.body;
  EXPECT_EQ(send("POST", "/v1/passwords/reset",
                 R"({"token":")" + text(of(link.body).at("token")) + R"(","password":"another good one"})")
                .status,
            204U);
  EXPECT_EQ(as(bob, "GET", "/v1/user").status, 401U);
  EXPECT_EQ(as(owner, "DELETE", "/v1/members/" + id).status, 204U);
  EXPECT_EQ(as(owner, "POST", "/v1/user/password",
               R"({"current_password":")" + std::string(good) + R"(","password":"a third good one"})")
                .status,
            204U);
}

TEST_P(AccountEndpoints, make_keys_that_can_do_less) {
  const auto owner = person("ann@example.com", Role::owner);
  const auto made = as(owner, "POST", "/v1/api-keys", R"({"name":"Reports","scopes":{"history":"read"}})");
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto reader = text(of(made.body).at("key"));
  const auto id = text(of(made.body).at("api_key_id"));
  EXPECT_EQ(as(reader, "POST", "/v3/list-calls", "{}").status, 200U);
  EXPECT_EQ(as(reader, "POST", "/v2/list-agents", "{}").status, 403U);
  EXPECT_EQ(as(reader, "POST", "/v1/api-keys", R"({"name":"more"})").status, 403U);
  EXPECT_EQ(as(owner, "GET", "/v1/api-keys/" + id).body.find(reader), std::string::npos);
  EXPECT_EQ(as(owner, "PATCH", "/v1/api-keys/" + id, R"({"scopes":{"agent":"read"}})").status, 200U);
  EXPECT_EQ(as(reader, "POST", "/v2/list-agents", "{}").status, 200U);
  EXPECT_EQ(as(owner, "POST", "/v1/api-keys", R"({"name":"x","scopes":{"agents":"read"}})").status, 400U);
  // A key that may make keys gives no more than it has.
  const auto maker =
      text(of(as(owner, "POST", "/v1/api-keys", R"({"name":"Maker","scopes":{"api_key":"edit","agent":"read"}})").body)
               .at("key"));
  EXPECT_EQ(as(maker, "POST", "/v1/api-keys", R"({"name":"x"})").status, 403U);
  EXPECT_EQ(as(maker, "POST", "/v1/api-keys", R"({"name":"x","scopes":{"agent":"edit"}})").status, 403U);
  EXPECT_EQ(as(maker, "POST", "/v1/api-keys", R"({"name":"x","scopes":{"agent":"read"}})").status, 201U);
  EXPECT_EQ(as(owner, "DELETE", "/v1/api-keys/" + id).status, 204U);
  EXPECT_EQ(as(reader, "POST", "/v2/list-agents", "{}").status, 401U);
  const auto all = of(as(owner, "GET", "/v1/api-keys").body);
  for (const auto& one : all.as_array()) {
    if (one.at("is_webhook_key").as_bool()) {
      EXPECT_EQ(as(owner, "DELETE", "/v1/api-keys/" + text(one.at("api_key_id"))).status, 400U);
    }
  }
}

TEST_P(AccountEndpoints, let_public_keys_begin_calls_from_their_pages_only) {
  const auto agent = make_agent();
  const auto owner = person("ann@example.com", Role::owner);
  const auto made =
      as(owner, "POST", "/v1/api-keys", R"({"name":"Shop","type":"public","allowed_origins":["shop.example"]})");
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto page = text(of(made.body).at("key"));
  const auto body = R"({"agent_id":")" + agent + R"("})";
  EXPECT_EQ(as(page, "POST", "/v3/create-web-call", body, "https://shop.example").status, 201U);
  EXPECT_EQ(as(page, "POST", "/v3/create-web-call", body, "https://evil.example").status, 403U);
  EXPECT_EQ(as(page, "POST", "/v3/create-web-call", body).status, 403U);
  for (const auto& route : router.routes()) {
    if (route.auth != Auth::key || route.needs.browser || route.needs.anyone ||
        route.pattern.find('{') != route.pattern.npos) {
      continue;
    }
    EXPECT_EQ(as(page, std::string(route.method), std::string(route.pattern), "{}", "https://shop.example").status,
              403U)
        << route.pattern;
  }
}

TEST_P(AccountEndpoints, choose_among_workspaces) {
  const auto owner = person("ann@example.com", Role::owner);
  const auto made = as(owner, "POST", "/v1/workspaces", R"({"name":"Second"})");
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto second = text(of(made.body).at("workspace_id"));
  const auto in = [&](const std::string& workspace) {
    return text(
        of(send("GET", "/v1/workspace", "", {{"Authorization", "Bearer " + owner}, {"X-Workspace-Id", workspace}}).body)
            .at("name"));
  };
  EXPECT_EQ(in(organization), "Acme");
  EXPECT_EQ(in(second), "Second");
  EXPECT_EQ(of(as(owner, "GET", "/v1/workspaces").body).as_array().size(), 2U);
  EXPECT_EQ(as(person("vera@example.com", Role::viewer), "POST", "/v1/workspaces", R"({"name":"x"})").status, 403U);
  const auto changed = as(owner, "PATCH", "/v1/workspace", R"({"name":"Acme & Co","webhook_url":"https://e.example"})");
  EXPECT_EQ(text(of(changed.body).at("webhook_url")), "https://e.example");
  EXPECT_EQ(of(changed.body).at("limits").at("max_concurrent_calls").as_int64(), 3);
  EXPECT_EQ(as(owner, "PATCH", "/v1/workspace", R"({"webhook_url":"ftp://e.example"})").status, 400U);
}

TEST_P(AccountEndpoints, limit_calls_by_workspace) {
  ASSERT_TRUE(run(workspaces.set_limits(organization, {.max_concurrent_calls = 1})));
  const auto body = R"({"agent_id":")" + make_agent() + R"("})";
  EXPECT_EQ(send("POST", "/v3/create-web-call", body).status, 201U);
  const auto full = send("POST", "/v3/create-web-call", body);
  EXPECT_EQ(full.status, 429U);
  EXPECT_EQ(full.headers.get("Retry-After"), "5");
  EXPECT_EQ(full.body, R"({"status":"error","message":"the limit of 1 concurrent calls is reached"})");
  const auto now = of(send("GET", "/get-concurrency").body);
  EXPECT_EQ(now.at("current_concurrency").as_int64(), 1);
  EXPECT_EQ(now.at("concurrency_limit").as_int64(), 1);
}

TEST_P(AccountEndpoints, log_what_was_done) {
  const auto owner = person("ann@example.com", Role::owner);
  const auto llm = text(of(as(owner, "POST", "/create-retell-llm", R"({"general_prompt":"p"})").body).at("llm_id"));
  EXPECT_EQ(send("DELETE", "/delete-retell-llm/" + llm).status, 204U);
  EXPECT_EQ(send("DELETE", "/delete-retell-llm/" + llm).status, 422U);  // nothing was done
  EXPECT_EQ(send("GET", "/v2/list-retell-llms").status, 200U);
  const auto page = of(as(owner, "GET", "/v1/audit-log?limit=2").body);
  EXPECT_TRUE(page.at("has_more").as_bool());
  const auto& last = page.at("items").at(0);
  EXPECT_EQ(text(last.at("action")), "DELETE /delete-retell-llm/{llm_id}");
  EXPECT_EQ(text(last.at("target")), llm);
  EXPECT_EQ(text(last.at("actor_type")), "secret_key");
  EXPECT_EQ(text(last.at("actor_name")), "First");
  const auto& before = page.at("items").at(1);
  EXPECT_EQ(text(before.at("action")), "POST /create-retell-llm");
  EXPECT_EQ(text(before.at("target")), llm);
  EXPECT_EQ(text(before.at("actor_name")), "ann@example.com");
  EXPECT_EQ(text(before.at("user_agent")), "Browser/1");
  const auto rest =
      of(as(owner, "GET", "/v1/audit-log?pagination_key=" + text(page.at("pagination_key"))).body).at("items");
  EXPECT_EQ(text(rest.at(0).at("action")), "sign_in");
  const auto mine = as(owner, "GET", "/v1/audit-log?actor_id=" + text(before.at("actor_id"))).body;
  EXPECT_EQ(of(mine).at("items").as_array().size(), 2U);
  EXPECT_TRUE(of(as(owner, "GET", "/v1/audit-log?from=9999999999999").body).at("items").as_array().empty());
  EXPECT_EQ(as(owner, "GET", "/v1/audit-log?from=yesterday").status, 400U);
}

// Whoever reads the log must be able to rely on it: no change that is not in it, and none in it that was not made.
TEST_P(AccountEndpoints, change_nothing_that_the_log_cannot_tell_of) {
  const auto body = R"({"general_prompt":"before"})";
  const auto llm = text(of(send("POST", "/create-retell-llm", body).body).at("llm_id"));
  const auto contact =
      text(of(send("POST", "/create-contact", R"({"phone_number":"+14155550100"})").body).at("contact_id"));
  const auto agent = make_agent();
  const auto owner = person("ann@example.com", Role::owner);
  ASSERT_TRUE(run(database->execute({"ALTER TABLE audit_log RENAME TO elsewhere"})));
  struct Change {
    const char* method;
    std::string target;
    std::string body = {};
  };
  const std::vector<Change> changes{
      {"POST", "/create-retell-llm", body},
      {"PATCH", "/update-retell-llm/" + llm, R"({"general_prompt":"after"})"},
      {"DELETE", "/delete-retell-llm/" + llm},
      {"POST", "/create-contact", R"({"phone_number":"+14155550101"})"},
      {"PATCH", "/update-contact/" + contact, R"({"first_name":"Ann"})"},
      {"DELETE", "/delete-contact/" + contact},
      {"POST", "/import-phone-number", R"({"phone_number":"+14155550102"})"},
      {"DELETE", "/delete-agent/" + agent},
      {"PUT", "/update-agent-tag/" + agent + "/prod", R"({"version":0})"},
      {"POST", "/v1/api-keys", R"({"name":"Second"})"},
      {"POST", "/v1/invitations", R"({"email":"bob@example.com","role":"viewer"})"},
      {"PATCH", "/v1/workspace", R"({"name":"Other"})"},
      {"POST", "/v1/sessions", R"({"email":"ann@example.com","password":")" + std::string(good) + R"("})"},
  };
  for (const auto& [method, target, change] : changes) {
    EXPECT_EQ(as(owner, method, target, change).status, 500U) << method << " " << target;
  }
  ASSERT_TRUE(run(database->execute({"ALTER TABLE elsewhere RENAME TO audit_log"})));
  EXPECT_EQ(text(of(send("GET", "/get-retell-llm/" + llm).body).at("general_prompt")), "before");
  EXPECT_EQ(of(send("GET", "/v2/list-retell-llms").body).at("items").as_array().size(), 2U) << "with the agent's";
  EXPECT_EQ(of(send("POST", "/list-contacts", "{}").body).at("items").as_array().size(), 1U);
  EXPECT_FALSE(of(send("GET", "/get-contact/" + contact).body).as_object().contains("first_name"));
  EXPECT_TRUE(of(send("GET", "/v2/list-phone-numbers").body).at("items").as_array().empty());
  EXPECT_EQ(send("GET", "/get-agent/" + agent).status, 200U);
  EXPECT_EQ(of(as(owner, "GET", "/v1/api-keys").body).as_array().size(), 1U);
  EXPECT_TRUE(of(as(owner, "GET", "/v1/invitations").body).as_array().empty());
  EXPECT_EQ(text(of(send("GET", "/v1/workspace").body).at("name")), "Acme");
  EXPECT_EQ(of(as(owner, "GET", "/v1/sessions").body).as_array().size(), 1U);
  for (const auto& [method, target, change] : changes) {
    EXPECT_LT(as(owner, method, target, change).status, 300U) << method << " " << target;
    if (std::string(method) == "DELETE") EXPECT_EQ(as(owner, method, target, change).status, 422U) << target;
    if (target == "/delete-agent/" + agent) break;
  }
}

TEST_P(AccountEndpoints, log_no_change_that_was_not_made) {
  const auto owner = person("ann@example.com", Role::owner);
  const auto entries = [&] {
    return of(as(owner, "GET", "/v1/audit-log?limit=1000").body).at("items").as_array().size();
  };
  const auto before = entries();
  const auto me = text(of(as(owner, "GET", "/v1/user").body).at("user_id"));
  EXPECT_GE(send("POST", "/create-retell-llm", R"({"model":5})").status, 400U);
  EXPECT_GE(send("DELETE", "/delete-retell-llm/llm_unknown").status, 400U);
  EXPECT_GE(send("DELETE", "/delete-contact/contact_unknown").status, 400U);
  EXPECT_GE(send("DELETE", "/delete-chat/chat_unknown").status, 400U);
  EXPECT_GE(send("DELETE", "/delete-phone-number/+14155550100").status, 400U);
  EXPECT_GE(send("DELETE", "/v1/api-keys/key_unknown").status, 400U);
  EXPECT_GE(as(owner, "PATCH", "/v1/members/" + me, R"({"role":"viewer"})").status, 400U) << "the last owner";
  EXPECT_GE(as(owner, "POST", "/v1/user/password",
               R"({"current_password":"not this one at all","password":"another horse battery"})")
                .status,
            400U)
      << "the failed try is stored, and is no change";
  ASSERT_TRUE(run(database->execute({"ALTER TABLE llms RENAME TO elsewhere"})));
  EXPECT_EQ(send("POST", "/create-retell-llm", R"({"general_prompt":"p"})").status, 500U);
  ASSERT_TRUE(run(database->execute({"ALTER TABLE elsewhere RENAME TO llms"})));
  EXPECT_EQ(entries(), before);
}

TEST_P(AccountEndpoints, log_the_id_of_what_is_made_and_each_change_once) {
  const auto owner = person("ann@example.com", Role::owner);
  const auto latest = [&](const std::string& action) {
    std::vector<std::string> targets;
    const auto page = of(as(owner, "GET", "/v1/audit-log?limit=1000").body);
    for (const auto& item : page.at("items").as_array()) {
      if (text(item.at("action")) == action) targets.push_back(text(item.at("target")));
    }
    return targets;
  };
  const std::vector<std::tuple<std::string, std::string, std::string>> made{
      {"/create-retell-llm", R"({"general_prompt":"p"})", "llm_id"},
      {"/create-contact", R"({"phone_number":"+14155550100"})", "contact_id"},
      {"/import-phone-number", R"({"phone_number":"+14155550102"})", "phone_number"},
      {"/v1/api-keys", R"({"name":"Second"})", "api_key_id"},
      {"/v1/invitations", R"({"email":"bob@example.com","role":"viewer"})", "invitation_id"},
  };
  for (const auto& [path, body, id] : made) {
    const auto reply = as(owner, "POST", path, body);
    ASSERT_EQ(reply.status, 201U) << path << reply.body;
    EXPECT_EQ(latest("POST " + path), std::vector<std::string>{text(of(reply.body).at(id))}) << path;
  }
}

TEST_P(AccountEndpoints, log_who_is_removed_who_leaves_and_who_signs_out) {
  const auto owner = person("ann@example.com", Role::owner);
  const auto of_viewer = [&](const std::string& email) {
    return text(of(as(person(email, Role::viewer), "GET", "/v1/user").body).at("user_id"));
  };
  const auto bob = of_viewer("bob@example.com");
  ASSERT_EQ(as(owner, "DELETE", "/v1/members/" + bob).status, 204U);
  const auto entry = [&](const std::string& action) {
    const auto page = of(as(owner, "GET", "/v1/audit-log?limit=1000").body);
    for (const auto& item : page.at("items").as_array()) {
      if (text(item.at("action")) == action) return json::Value(item);
    }
    return json::Value(json::Object{{"target", "none"}, {"actor_name", "none"}});
  };
  EXPECT_EQ(text(entry("DELETE /v1/members/{user_id}").at("target")), bob);
  EXPECT_EQ(text(entry("DELETE /v1/members/{user_id}").at("actor_name")), "ann@example.com");

  const auto leaver = person("eve@example.com", Role::viewer);
  const auto eve = text(of(as(leaver, "GET", "/v1/user").body).at("user_id"));
  ASSERT_EQ(as(leaver, "DELETE", "/v1/members/" + eve).status, 204U);
  EXPECT_EQ(text(entry("DELETE /v1/members/{user_id}").at("actor_name")), "eve@example.com");

  const auto in =
      of(send("POST", "/v1/sessions", R"({"email":"ann@example.com","password":")" + std::string(good) + R"("})").body);
  const auto token = R"({"refresh_token":")" + text(in.at("refresh_token")) + R"("})";
  for (int i = 0; i < 2; ++i) ASSERT_EQ(send("POST", "/v1/sessions/sign-out", token).status, 204U);
  EXPECT_EQ(text(entry("sign_out").at("target")), text(in.at("session_id")));
  EXPECT_EQ(text(entry("sign_out").at("actor_name")), "ann@example.com");
  int outs = 0;
  const auto page = of(as(owner, "GET", "/v1/audit-log?limit=1000").body);
  for (const auto& item : page.at("items").as_array()) outs += text(item.at("action")) == "sign_out" ? 1 : 0;
  EXPECT_EQ(outs, 1) << "the second time nothing was done";
}

TEST_P(AccountEndpoints, show_webhooks_and_send_them_again) {
  domain::AgentSettings settings;
  settings.webhook_url = "https://example.com/hook";
  domain::Call call;
  call.call_id = "call_1";
  ASSERT_TRUE(run(notify(webhooks, organization, settings, domain::WebhookEvent::call_ended, call)));
  (void)run(webhooks.run_due());
  const auto list = of(send("GET", "/v1/webhook-deliveries?call_id=call_1&state=delivered").body).at("items");
  ASSERT_EQ(list.as_array().size(), 1U);
  const auto id = text(list.at(0).at("delivery_id"));
  const auto whole = of(send("GET", "/v1/webhook-deliveries/" + id).body);
  EXPECT_EQ(text(whole.at("body")), sent.at(0).body);
  EXPECT_EQ(whole.at("attempts").at(0).at("status").as_int64(), 200);
  const auto again = send("POST", "/v1/webhook-deliveries/" + id + "/resend");
  ASSERT_EQ(again.status, 201U) << again.body;
  EXPECT_EQ(text(of(again.body).at("resend_of")), id);
  EXPECT_EQ(run(webhooks.run_due()), 1);
  EXPECT_EQ(send("GET", "/v1/webhook-deliveries?state=lost").status, 400U);
  EXPECT_EQ(send("GET", "/v1/webhook-deliveries/none").status, 404U);
}

TEST(Visitor, is_whom_the_outermost_trusted_proxy_saw) {
  net::HttpRequest request;
  request.remote_address = "10.0.0.1";
  request.headers = {{"X-Forwarded-For", "6.6.6.6, 192.0.2.1"}, {"x-forwarded-for", "10.0.0.9"}};
  EXPECT_EQ(client_address(request, 0), "10.0.0.1");
  EXPECT_EQ(client_address(request, 1), "10.0.0.9");
  EXPECT_EQ(client_address(request, 2), "192.0.2.1");
  EXPECT_EQ(client_address(request, 9), "10.0.0.1");
  request.headers = {};
  EXPECT_EQ(client_address(request, 1), "10.0.0.1");
}

RETELL_ON_EVERY_DATABASE(AccountEndpoints);

}  // namespace
}  // namespace retell::api
