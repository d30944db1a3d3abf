// All services over a real database, with stand-ins for what lies outside: the host of live calls and the network.
#pragma once
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "json/text.hpp"
#include "services/agent_version_service.hpp"
#include "services/call_service.hpp"
#include "services/chat_service.hpp"
#include "services/contact_jobs.hpp"
#include "services/demo.hpp"
#include "services/flow_component_service.hpp"
#include "services/flow_service.hpp"
#include "services/job_service.hpp"
#include "services/knowledge_base_service.hpp"
#include "services/number_purchase.hpp"
#include "services/playground.hpp"
#include "services/retention_service.hpp"
#include "services/session_service.hpp"
#include "services/test_case_service.hpp"
#include "services/user_service.hpp"
#include "services/workspace_service.hpp"
#include "storage/cache/cached_database.hpp"
#include "storage/cache/memory_cache.hpp"
#include "storage/cache/memory_call_registry.hpp"
#include "storage/db/migrate.hpp"
#include "storage/objects/folder_store.hpp"
#include "storage/stores/audited_database.hpp"
#include "support/any_database.hpp"

namespace retell::services {

// Remembers what it was asked for; the test plays the call.
class FakeLauncher final : public CallLauncher {
 public:
  struct Expected {
    std::string token;
    engine::CallPlan plan;
    engine::CallEventSink sink;
    std::function<void()> on_missed;
    std::chrono::milliseconds within{};
  };
  [[nodiscard]] bool takes_calls() const override { return open; }
  void expect(const std::string& token, engine::CallPlan plan, engine::CallEventSink sink,
              std::function<void()> on_missed, std::chrono::milliseconds within) override {
    const auto id = plan.call_id;
    expected[id] = {token, std::move(plan), std::move(sink), std::move(on_missed), within};
  }
  void forget(const std::string& call_id) override { forgotten.push_back(call_id); }
  bool end(const std::string& call_id, engine::EndReason reason) override {
    if (!running.contains(call_id)) return false;
    running[call_id] = reason;
    return true;
  }
  core::Task<Dialled> dial(DialOrder order) override {
    dialled.push_back(order);
    if (dial_failure) co_return tl::unexpected(*dial_failure);
    co_return std::string("CA123");
  }

  std::map<std::string, Expected> expected;
  std::map<std::string, engine::EndReason> running;
  std::vector<std::string> forgotten;
  std::vector<DialOrder> dialled;
  std::optional<DialFailure> dial_failure;
  bool open = true;
};

// Says what it is told to, and remembers what it was asked.
class FakeChatModel final : public ChatModel {
 public:
  core::Task<core::Result<ChatReply>> complete(ChatPrompt prompt) override {
    asked.push_back(std::move(prompt));
    co_return answer;
  }
  std::vector<ChatPrompt> asked;
  core::Result<ChatReply> answer = ChatReply{"Sure."};
};

// A carrier with these numbers to sell; keeps what was bought.
class FakeCarrier final : public NumberCarrier {
 public:
  [[nodiscard]] core::Result<> ready() const override {
    if (set_up) return {};
    return core::fail(core::ErrorCode::unprocessable, "no carrier is configured");
  }
  core::Task<core::Result<std::vector<std::string>>> available(NumberWish wish) override {
    wishes.push_back(std::move(wish));
    co_return for_sale;
  }
  core::Task<core::Result<std::optional<std::string>>> buy(std::string phone_number, std::string mark) override {
    if (gone.contains(phone_number)) co_return std::nullopt;
    const auto id = "PN" + phone_number.substr(1);
    if (!refusal || refuses_after_buying) owned[id] = std::move(mark);
    if (refusal) co_return tl::unexpected(*refusal);
    if (on_bought) on_bought();
    co_return id;
  }
  core::Task<core::Result<std::vector<std::string>>> bought(std::string mark) override {
    std::vector<std::string> ids;
    for (const auto& [id, its] : owned) {
      if (its == mark) ids.push_back(id);
    }
    co_return ids;
  }
  core::Task<core::Result<>> release(std::string carrier_id) override {
    if (refusal) co_return tl::unexpected(*refusal);
    owned.erase(carrier_id);
    co_return core::Result<>{};
  }

  bool set_up = true;
  std::vector<std::string> for_sale{"+14155550101", "+14155550102", "+14155550103"};
  std::set<std::string> gone;
  std::optional<core::Error> refusal;
  bool refuses_after_buying = false;
  std::function<void()> on_bought;
  std::vector<NumberWish> wishes;
  std::map<std::string, std::string> owned;  // id, mark
};

// On PostgreSQL with a cache beside it, as in production: what a write forgets to invalidate fails there.
inline std::unique_ptr<storage::Database> services_database(storage::Dialect dialect,
                                                            const test::TemporaryFolder& folder,
                                                            storage::Cache& cache) {
  auto opened = storage::open_database(test::fresh_database(dialect, folder)).value();
  if (dialect == storage::Dialect::postgres) {
    opened = std::make_unique<storage::CachedDatabase>(std::move(opened), cache);
  }
  return std::make_unique<storage::AuditedDatabase>(std::move(opened));
}

class ServicesOn : public ::testing::Test {
 protected:
  explicit ServicesOn(storage::Dialect dialect) : database(services_database(dialect, folder, cache)) {
    config.data_dir = folder.path().string();
    EXPECT_TRUE(run(storage::migrate(*database, storage::embedded_migrations())));
    for (const auto* language : {"en-US", "pt-BR"}) {
      CatalogVoice voice;
      voice.voice.voice_id = std::string("voice-") + language;
      voice.voice.voice_name = language;
      voice.vendor = std::string("local-") + language;
      voice.vendor_voice = std::string("vendor-") + language;
      voice.language = language;
      voices.add(voice);
    }
    organization = run(keys.ensure_organization("Acme"))->id;
    key = run(keys.create(organization, "First"))->key;
  }

  template <class T>
  T run(core::Task<T> task) {
    auto result = boost::asio::co_spawn(io, std::move(task), boost::asio::use_future);
    io.restart();
    const auto guard = boost::asio::make_work_guard(io);
    while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) io.run_one();
    return result.get();
  }
  static json::Value of(std::string_view text) { return json::parse(text).value(); }

  std::string make_llm(std::string_view body = R"({"general_prompt":"Be {{mood}}."})") {
    return run(llms.create(organization, of(body)))->llm_id;
  }
  // An agent with a webhook; `more` are further members, beginning with a comma.
  std::string make_agent(const std::string& more = "") {
    const auto agent = run(agents.create(
        organization,
        of(R"({"response_engine":{"type":"retell-llm","llm_id":")" + make_llm() +
           R"("},"voice_id":"voice-en-US","agent_name":"Ann","webhook_url":"https://example.com/hook")" + more + "}")));
    EXPECT_TRUE(agent.has_value()) << agent.error().message;
    return agent->agent_id;
  }
  void import_number(const std::string& organization_id, const std::string& number) {
    const auto imported = run(numbers.import(
        organization_id, of(R"({"termination_uri":"sip.example.com","phone_number":")" + number + R"("})"), seal));
    EXPECT_TRUE(imported.has_value()) << imported.error().message;
  }
  domain::Call make_web_call(const std::string& agent_id) {
    WebCallRequest request;
    request.agent_id = agent_id;
    const auto call = run(calls.create_web_call(organization, std::move(request)));
    EXPECT_TRUE(call.has_value()) << call.error().message;
    return *call;
  }
  // Lets the service take in all that calls have reported; no more can be reported afterwards.
  void settle() {
    calls.close();
    run(finish(calls));
  }
  static core::Task<bool> finish(CallService& service) {
    co_await service.run();
    co_return true;
  }

  // Has an event told, of no stored call.
  core::Task<core::Result<>> notify(WebhookService& service, std::string owner, domain::AgentSettings agent,
                                    domain::WebhookEvent event, domain::Call call) {
    auto made = co_await service.make(std::move(owner), std::move(agent), event, std::move(call));
    if (!made) co_return tl::unexpected(made.error());
    if (!made->has_value()) co_return core::Result<>{};
    co_return co_await storage::WebhookStore(*database).add(std::move(**made));
  }

  boost::asio::io_context io;
  test::TemporaryFolder folder;
  core::ManualClock clock;
  config::Config config;
  storage::MemoryCache cache{clock, 100};
  std::unique_ptr<storage::Database> database;
  core::BlockingPool files{1};
  storage::FolderStore objects{folder.path() / "objects", files};
  VoiceCatalog voices;
  FakeLauncher launcher;
  std::vector<net::ClientRequest> sent;
  unsigned answer = 200;
  std::string answer_body;
  ApiKeyService keys{*database, cache, clock, "the server's secret"};
  WorkspaceService workspaces{*database, cache, clock, {.max_concurrent_calls = 3}};
  PasswordHasher passwords;
  SignInGuard sign_ins{*database, clock};
  static constexpr auto jwt_secret = "the secret that signs access tokens";
  UserService users{*database, cache, passwords, sign_ins, clock};
  SessionService sessions{*database, cache, passwords, sign_ins, clock, {jwt_secret}, {}};
  AgentService agents{*database, voices, clock};
  AgentVersionService versions{*database, clock};
  LlmService llms{*database, clock};
  FlowService flows{*database, clock};
  FlowComponentService components{*database, clock};
  PhoneNumberService numbers{*database, clock};
  Seal seal = [this](std::string_view plain, std::string_view purpose) { return keys.seal(plain, purpose); };
  JobRunner jobs{*database, clock, io.get_executor(), {}};
  FakeCarrier carrier;
  NumberPurchase purchases{*database, numbers, carrier, jobs, clock};
  HttpSend sender = [this](net::ClientRequest request) { return send(std::move(request)); };
  WebhookService webhooks{*database, keys, workspaces, sender, {}, clock, io.get_executor(), {}};
  InboundWebhook inbound{keys, sender, {}, clock, io.get_executor(), {}};
  RecordingService recordings{objects, config, "https://voice.example.com", "the server's secret", clock};
  storage::MemoryCallRegistry registry{100};
  CallService calls{{*database, agents, llms, voices, keys, numbers, webhooks, recordings, launcher, config, clock,
                     workspaces, inbound, registry},
                    io.get_executor(),
                    {}};
  FakeChatModel chat_model;
  ChatEngine chat_engine{agents, llms, chat_model, config, clock};
  ChatService chats{*database, chat_engine, config, clock};
  ContactService contacts{*database, clock};
  FileService uploads{objects, {"https://voice.example.com", "the server's secret", std::chrono::hours(1)}, clock};
  ContactJobs contact_jobs{*database, contacts, calls, uploads, clock};
  KnowledgeBaseService knowledge_bases{*database, uploads, clock};
  TestCaseService tests{*database, clock};
  storage::DocumentStore assets{*database, storage::DocumentKind::asset};
  std::string organization;
  std::string key;

 private:
  core::Task<core::Result<net::HttpResponse>> send(net::ClientRequest request) {
    sent.push_back(std::move(request));
    net::HttpResponse response;
    response.status = answer;
    response.body = answer_body;
    co_return response;
  }
};

// TEST_P(Suite, …) with RETELL_ON_EVERY_DATABASE(Suite).
class ServicesFixture : public ServicesOn, public ::testing::WithParamInterface<storage::Dialect> {
 protected:
  ServicesFixture() : ServicesOn(GetParam()) {}
};

}  // namespace retell::services
