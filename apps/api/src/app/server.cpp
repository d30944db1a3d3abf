#include "app/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include "api/router.hpp"
#include "app/call_host.hpp"
#include "app/chat_model.hpp"
#include "app/home.hpp"
#include "app/launcher.hpp"
#include "app/media_routes.hpp"
#include "app/stop_plan.hpp"
#include "app/stores.hpp"
#include "app/twilio_numbers.hpp"
#include "app/vendors.hpp"
#include "core/metrics.hpp"
#include "core/race.hpp"
#include "net/body_file.hpp"
#include "net/http_server.hpp"
#include "services/audit_service.hpp"
#include "services/demo.hpp"
#include "services/job_runner.hpp"
#include "services/retention_service.hpp"
#include "services/session_service.hpp"
#include "services/user_service.hpp"
#include "services/webhook_jobs.hpp"
#include "services/workspace_service.hpp"
#include "storage/cache/cached_database.hpp"
#include "storage/cache/counting_cache.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t file_threads = 4;  // recordings, objects, uploads
constexpr int large_uploads = 4;         // at a time; each may have a gigabyte on disk, and 50 MB of it in memory

// Media wants a core for itself; local models want the others.
std::size_t worker_count(const config::Config& config) {
  if (config.workers > 0) return static_cast<std::size_t>(config.workers);
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  const auto& p = config.providers;
  const bool local = p.stt == "local" || p.tts == "local" || p.llm == "local";
  return local ? std::max<std::size_t>(1, cores / 2) : cores;
}

std::string public_url(const config::Config& config) {
  if (!config.server.public_url.empty()) return config.server.public_url;
  const auto& host = config.server.host;
  return "http://" + (host == "0.0.0.0" || host == "127.0.0.1" ? "localhost" : host) + ":" +
         std::to_string(config.server.port);
}

}  // namespace

class Server::Impl {
 public:
  Impl(config::Config given, core::Logger logger, Home home, const StoreAddresses& addresses)
      : config(std::move(given)),
        log(std::move(logger)),
        secret(std::move(home.secret)),
        workers(worker_count(config)),
        shared(make_shared_state(config, addresses, config.limits.max_concurrent_calls, clock, metrics, log)),
        cache(shared->cache(), metrics),
        database(std::make_unique<storage::AuditedDatabase>(
            std::make_unique<storage::CachedDatabase>(std::move(home.database), cache))),
        files(file_threads),
        large_bodies(files, (std::filesystem::path(config.data_dir) / "incoming").string(), large_uploads),
        objects(make_objects(config, addresses, files, clock, metrics, log)),
        host(workers, files, registry,
             {.allow_private_tools = config.security.allow_private_networks,
              .waits = config.figures.name_space.empty() ? nullptr : &waits},
             metrics, log),
        launcher(host, workers.at(0)),
        keys(*database, cache, clock, secret),
        llms(*database, clock),
        agents(*database, voices, clock),
        versions(*database, clock),
        flows(*database, clock),
        components(*database, clock),
        numbers(*database, clock),
        jobs(*database, clock, workers.at(0).executor(), log),
        carrier(
            config, [this]() -> net::Client& { return host.client(workers.at(0)); }, workers.at(0)),
        purchases(*database, numbers, carrier, jobs, clock),
        workspaces(*database, cache, clock, workspace_defaults(config)),
        guard(*database, clock),
        users(*database, cache, passwords, guard, clock),
        sessions(*database, cache, passwords, guard, clock, jwt_secrets(config, secret), log),
        audit(*database, clock),
        webhooks(*database, keys, workspaces, sender(),
                 {config.organization.webhook_url, config.security.allow_private_networks}, clock,
                 workers.at(0).executor(), log),
        webhook_jobs(*database, jobs, webhooks, clock),
        inbound(keys, sender(), {.allow_private = config.security.allow_private_networks}, clock,
                workers.at(0).executor(), log),
        recordings(*objects, config, public_url(config), secret, clock),
        retention(*database, jobs, recordings, clock, log),
        calls({*database, agents, llms, voices, keys, numbers, webhooks, recordings, launcher, config, clock,
               workspaces, inbound, shared->calls(), home.node_id, secret},
              workers.at(0).executor(), log),
        chat_model(registry, host, workers.at(0), log),
        chat_engine(agents, llms, chat_model, config, clock),
        chats(*database, chat_engine, config, clock),
        contacts(*database, clock),
        uploads(*objects, {public_url(config), secret, config.uploads.url_lifetime, config.recordings.redirect}, clock),
        contact_jobs(*database, contacts, calls, uploads, clock),
        knowledge_bases(*database, uploads, clock),
        tests(*database, clock),
        assets(*database, storage::DocumentKind::asset),
        api{keys,      workspaces, users,       sessions,        audit,    webhooks,     agents,
            versions,  llms,       flows,       components,      voices,   calls,        numbers,
            purchases, recordings, chat_engine, chats,           contacts, contact_jobs, knowledge_bases,
            tests,     uploads,    assets,      shared->rates(), metrics,  clock,        [this] { return ready(); }},
        router(api, {config.server.cors_origins, config.limits.max_requests_per_second, config.server.proxies}, log) {}

  core::Task<core::Result<>> ready() {
    if (draining)
      co_return core::fail(core::ErrorCode::unavailable, "the server is shutting down and takes no new calls");
    const auto answer = co_await database->query({"SELECT 1"});
    if (!answer) co_return core::fail(core::ErrorCode::unavailable, "the database does not answer");
    co_return core::Result<>{};
  }

  // Requests to customers' servers leave from the first worker.
  services::HttpSend sender() {
    return [this](net::ClientRequest request) {
      return services::send_and_cut(host.client(workers.at(0)), std::move(request));
    };
  }

  // What grows old: sessions that ended, tries to sign in.
  core::Task<void> sweep_accounts() {
    constexpr auto interval = 1h;
    for (;;) {
      if (const auto swept = co_await sessions.sweep(); !swept) log.warn("sessions: {}", swept.error().message);
      co_await core::sleep_for(interval);
    }
  }

  // Where calls go when the database is away can then not be looked up.
  core::Task<void> remember_fallbacks() {
    constexpr auto interval = 1min;
    for (;;) {
      const auto read = co_await numbers.remember_fallbacks();
      if (!read) log.warn("fallback numbers: {}", read.error().message);
      co_await core::sleep_for(interval);
    }
  }

  core::Task<void> mind_nodes() {
    constexpr auto interval = 15s;  // with what it takes to notice that Redis is away, well within a call's lease there
    for (;;) {
      co_await core::sleep_for(interval);
      const auto closed = co_await calls.mind_nodes();
      if (closed && *closed > 0) log.warn("closed the records of {} calls of a node that is gone", *closed);
    }
  }

  // What the calls reported is stored, before the loops stop.
  void finish_records() {
    calls.close();
    if (calls_done.valid()) calls_done.wait_for(10s);
  }

  void tell_unsent() const {
    const auto unsent = objects->unsent();
    if (unsent.empty()) return;
    constexpr std::size_t most_named = 20;
    log.warn("{} recordings are not in the bucket; a server that starts with {} sends them: {}{}", unsent.size(),
             spool_folder(config).string(),
             fmt::join(unsent.begin(),
                       unsent.begin() + static_cast<std::ptrdiff_t>(std::min(unsent.size(), most_named)), ", "),
             unsent.size() > most_named ? ", ..." : "");
  }

  // Runs a task on the first worker and waits for it; from a thread of its own, never from a worker.
  template <class T>
  T on_worker(core::Task<T> task) {
    return boost::asio::co_spawn(workers.at(0).executor(), std::move(task), boost::asio::use_future).get();
  }

  // given
  config::Config config;
  core::Logger log;
  std::string secret;

  // owned, in the order of dependence
  core::SystemClock clock;
  core::Metrics metrics;
  HeardWaits waits;
  core::WorkerPool workers;  // outlives what resumes its tasks from other threads
  std::unique_ptr<storage::SharedState> shared;
  storage::CountingCache cache;
  std::unique_ptr<storage::Database> database;
  core::BlockingPool files;
  net::BodyStore large_bodies;
  std::unique_ptr<storage::ObjectStore> objects;
  providers::Registry registry;
  services::VoiceCatalog voices;
  LocalEngines engines;  // gone before the workers that it posts to
  CallHost host;
  Launcher launcher;
  services::ApiKeyService keys;
  services::LlmService llms;
  services::AgentService agents;
  services::AgentVersionService versions;
  services::FlowService flows;
  services::FlowComponentService components;
  services::PhoneNumberService numbers;
  services::JobRunner jobs;
  TwilioNumbers carrier;
  services::NumberPurchase purchases;
  services::WorkspaceService workspaces;
  services::PasswordHasher passwords;
  services::SignInGuard guard;
  services::UserService users;
  services::SessionService sessions;
  services::AuditService audit;
  services::WebhookService webhooks;
  services::WebhookJobs webhook_jobs;
  services::InboundWebhook inbound;
  services::RecordingService recordings;
  services::RetentionService retention;
  services::CallService calls;
  RegistryChatModel chat_model;
  services::ChatEngine chat_engine;
  services::ChatService chats;
  services::ContactService contacts;
  services::FileService uploads;
  services::ContactJobs contact_jobs;
  services::KnowledgeBaseService knowledge_bases;
  services::TestCaseService tests;
  storage::DocumentStore assets;
  api::Api api;
  api::Router router;
  std::unique_ptr<MediaRoutes> media;
  std::unique_ptr<net::HttpServer> http;

  std::atomic<bool> draining{false};
  std::future<void> calls_done;
  bool started = false;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

core::Result<std::unique_ptr<Server>> Server::build(config::Config config, core::Logger log) {
  // Before seconds go into loading models; and links that a call leaves behind name the port, so a free one is chosen
  // before anything is built.
  const auto port = probe_port(config.server.host, config.server.port);
  if (!port) return tl::unexpected(port.error());
  config.server.port = *port;
  const auto addresses = read_addresses(config);
  if (!addresses) return tl::unexpected(addresses.error());
  auto home = open_home(config, log);
  if (!home) return tl::unexpected(home.error());
  // One call more would keep all of them waiting: it is refused instead, as the API and carriers understand it.
  if (const auto most = most_local_calls(config); most && *most < config.limits.max_concurrent_calls) {
    log.info("local engines serve {} calls at a time on this machine (models.max_calls); more are refused", *most);
    config.limits.max_concurrent_calls = *most;
  }
  auto impl = std::make_unique<Impl>(std::move(config), std::move(log), std::move(*home), *addresses);
  if (auto filled = register_vendors(impl->config, impl->engines, impl->registry, impl->voices, impl->log); !filled) {
    return tl::unexpected(filled.error());
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

core::Result<std::uint16_t> Server::start() {
  auto& s = *impl_;
  s.workers.start();
  s.started = true;
  s.host.start();
  const auto organization = s.on_worker(s.keys.ensure_organization(s.config.organization.name));
  if (!organization) return tl::unexpected(organization.error());
  if (s.config.demo) {
    if (auto made = s.on_worker(services::ensure_demo(*s.database, s.voices, s.clock, organization->id)); !made) {
      return tl::unexpected(made.error());
    }
  }
  // Before the first delivery leaves, so that those of one call do not overtake each other.
  if (const auto moved = s.on_worker(s.webhook_jobs.move()); !moved) {
    s.log.error("webhooks of an earlier version still wait: {}", moved.error().message);
  } else if (*moved > 0) {
    s.log.info("took over {} webhooks of an earlier version", *moved);
  }
  if (const auto closed = s.on_worker(s.calls.close_abandoned()); !closed) {
    s.log.error("calls that an earlier process left open cannot be closed: {}", closed.error().message);
  } else if (*closed > 0) {
    s.log.warn("closed the records of {} calls that an earlier process left open", *closed);
  }
  s.calls_done = boost::asio::co_spawn(s.workers.at(0).executor(), s.calls.run(), boost::asio::use_future);
  boost::asio::post(s.workers.at(0).executor(), [&s] {
    auto& background = s.workers.at(0).background();
    background.spawn("jobs", s.jobs.run());
    background.spawn("webhooks", s.webhooks.run());
    background.spawn("accounts", s.sweep_accounts());
    background.spawn("fallback numbers", s.remember_fallbacks());
    background.spawn("nodes", s.mind_nodes());
    background.spawn("other nodes' orders", s.calls.follow_orders());
  });

  s.media =
      std::make_unique<MediaRoutes>(MediaRoutesParts{s.config, public_url(s.config), s.host, s.launcher, s.calls,
                                                     s.agents, s.keys, s.workers, organization->id, s.secret, s.log});
  s.media->add_to(s.router);
  net::HttpServerOptions options;
  options.host = s.config.server.host;
  options.port = s.config.server.port;
  options.large_bodies = &s.large_bodies;
  options.admit = [&s](net::HttpRequest head, std::uint64_t length, core::Worker& worker) {
    return s.router.admit(std::move(head), length, worker);
  };
  s.http = std::make_unique<net::HttpServer>(
      s.workers, options,
      [&s](net::HttpRequest request, core::Worker& worker) { return s.router.handle(std::move(request), worker); },
      [&s](net::HttpRequest request, core::Worker& worker) {
        return s.router.handle_upgrade(std::move(request), worker);
      },
      s.log);
  return s.http->start();
}

void Server::drain(const std::function<bool()>& cut_short) {
  auto& s = *impl_;
  const auto begin = std::chrono::steady_clock::now();
  const auto plan = stop_plan(s.config.drain, s.config.stop);
  s.draining = true;
  s.launcher.take_no_more();
  const bool had_calls = s.host.live() > 0;
  bool hurried = false;
  const auto wait = [&](core::TimePoint until, const auto& over) {
    while (!over() && !hurried && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(100ms);
      hurried = hurried || cut_short();
    }
  };
  wait(begin + plan.calls_until, [&] { return s.host.live() == 0; });
  if (s.host.live() > 0) {
    // A sentence may be finished; what then still runs is cut.
    constexpr auto politeness = 8s;
    s.log.warn("ending {} calls that are still live", s.host.live());
    s.host.drain(politeness);
    const auto cut = std::chrono::steady_clock::now() + politeness + 5s;
    while (s.host.live() > 0 && std::chrono::steady_clock::now() < cut) std::this_thread::sleep_for(50ms);
  }
  // Whoever held the last call asks for its record as soon as it is over.
  constexpr auto last_questions = 2s;
  if (had_calls && !hurried) std::this_thread::sleep_for(last_questions);
  s.finish_records();
  // A disk that ends with the process would take them along.
  s.objects->hurry();
  wait(begin + plan.uploads_until, [&] { return s.objects->unsent().empty(); });
  s.tell_unsent();
}

core::Result<std::string> Server::lend_api_key(std::string name) {
  auto& s = *impl_;
  const auto organization = s.on_worker(s.keys.ensure_organization(s.config.organization.name));
  if (!organization) return tl::unexpected(organization.error());
  return s.keys.lend(*organization, std::move(name));
}

core::Result<std::optional<std::string>> Server::first_api_key() {
  auto& s = *impl_;
  const auto organization = s.on_worker(s.keys.ensure_organization(s.config.organization.name));
  if (!organization) return tl::unexpected(organization.error());
  const auto there = s.on_worker(s.keys.list(organization->id));
  if (!there) return tl::unexpected(there.error());
  if (!there->empty()) return std::optional<std::string>();
  auto made = s.on_worker(s.keys.create(organization->id, "first"));
  if (!made) return tl::unexpected(made.error());
  return std::optional(std::move(made->key));
}

CloudWatchFigures Server::take_figures() {
  auto& s = *impl_;
  CloudWatchFigures figures;
  figures.live_calls = s.metrics.sum("retell_live_calls");
  figures.calls_ended = s.metrics.sum("retell_calls_total");
  figures.calls_failed = s.metrics.sum(
      "retell_calls_total", [](const core::Labels& labels) { return labels.at("reason").starts_with("error_"); });
  figures.call_setup_failures = s.metrics.sum("retell_missed_calls_total");
  figures.late_frames = s.metrics.sum("retell_media_late_frames_total");
  figures.vendor_errors = s.metrics.sum("retell_vendor_errors_total");
  figures.spool_files = s.metrics.sum("retell_spool_files");
  figures.caller_heard_ms = s.waits.take();
  return figures;
}

int Server::live_calls() const { return impl_->host.live(); }
int Server::calls() const { return impl_->host.live() + impl_->host.expected(); }
core::Metrics& Server::metrics() { return impl_->metrics; }

Server::~Server() {
  if (!impl_ || !impl_->started) return;
  auto& s = *impl_;
  s.draining = true;
  if (s.http) s.http->stop(5s);
  s.finish_records();
  s.host.stop();
  s.workers.stop();
  s.files.join();
}

}  // namespace retell::app
