// An import from this very API, served from memory: from the workspace of the fixture into another one.
#include <gtest/gtest.h>

#include "services/import/importer.hpp"
#include "storage/stores/agent_store.hpp"
#include "unit/api/endpoints.hpp"

namespace retell::api {
namespace {

using services::Importer;
using services::ImportReport;
using services::ImportSource;

class Import : public Endpoints {
 protected:
  Import() {
    target = run(workspaces.create("Target", "")).value().id;
    llm = text(of(send("POST", "/create-retell-llm", R"({"general_prompt":"Be {{mood}}.","begin_message":"Hi"})").body)
                   .at("llm_id"));
    agent = text(of(send("POST", "/create-agent",
                         R"({"response_engine":{"type":"retell-llm","llm_id":")" + llm +
                             R"("},"voice_id":"voice-en-US","agent_name":"Ann","from_the_future":{"a":1}})")
                        .body)
                     .at("agent_id"));
  }
  void publish_and_branch() {
    EXPECT_EQ(send("POST", "/publish-agent-version/" + agent, R"({"version":0,"version_title":"One"})").status, 200U);
    EXPECT_EQ(send("POST", "/create-agent-version/" + agent, R"({"base_version":0})").status, 201U);
    EXPECT_EQ(send("PATCH", "/update-agent/" + agent, R"({"agent_name":"Ann 2"})").status, 200U);
  }

  // What the source answers, with faults before it.
  core::Task<core::Result<net::HttpResponse>> answer(net::ClientRequest request) {
    ++requests;
    if (!faults.empty()) {
      auto fault = std::move(faults.front());
      faults.erase(faults.begin());
      if (fault) co_return std::move(*fault);
    }
    if (gone_after > 0 && requests > gone_after) co_return core::fail(core::ErrorCode::io, "connection reset");
    // Files have links of their own, with the server's public address.
    constexpr std::string_view links = "https://voice.example.com";
    const auto address = request.url.substr(request.url.starts_with(links) ? links.size() : base.size());
    net::HttpRequest http;
    http.method = request.method;
    http.target = address;
    const auto mark = address.find('?');
    http.path = net::percent_decode(address.substr(0, mark), false);
    http.query = mark == std::string::npos ? "" : address.substr(mark + 1);
    http.headers = request.headers;
    http.body = request.body;
    auto response = co_await router.handle(std::move(http), worker);
    if (response.stream) {
      for (;;) {
        const auto part = co_await response.stream->reader();
        if (!part || part->empty()) break;
        response.body += *part;
      }
    }
    co_return response;
  }
  core::Task<void> wait(std::chrono::milliseconds time) {
    waited.push_back(time);
    co_return;
  }
  core::Result<ImportReport> import(std::map<std::string, std::string> voice_names = {}) {
    requests = 0;
    ImportSource source(
        base, key, [this](net::ClientRequest request) { return answer(std::move(request)); },
        [this](std::chrono::milliseconds time) { return wait(time); }, {});
    Importer importer({*database, uploads, numbers, voices, clock, target, std::move(voice_names), seal}, source, {},
                      {});
    return run(importer.run());
  }
  // The same records as seen from the target.
  json::Value there(const std::string& path) {
    if (target_key.empty()) target_key = run(keys.create(target, "look")).value().key;
    const auto answer = send("GET", path, "", {{"Authorization", "Bearer " + target_key}});
    EXPECT_EQ(answer.status, 200U) << path << ": " << answer.body;
    return of(answer.body);
  }
  static core::Task<core::Result<net::HttpResponse>> given(net::HttpResponse response) { co_return response; }
  static net::HttpResponse status(unsigned code, std::string body = "{}", net::Headers headers = {}) {
    net::HttpResponse response;
    response.status = code;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
  }

  std::string base = "https://source.example/api";
  std::string target;
  std::string target_key;
  std::string llm;
  std::string agent;
  int requests = 0;
  int gone_after = 0;
  std::vector<std::optional<core::Result<net::HttpResponse>>> faults;
  std::vector<std::chrono::milliseconds> waited;
};

TEST_P(Import, brings_agents_with_versions_engines_and_what_this_server_does_not_know) {
  publish_and_branch();
  const auto report = import();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(report->problems.empty()) << services::to_text(*report);
  EXPECT_EQ(report->counts.at("agent").created, 2);
  EXPECT_EQ(report->counts.at("retell_llm").created, 2);
  EXPECT_EQ(report->counts.at("voice").unchanged, 1);
  EXPECT_EQ(report->source, base + " (Acme)");
  for (const auto* path : {"/get-agent/", "/get-agent-versions/"}) {
    EXPECT_EQ(there(path + agent), of(send("GET", path + agent).body)) << path;
  }
  EXPECT_EQ(there("/get-agent/" + agent + "?version=0"), of(send("GET", "/get-agent/" + agent + "?version=0").body));
  EXPECT_EQ(there("/get-retell-llm/" + llm + "?version=0"),
            of(send("GET", "/get-retell-llm/" + llm + "?version=0").body));
  EXPECT_NE(services::to_text(*report).find("agent                       2"), std::string::npos)
      << services::to_text(*report);
}

TEST_P(Import, done_again_changes_only_what_changed) {
  publish_and_branch();
  ASSERT_TRUE(import());
  const auto again = import().value();
  EXPECT_EQ(again.counts.at("agent").unchanged, 2);
  EXPECT_EQ(again.counts.at("agent").created, 0);
  EXPECT_EQ(again.counts.at("retell_llm").unchanged, 2);
  EXPECT_EQ(send("PATCH", "/update-agent/" + agent, R"({"agent_name":"Ann 3"})").status, 200U);
  EXPECT_EQ(send("PATCH", "/update-retell-llm/" + llm, R"({"general_prompt":"New."})").status, 200U);
  const auto third = import().value();
  EXPECT_EQ(third.counts.at("agent").updated, 1);
  EXPECT_EQ(third.counts.at("agent").unchanged, 1);
  EXPECT_EQ(third.counts.at("retell_llm").updated, 1);
  EXPECT_EQ(text(there("/get-agent/" + agent).at("agent_name")), "Ann 3");
  EXPECT_EQ(text(there("/get-retell-llm/" + llm).at("general_prompt")), "New.");
}

TEST_P(Import, goes_on_where_it_was_broken_off) {
  publish_and_branch();
  for (int limit = 1; limit < 60; ++limit) {
    gone_after = limit;
    if (import()) break;
    gone_after = 0;
  }
  gone_after = 0;
  const auto report = import().value();
  EXPECT_TRUE(report.problems.empty());
  EXPECT_EQ(there("/get-agent-versions/" + agent), of(send("GET", "/get-agent-versions/" + agent).body));
  EXPECT_EQ(run(database->query({"SELECT 1 FROM agents WHERE organization_id = $1", {target}}))->size(), 2U);
}

TEST_P(Import, is_patient_with_a_source_that_is_busy_or_breaks_off) {
  faults.emplace_back(status(429, "{}", {{"Retry-After", "7"}}));
  faults.emplace_back(status(500));
  faults.emplace_back(status(200, R"({"items":[{"agent_)"));  // a page that ends in the middle
  faults.emplace_back(core::fail(core::ErrorCode::timeout, "slow"));
  const auto report = import();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(report->problems.empty());
  ASSERT_EQ(waited.size(), 4U);
  EXPECT_EQ(waited[0], std::chrono::seconds(7));
  EXPECT_LT(waited[1], waited[3]);
}

TEST_P(Import, takes_records_that_nest_deeply_within_their_page) {
  std::string deep = "1";
  for (int i = 0; i < 62; ++i) {
    deep.insert(0, R"({"a":)");
    deep += '}';
  }
  ASSERT_EQ(send("PATCH", "/update-agent/" + agent, R"({"from_the_future":)" + deep + "}").status, 200U);
  const auto report = import();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(report->problems.empty()) << report->problems[0].message;
  EXPECT_TRUE(waited.empty());
  EXPECT_EQ(there("/get-agent/" + agent).at("from_the_future"), of(deep));
}

TEST_P(Import, does_not_ask_again_for_what_can_never_be_read) {
  faults.emplace_back(std::nullopt);  // the identity
  faults.emplace_back(status(200, R"({"items":[}]})"));
  const auto report = import();
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(waited.empty());
  ASSERT_FALSE(report->problems.empty());
  EXPECT_NE(report->problems[0].message.find("cannot be read: not valid JSON"), std::string::npos)
      << report->problems[0].message;
}

TEST_P(Import, ends_when_the_source_stays_away_or_refuses_the_key) {
  for (int i = 0; i < 2 * ImportSource::most_tries; ++i) faults.emplace_back(status(503));
  EXPECT_EQ(import().error().code, core::ErrorCode::unavailable);
  EXPECT_EQ(requests, ImportSource::most_tries);
  faults.clear();
  key = "key_wrong";
  EXPECT_EQ(import().error().code, core::ErrorCode::unauthorized);
}

TEST_P(Import, says_so_when_pages_lead_nowhere) {
  faults.emplace_back(std::nullopt);  // the identity
  const auto page = R"({"items":[],"has_more":true,"pagination_key":"x"})";
  faults.emplace_back(status(200, page));
  faults.emplace_back(status(200, page));
  const auto report = import().value();
  ASSERT_FALSE(report.problems.empty());
  EXPECT_NE(report.problems[0].message.find("lead nowhere"), std::string::npos);
}

TEST_P(Import, gives_another_id_to_what_is_taken_here) {
  auto copy = run(storage::AgentStore(*database).find_record(organization, agent, {})).value().value();
  ASSERT_TRUE(run(database->execute(storage::AgentStore::insert(target, copy))));
  const auto report = import().value();
  ASSERT_TRUE(report.renamed.contains("agent"));
  const auto ours = report.renamed.at("agent").at(agent);
  EXPECT_NE(ours, agent);
  EXPECT_EQ(text(there("/get-agent/" + ours).at("agent_name")), "Ann");
  EXPECT_EQ(import().value().counts.at("agent").unchanged, 1);
}

TEST_P(Import, names_voices_that_are_missing_and_takes_others_for_them) {
  services::CatalogVoice rare;
  rare.voice.voice_id = "11labs-Adrian";
  rare.voice.voice_name = "Adrian";
  rare.vendor = "elevenlabs";
  voices.add(rare);
  EXPECT_EQ(send("PATCH", "/update-agent/" + agent, R"({"voice_id":"11labs-Adrian"})").status, 200U);
  services::VoiceCatalog fewer;
  fewer.add(voices.find("voice-pt-BR").value());
  ImportSource source(
      base, key, [this](net::ClientRequest request) { return answer(std::move(request)); },
      [this](std::chrono::milliseconds time) { return wait(time); }, {});
  Importer first({*database, uploads, numbers, fewer, clock, target, {}, seal}, source, {}, {});
  const auto report = run(first.run()).value();
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].kind, "voice");
  EXPECT_NE(report.problems[0].message.find("--voice 11labs-Adrian="), std::string::npos);
  const auto other = run(workspaces.create("Other", "")).value().id;
  Importer second({*database, uploads, numbers, fewer, clock, other, {{"11labs-Adrian", "voice-pt-BR"}}}, source, {},
                  {});
  EXPECT_TRUE(run(second.run())->problems.empty());
  const auto record = run(storage::AgentStore(*database).find(other, agent, {})).value();
  EXPECT_EQ(record->settings.voice_id, "voice-pt-BR");
}

TEST_P(Import, brings_the_other_resources_too) {
  const auto base_made = run(knowledge_bases.create(organization, {.knowledge_base_name = "Facts"},
                                                    {.texts = {{"Hours", "We open at nine."}},
                                                     .urls = {"https://example.com/faq"},
                                                     .files = {{"menu.txt", {"Soup of the day"}}}}))
                             .value();
  const auto knowledge = text(base_made.at("knowledge_base_id"));
  const auto component = text(
      of(send("POST", "/create-conversation-flow-component", R"({"name":"Part","nodes":[{"id":"n","type":"end"}]})")
             .body)
          .at("conversation_flow_component_id"));
  const auto made_flow =
      send("POST", "/create-conversation-flow",
           R"({"start_speaker":"agent","model_choice":{"type":"cascading","model":"gpt-4.1"},)"
           R"("start_node_id":"a","knowledge_base_ids":[")" +
               knowledge + R"("],"nodes":[{"id":"a","type":"component","component_type":"shared","component_id":")" +
               component + R"(","else_edge":{"id":"e","transition_condition":{"type":"prompt","prompt":"Else"}}}]})");
  ASSERT_EQ(made_flow.status, 201U) << made_flow.body;
  const auto flow = text(of(made_flow.body).at("conversation_flow_id"));
  EXPECT_EQ(send("POST", "/create-agent",
                 R"({"response_engine":{"type":"conversation-flow","conversation_flow_id":")" + flow +
                     R"("},"voice_id":"voice-en-US"})")
                .status,
            201U);
  EXPECT_EQ(send("POST", "/create-chat-agent",
                 R"({"response_engine":{"type":"retell-llm","llm_id":")" + llm + R"("},"agent_name":"Chatty"})")
                .status,
            201U);
  const auto test = text(of(send("POST", "/create-test-case-definition",
                                 R"({"name":"T","user_prompt":"Ask.","metrics":["Polite."],"response_engine":)"
                                 R"({"type":"retell-llm","llm_id":")" +
                                     llm + R"("}})")
                                .body)
                             .at("test_case_definition_id"));
  EXPECT_EQ(send("POST", "/import-phone-number",
                 R"({"phone_number":"+14155550100","inbound_agents":[{"agent_id":")" + agent + R"(","weight":1}]})")
                .status,
            201U);
  const auto report = import().value();
  // A number belongs to one workspace of a server; everything else comes.
  ASSERT_EQ(report.problems.size(), 1U) << services::to_text(report);
  EXPECT_EQ(report.problems[0].kind, "phone_number");
  EXPECT_EQ(report.counts.at("agent").created, 3);
  EXPECT_EQ(report.counts.at("conversation_flow").created, 1);
  EXPECT_EQ(report.counts.at("flow_component").created, 1);
  EXPECT_EQ(report.counts.at("test_case").created, 1);
  EXPECT_EQ(report.counts.at("knowledge_base").created, 1);
  EXPECT_EQ(there("/get-conversation-flow/" + flow), of(send("GET", "/get-conversation-flow/" + flow).body));
  EXPECT_EQ(there("/get-conversation-flow-component/" + component).at("name"), "Part");
  EXPECT_EQ(there("/get-test-case-definition/" + test).at("user_prompt"), "Ask.");
  const auto sources = there("/get-knowledge-base/" + knowledge).at("knowledge_base_sources").as_array();
  ASSERT_EQ(sources.size(), 3U);
  for (const auto& one : sources) {
    const auto id = text(one.at("source_id"));
    if (one.at("type") == "text") EXPECT_EQ(run(uploads.read(id + ".txt")).value(), "We open at nine.");
    if (one.at("type") == "document") EXPECT_EQ(run(uploads.read(id + ".bin")).value(), "Soup of the day");
  }
  EXPECT_EQ(import().value().counts.at("knowledge_base").unchanged, 1);
}

TEST_P(Import, rented_numbers_and_records_that_are_refused_are_named) {
  const auto listed = status(
      200, R"({"items":[{"phone_number":"+14155550777","phone_number_type":"retell-twilio"}],"has_more":false})");
  ImportSource source(
      base, key,
      [&](net::ClientRequest request) -> core::Task<core::Result<net::HttpResponse>> {
        if (request.url.find("/v2/list-phone-numbers") != std::string::npos) return given(listed);
        if (request.url.find("/v2/list-retell-llms") != std::string::npos) {
          return given(
              status(200, R"({"items":[{"llm_id":"llm_bad","version":0,"model_temperature":7}],"has_more":false})"));
        }
        return answer(std::move(request));
      },
      [this](std::chrono::milliseconds time) { return wait(time); }, {});
  Importer importer({*database, uploads, numbers, voices, clock, target, {}, seal}, source, {}, {});
  const auto report = run(importer.run()).value();
  std::map<std::string, std::string> problems;
  for (const auto& one : report.problems) problems[one.kind] += one.message;
  EXPECT_NE(problems["phone_number"].find("is rented through the source"), std::string::npos);
  EXPECT_NE(problems["retell_llm"].find("model_temperature"), std::string::npos);
  EXPECT_EQ(report.counts.at("retell_llm").failed, 1);
}

TEST_P(Import, files_on_private_hosts_come_where_the_operator_allows_them) {
  std::optional<net::Reach> reach;
  const auto fetch = [&](bool allow_private, const std::string& url) {
    ImportSource source(
        base, key,
        [&](net::ClientRequest request) -> core::Task<core::Result<net::HttpResponse>> {
          reach = request.reach;
          return given(status(200, "file"));
        },
        [this](std::chrono::milliseconds time) { return wait(time); }, {}, allow_private);
    EXPECT_EQ(run(source.download(url)).value(), "file");
    return reach;
  };
  EXPECT_EQ(fetch(false, "http://10.0.0.1/menu.pdf"), net::Reach::public_only);
  EXPECT_EQ(fetch(false, base + "/menu.pdf"), net::Reach::any) << "the operator named the source";
  EXPECT_EQ(fetch(true, "http://10.0.0.1/menu.pdf"), net::Reach::any);
}

RETELL_ON_EVERY_DATABASE(Import);

}  // namespace
}  // namespace retell::api
