// No endpoint reaches into another workspace. Whatever the route table holds is tried: as workspace A, with every id of
// workspace B wherever an id can stand. Nothing of B may be seen or changed. A new endpoint is covered by being in the
// table; a new kind of path parameter has to be given an id here, or the test fails.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "crypto/api_key.hpp"
#include "storage/stores/webhook_store.hpp"
#include "unit/api/endpoints.hpp"

namespace retell::api {
namespace {

constexpr auto secret = "ONLY-WORKSPACE-B-KNOWS";

class Isolation : public Endpoints {
 protected:
  Isolation() {
    // B is made by the fixture's own organisation; A asks.
    victim = organization;
    fill_victim();
    const auto attacker = run(workspaces.create("Attackers", "")).value();
    organization = attacker.id;
    attacker_key = run(keys.create(attacker.id, everything())).value().key;
    const auto user =
        run(users.create({"eve@example.com", "", "correct horse battery"}, attacker.id, domain::Role::owner)).value();
    attacker_token = run(sessions.begin(user.id, {})).value().access_token;
    key = attacker_key;
  }

  static services::KeyWish everything() {
    services::KeyWish wish{.name = "all"};
    wish.grants = domain::grants_of(domain::Role::owner);
    return wish;
  }

  std::string made(const net::HttpResponse& answer, const char* member) {
    EXPECT_LT(answer.status, 300U) << answer.body;
    return answer.status < 300 ? text(of(answer.body).at(member)) : std::string("missing");
  }

  // One record of every kind, each with the secret in it.
  void fill_victim() {
    const std::string name = secret;
    ids["llm_id"] = made(send("POST", "/create-retell-llm", R"({"general_prompt":")" + name + R"("})"), "llm_id");
    ids["agent_id"] = made(send("POST", "/create-agent",
                                R"({"response_engine":{"type":"retell-llm","llm_id":")" + ids["llm_id"] +
                                    R"("},"voice_id":"voice-en-US","agent_name":")" + name + R"("})"),
                           "agent_id");
    ids["tag"] = "production";
    EXPECT_EQ(send("PUT", "/update-agent-tag/" + ids["agent_id"] + "/production",
                   R"({"version":0,"dynamic_variables":{"k":")" + name + R"("}})")
                  .status,
              200U);
    ids["phone_number"] =
        made(send("POST", "/import-phone-number", R"({"phone_number":"+14155550123","nickname":")" + name + R"("})"),
             "phone_number");
    ids["call_id"] = made(send("POST", "/v2/create-web-call",
                               R"({"agent_id":")" + ids["agent_id"] + R"(","metadata":{"k":")" + name + R"("}})"),
                          "call_id");
    const auto flow =
        R"({"model_choice":{"type":"cascading","model":"gpt-4.1"},"start_speaker":"agent","nodes":[{"id":"n","type":"end"}],)"
        R"("global_prompt":")" +
        name + R"("})";
    ids["conversation_flow_id"] = made(send("POST", "/create-conversation-flow", flow), "conversation_flow_id");
    ids["conversation_flow_component_id"] =
        made(send("POST", "/create-conversation-flow-component",
                  R"({"name":")" + name + R"(","nodes":[{"id":"n","type":"end"}]})"),
             "conversation_flow_component_id");
    ids["contact_id"] =
        made(send("POST", "/create-contact", R"({"phone_number":"+14155550123","first_name":")" + name + R"("})"),
             "contact_id");
    ids["test_case_definition_id"] =
        made(send("POST", "/create-test-case-definition",
                  R"({"name":")" + name + R"(","user_prompt":"p","metrics":[],"response_engine":)" +
                      R"({"type":"retell-llm","llm_id":")" + ids["llm_id"] + R"("}})"),
             "test_case_definition_id");
    const auto base = run(knowledge_bases.create(victim, {.knowledge_base_name = name}, {.texts = {{name, name}}}));
    ids["knowledge_base_id"] = text(base->at("knowledge_base_id"));
    ids["source_id"] = text(base->at("knowledge_base_sources").at(0).at("source_id"));
    const auto chat_agent = made(send("POST", "/create-chat-agent",
                                      R"({"response_engine":{"type":"retell-llm","llm_id":")" + ids["llm_id"] +
                                          R"("},"agent_name":")" + name + R"("})"),
                                 "agent_id");
    ids["chat_id"] =
        made(send("POST", "/create-chat", R"({"agent_id":")" + chat_agent + R"(","metadata":{"k":")" + name + R"("}})"),
             "chat_id");

    const auto owner =
        run(users.create({"bob@example.com", name, "correct horse battery"}, victim, domain::Role::owner)).value();
    ids["user_id"] = owner.id;
    ids["session_id"] = run(sessions.begin(owner.id, {"192.0.2.7", name})).value().session_id;
    services::Principal by;
    by.kind = services::PrincipalKind::user;
    by.organization_id = victim;
    by.user_id = owner.id;
    by.user_email = name;
    by.role = domain::Role::owner;
    ids["invitation_id"] = run(users.invite(by, "x@example.com", domain::Role::admin)).value().invitation.id;
    ids["api_key_id"] = run(keys.create(victim, std::string(secret))).value().id;
    domain::AgentSettings settings;
    settings.webhook_url = "https://example.com/" + name;
    domain::Call call;
    call.call_id = ids["call_id"];
    EXPECT_TRUE(run(notify(webhooks, victim, settings, domain::WebhookEvent::call_ended, call)));
    EXPECT_EQ(run(webhooks.run_due()), 1);
    ids["delivery_id"] = run(webhooks.list(victim, {})).value().items.at(0).id;
    EXPECT_TRUE(run(audit.finish(*audit.begin(by, {"did", name}), "")));

    // Voices are everybody's; the others are never made on this server, so any text will do.
    for (const auto* none : {"test_case_batch_job_id", "test_case_job_id", "app_id"}) ids[none] = "none_of_these";
    ids["voice_id"] = "voice-en-US";
    ids["file"] = ids["call_id"] + ".wav";
  }

  // Every row of every table that belongs to B.
  std::map<std::string, std::string> rows_of_victim() {
    std::map<std::string, std::string> all;
    const bool sqlite = database->dialect() == storage::Dialect::sqlite;
    const auto tables =
        run(database->query({sqlite ? "SELECT name FROM sqlite_master WHERE type = 'table'"
                                    : "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'"}))
            .value();
    for (const auto& table : tables) {
      const auto name = table.text(0);
      const auto columns =
          run(database->query({sqlite
                                   ? "SELECT name FROM pragma_table_info('" + name + "')"
                                   : "SELECT column_name::text FROM information_schema.columns WHERE table_name = '" +
                                         name + "' ORDER BY ordinal_position"}))
              .value();
      std::string list;
      std::string filter;
      for (const auto& column : columns) {
        // What merely passes over time is no change.
        if (column.text(0) == "last_used_at") continue;
        if (!list.empty()) list += " || '|' || ";
        list.append("COALESCE(CAST(").append(column.text(0)).append(" AS TEXT), '-')");
        if (column.text(0) == "organization_id") filter = " WHERE organization_id = $1";
      }
      if (name == "organizations") filter = " WHERE id = $1";
      if (name == "users") filter = " WHERE id = '" + ids["user_id"] + "' OR $1 = ''";
      if (name == "sessions") filter = " WHERE user_id = '" + ids["user_id"] + "' OR $1 = ''";
      if (filter.empty()) continue;
      const auto sql = fmt::format("SELECT {} FROM {}{} ORDER BY 1", list, name, filter);
      const auto rows = run(database->query({sql, {victim}})).value();
      for (const auto& row : rows) all[name].append(row.text(0)).append("\n");
    }
    return all;
  }

  // The pattern's path with B's ids.
  std::string path_of(const Route& route) {
    std::string path;
    std::string_view rest = route.pattern;
    while (!rest.empty()) {
      const auto brace = rest.find('{');
      path += rest.substr(0, brace);
      if (brace == std::string_view::npos) break;
      const auto end = rest.find('}');
      const std::string name(rest.substr(brace + 1, end - brace - 1));
      const auto id = ids.find(name);
      if (id == ids.end()) {
        ADD_FAILURE() << route.pattern << ": give {" << name << "} an id of workspace B in this test";
        return {};
      }
      path += id->second;
      rest.remove_prefix(end + 1);
    }
    return path;
  }

  // A body that names every id of B, under every name that an endpoint might read, and satisfies what most ask for.
  std::string body() const {
    json::Object all{{"version", 0},
                     {"base_version", 0},
                     {"name", "n"},
                     {"role", "owner"},
                     {"email", "eve2@example.com"},
                     {"key", "key_x"},
                     {"content", "hello"},
                     {"user_prompt", "p"},
                     {"metrics", json::Array{}},
                     {"voice_id", "voice-en-US"},
                     {"from_number", ids.at("phone_number")},
                     {"to_number", "+14155550199"},
                     {"first_name", "Eve"},
                     {"agent_name", "Eve"},
                     {"general_prompt", "Eve"},
                     {"nickname", "Eve"},
                     {"metadata", json::Object{{"eve", true}}},
                     {"override_agent_id", ids.at("agent_id")},
                     {"knowledge_base_ids", json::Array{ids.at("knowledge_base_id")}},
                     {"test_case_definition_ids", json::Array{ids.at("test_case_definition_id")}},
                     {"inbound_agents", json::Array{json::Object{{"agent_id", ids.at("agent_id")}, {"weight", 1}}}},
                     {"response_engine", json::Object{{"type", "retell-llm"}, {"llm_id", ids.at("llm_id")}}},
                     {"tasks", json::Array{json::Object{{"to_number", "+14155550199"}}}},
                     {"nodes", json::Array{json::Object{{"id", "n"}, {"type", "end"}}}},
                     {"start_speaker", "agent"},
                     {"model_choice", json::Object{{"type", "cascading"}, {"model", "gpt-4.1"}}}};
    for (const auto& [name, id] : ids) all[name] = id;
    return json::dump(all);
  }

  std::string victim;
  std::string attacker_key;
  std::string attacker_token;
  std::map<std::string, std::string> ids;
};

TEST_P(Isolation, no_endpoint_reads_or_changes_what_belongs_to_another_workspace) {
  const auto before = rows_of_victim();
  ASSERT_GT(before.size(), 12U);
  for (const auto& table : {"agents", "llms", "calls", "phone_numbers", "members", "webhook_deliveries", "audit_log"}) {
    ASSERT_TRUE(before.contains(table)) << table;
  }
  int tried = 0;
  for (const auto& route : router.routes()) {
    const auto path = path_of(route);
    const std::string query =
        "?version=0&agent_id=" + ids["agent_id"] + "&call_id=" + ids["call_id"] + "&llm_id=" + ids["llm_id"] +
        "&type=retell-llm&state=delivered&force_delete=true&mcp_id=m&knowledge_base_id=" + ids["knowledge_base_id"];
    const auto& asked_for =
        ids[route.pattern.find('{') == std::string_view::npos
                ? "agent_id"
                : std::string(route.pattern.substr(route.pattern.find('{') + 1,
                                                   route.pattern.find('}') - route.pattern.find('{') - 1))];
    for (const auto& credential : {attacker_key, attacker_token}) {
      for (const bool named : {false, true}) {
        net::Headers headers = {{"Authorization", "Bearer " + credential}};
        if (named) headers.set("X-Workspace-Id", victim);  // asks to be let into B
        const auto method = std::string(route.method);
        auto answer = send(method, path + query, method == "GET" ? "" : body(), headers);
        // A body may be a stream: then it was given out.
        const auto told = answer.body + (answer.stream ? secret : "");
        EXPECT_EQ(told.find(secret), std::string::npos) << route.method << " " << route.pattern << ": " << answer.body;
        // A contact by its phone: the same person may be a contact of A, made by this very walk.
        const bool own = route.pattern == "/get-contact-by-phone/{phone_number}";
        const bool open = own || route.auth == Auth::none || asked_for == "voice-en-US" || asked_for == "none_of_these";
        if (!open && route.pattern.find('{') != std::string_view::npos) {
          EXPECT_GE(answer.status, 400U) << route.method << " " << route.pattern << ": " << answer.body;
          EXPECT_LT(answer.status, 500U) << route.method << " " << route.pattern << ": " << answer.body;
        }
        ++tried;
      }
    }
    EXPECT_EQ(rows_of_victim(), before) << route.method << " " << route.pattern;
    if (HasFailure()) break;
  }
  EXPECT_GT(tried, 400);
  // The same ids open everything to their owner, so it was not for a wrong path that nothing was found.
  key = run(keys.create(victim, everything())).value().key;
  for (const auto* path :
       {"/get-agent/", "/v2/get-call/", "/get-retell-llm/", "/get-conversation-flow/", "/get-phone-number/",
        "/get-chat/", "/get-contact/", "/get-knowledge-base/", "/v1/webhook-deliveries/", "/v1/api-keys/"}) {
    bool found = false;
    for (const auto& route : router.routes()) {
      if (route.method != "GET" || route.pattern.find(std::string(path) + "{") != 0) continue;
      const auto answer = send("GET", path_of(route));
      found = answer.status == 200 && answer.body.find(secret) != std::string::npos;
      EXPECT_TRUE(found) << route.pattern << ": " << answer.body;
    }
    EXPECT_TRUE(found) << path;
  }
}

TEST_P(Isolation, every_endpoint_that_asks_for_a_key_asks_for_rights) {
  services::KeyWish wish{.name = "nothing"};
  wish.grants = domain::Grants{};
  key = run(keys.create(organization, std::move(wish))).value().key;
  for (const auto& route : router.routes()) {
    if (route.auth != Auth::key || route.needs.anyone) continue;
    const auto answer = send(std::string(route.method), path_of(route), "{}");
    EXPECT_EQ(answer.status, 403U) << route.method << " " << route.pattern << ": " << answer.body;
  }
}

TEST_P(Isolation, who_may_only_read_changes_nothing) {
  services::KeyWish wish{.name = "reader"};
  domain::Grants grants;
  for (std::size_t i = 0; i < domain::area_count; ++i) grants.set(static_cast<domain::Area>(i), domain::Access::read);
  wish.grants = grants;
  key = run(keys.create(organization, std::move(wish))).value().key;
  for (const auto& route : router.routes()) {
    if (route.auth != Auth::key || route.needs.anyone || route.needs.person) continue;
    const bool reads = route.method == "GET" || route.pattern.find("/list-") != std::string_view::npos;
    const auto answer = send(std::string(route.method), path_of(route), "{}");
    // Leaving a workspace is everybody's right: the service itself refuses the rest.
    const bool leaves = route.method == "DELETE" && route.pattern == "/v1/members/{user_id}";
    EXPECT_EQ(answer.status == 403U, !reads && !leaves) << route.method << " " << route.pattern << ": " << answer.body;
  }
}

RETELL_ON_EVERY_DATABASE(Isolation);

}  // namespace
}  // namespace retell::api
