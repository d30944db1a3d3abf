// Calls: makes them, hands them over to where they live, keeps their records up to date, tells the webhooks.
// Any thread, except run(), which lives on the executor given. The records of live calls are held here until they end.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "config/config.hpp"
#include "core/clock.hpp"
#include "core/errand.hpp"
#include "core/lanes.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "services/agent_service.hpp"
#include "services/api_key_service.hpp"
#include "services/call_launcher.hpp"
#include "services/call_plan.hpp"
#include "services/call_requests.hpp"
#include "services/inbound_webhook.hpp"
#include "services/llm_service.hpp"
#include "services/ordered_ids.hpp"
#include "services/phone_number_service.hpp"
#include "services/recording_service.hpp"
#include "services/webhook_service.hpp"
#include "services/workspace_service.hpp"
#include "storage/cache/call_registry.hpp"
#include "storage/stores/call_store.hpp"

namespace retell::services {

struct CallServiceParts {
  storage::Database& database;
  AgentService& agents;
  LlmService& llms;
  const VoiceCatalog& voices;
  ApiKeyService& keys;
  PhoneNumberService& numbers;
  WebhookService& webhooks;
  RecordingService& recordings;
  CallLauncher& launcher;
  const config::Config& config;
  const core::Clock& clock;
  WorkspaceService& workspaces;
  InboundWebhook& inbound;
  storage::CallRegistry& registry;
  std::string node_id = {};  // of this process, the same after a restart
  std::string secret = {};   // of the server, the same in all its processes
};

// A call that comes in, ready to be connected.
struct IncomingCall {
  std::string call_id;
  std::string token;  // for the media connection
};

// Why a call that came in is not taken.
struct RefusedCall {
  core::Error error;
  std::string fallback_number = {};  // where the carrier is to put it through to instead; empty: nowhere
};
using Incoming = tl::expected<IncomingCall, RefusedCall>;

class CallService {
 public:
  CallService(CallServiceParts parts, const core::Executor& executor, core::Logger log);

  // Consumes what calls report until close() and everything reported has been stored. On the executor.
  [[nodiscard]] core::Task<void> run();
  void close();  // any thread
  // Closes the records of calls that this node left open when it died. At start, before any call.
  [[nodiscard]] core::Task<core::Result<int>> close_abandoned();
  // Tells the other nodes that this one lives, and closes the records of those that do not. From time to time.
  [[nodiscard]] core::Task<core::Result<int>> mind_nodes();

  // unavailable while the server goes down; rate_limited at the workspace's limit of calls at once, in all processes,
  // or at this process's; unprocessable when the agent (or what it needs) does not exist or cannot take calls. The web
  // call's access_token opens its media connection within 30 s.
  [[nodiscard]] core::Task<core::Result<domain::Call>> create_web_call(std::string organization_id,
                                                                       WebCallRequest request);
  [[nodiscard]] core::Task<core::Result<domain::Call>> create_phone_call(std::string organization_id,
                                                                         PhoneCallRequest request);
  // A call that the customer's own telephony will connect within five minutes, under registered_call_token().
  [[nodiscard]] core::Task<core::Result<domain::Call>> register_phone_call(std::string organization_id,
                                                                           RegisterCallRequest request);
  // A carrier announces a call to one of our numbers. The number's webhook is asked first, if it has one; when it gives
  // no good answer, the number's own agent answers. not_found when no agent does; forbidden when the webhook refuses,
  // or the caller's country is none of those that may call the number. What else keeps a call from being taken is ours,
  // and then the number's fallback is to have it.
  [[nodiscard]] core::Task<Incoming> incoming(std::string from_number, std::string to_number,
                                              std::string carrier_call_id, domain::TextMap custom_sip_headers = {});
  // The same for a call that is to be answered by this agent. Of the number counts who may call it and its fallback, if
  // it is one of the workspace's and a carrier announces the call: one that is simulated has no carrier_call_id.
  [[nodiscard]] core::Task<Incoming> incoming_for(std::string organization_id, std::string agent_id,
                                                  std::string from_number, std::string to_number,
                                                  std::string carrier_call_id);
  // A media connection shows a token of which this process knows nothing. If another one keeps a call ready for it, the
  // call is taken over, and is expected here when this gives true.
  [[nodiscard]] core::Task<bool> take_over(std::string token);
  // Carries out what other processes ask about calls that this one holds, until cancelled. On the executor.
  [[nodiscard]] core::Task<void> follow_orders();

  // The carrier says that an outbound call was never answered.
  void unanswered(const std::string& call_id, domain::DisconnectionReason reason);

  [[nodiscard]] core::Task<core::Result<domain::Call>> get(std::string organization_id, std::string call_id);
  [[nodiscard]] core::Task<core::Result<storage::CallPage>> list(std::string organization_id, storage::CallQuery query);
  [[nodiscard]] core::Task<core::Result<domain::Call>> update(std::string organization_id, std::string call_id,
                                                              UpdateCallRequest request);
  [[nodiscard]] core::Task<core::Result<>> stop(std::string organization_id, std::string call_id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string call_id);

  // Registered and running calls of a workspace, in all processes; and how many it may have at once.
  [[nodiscard]] core::Task<core::Result<int>> concurrency(std::string organization_id);
  [[nodiscard]] core::Task<int> limit(std::string organization_id) const;
  [[nodiscard]] int default_limit() const;  // of a workspace without one of its own

 private:
  struct Live {
    storage::StoredCall stored;
    domain::AgentSettings agent;
    std::string token;  // for its media connection
  };
  // Somebody waits until the record is stored as it is here, behind all that the call has reported by then.
  struct Rewriting {
    Rewriting(const core::Executor& executor, std::shared_ptr<core::Errand> on)
        : done(executor, core::asio::steady_timer::time_point::max()), errand(std::move(on)) {}
    core::asio::steady_timer done;         // cancelled when it is over
    std::shared_ptr<core::Errand> errand;  // of the one who waits, for the audit log's entry; may be null
    core::Result<bool> outcome = false;    // false: the call has ended
    bool over = false;
  };
  struct Unconnected {
    domain::DisconnectionReason reason;
    bool missed = false;  // nobody connected in time here
  };
  using Happening = std::variant<engine::CallStarted, engine::TranscriptUpdated, engine::CallEnded, Unconnected,
                                 std::shared_ptr<Rewriting>>;
  using Deliveries = std::vector<storage::WebhookDelivery>;
  struct Wish;  // what the makers of calls have in common
  class Place;  // of a call that is being made

  [[nodiscard]] core::Task<core::Result<ResolvedAgent>> resolve(std::string organization_id, const Wish& wish);
  // Stores the record and keeps the call ready; gives the record with its token.
  [[nodiscard]] core::Task<core::Result<Live>> prepare(std::string organization_id, Wish wish);
  // The workspace's own, or the server's for each; nothing: as many as the processes can carry.
  [[nodiscard]] core::Task<std::optional<int>> wanted_limit(std::string organization_id) const;

  // call_inbound.cpp
  [[nodiscard]] core::Task<core::Result<IncomingCall>> take_in(std::string organization_id, Wish wish);
  // `wish` says what the carrier does of the call.
  [[nodiscard]] core::Task<core::Result<IncomingCall>> take_by(NumberOwner number, Wish wish);

  [[nodiscard]] engine::CallEventSink sink(const std::string& call_id);
  void report(std::string call_id, Happening what);  // any thread
  [[nodiscard]] std::optional<Live> live(const std::string& call_id) const;
  // Changes a live call in its place; gives a copy, or nothing when it is not live.
  [[nodiscard]] std::optional<Live> change(const std::string& call_id,
                                           const std::function<void(storage::StoredCall&)>& how);
  [[nodiscard]] core::Task<engine::CallPlan> plan_for(const ResolvedAgent& resolved, const storage::StoredCall& stored);
  [[nodiscard]] static bool is_open(const domain::Call& call);

  // call_nodes.cpp
  static constexpr std::chrono::milliseconds order_lifetime{600'000};  // longer than a dead node's calls are open
  // How long a node may be silent, over an outage of the database, before others take it for dead.
  static constexpr std::chrono::minutes node_lifetime{5};
  // Stores a new call's record; false when the workspace has as many calls as it may, in all processes.
  [[nodiscard]] core::Task<core::Result<bool>> enter(const storage::StoredCall& call, storage::Counted counted,
                                                     std::optional<int> most);
  // When it returns, no other process relies on knowing this one's calls for a while.
  [[nodiscard]] core::Task<core::Result<>> stand_apart();
  // This process lives, and whether it is apart from others.
  [[nodiscard]] core::Task<core::Result<>> show_life(std::int64_t now_ms, bool first);
  void keep_ready(const Live& live, engine::CallPlan plan, domain::DisconnectionReason when_missed,
                  std::chrono::milliseconds within);
  [[nodiscard]] storage::NodeOrder order(const storage::StoredCall& call, storage::NodeOrderKind kind,
                                         std::string body);
  // To the process that holds this open call; unavailable when that is this one.
  // Gives the order's id.
  [[nodiscard]] core::Task<core::Result<std::string>> pass_on(const storage::StoredCall& call,
                                                              storage::NodeOrderKind kind, std::string body);
  // A live call has been changed here: it is stored, so that every process shows the change and whoever takes the call
  // over knows it, or told to who has taken it over. False when the call has ended meanwhile, perhaps without it.
  [[nodiscard]] core::Task<core::Result<bool>> share_change(const Live& live, storage::NodeOrderKind kind,
                                                            std::string body);
  // Waits until the process that was asked has carried the order out, or for as long as a client may wait.
  [[nodiscard]] core::Task<void> await_order(std::string organization_id, std::string order_id);
  [[nodiscard]] core::Task<core::Result<>> keep_waiting_once(const Live& live, bool& kept);
  [[nodiscard]] core::Task<bool> moved_on(const Live& live);  // once false, nobody can take the call over any more
  void let_go(const Live& live);                              // another process has it
  [[nodiscard]] core::Task<void> tell_holder(std::string call_id, domain::DisconnectionReason reason);
  [[nodiscard]] core::Task<core::Result<>> set_carrier_id(std::string organization_id, std::string call_id,
                                                          std::string carrier_id);
  [[nodiscard]] core::Task<core::Result<>> carry_out(storage::NodeOrder order);

  // call_events.cpp
  static void join_report(std::deque<Happening>& waiting, Happening what);
  [[nodiscard]] core::Task<void> apply(std::string call_id, Happening what);
  [[nodiscard]] core::Task<void> apply_unconnected(std::string call_id, Unconnected what);
  [[nodiscard]] core::Task<core::Result<bool>> rewrite(std::string call_id);
  [[nodiscard]] core::Task<core::Result<bool>> rewrite_here(std::string call_id,
                                                            std::shared_ptr<core::Errand> errand);  // on the executor
  [[nodiscard]] core::Task<void> apply_rewriting(std::string call_id, std::shared_ptr<Rewriting> what);
  [[nodiscard]] core::Task<void> apply_end(Live live, engine::CallEnded ended);
  [[nodiscard]] core::Task<core::Result<>> keep_recording(Live& live, std::string path);
  [[nodiscard]] core::Task<void> finish(Live live);  // stores, tells, lets go
  [[nodiscard]] core::Task<core::Result<>> drop_content(storage::StoredCall& stored);
  [[nodiscard]] core::Task<void> close_record(storage::StoredCall stored);  // of a call that nobody holds
  // Repeats what the database cannot do now. On the executor.
  [[nodiscard]] core::Task<core::Result<>> insist(const std::function<core::Task<core::Result<>>()>& work);
  // The record and what webhooks are to be told of it, both or neither: a crash leaves no event untold.
  [[nodiscard]] core::Task<void> store(const Live& live, Deliveries news);
  [[nodiscard]] core::Task<core::Result<>> store_once(const storage::StoredCall& stored, const Deliveries& news);
  // Adds the event to the news, if anybody wants to know.
  [[nodiscard]] core::Task<void> tell(const Live& live, domain::WebhookEvent event, Deliveries& news);
  [[nodiscard]] core::Task<core::Result<>> tell_once(const Live& live, domain::WebhookEvent event, Deliveries& news);

  CallServiceParts parts_;
  storage::CallStore calls_;
  storage::NodeOrderStore orders_;
  OrderedIds order_ids_{"order_"};
  core::Executor executor_;
  core::Logger log_;
  // By call. Lives longer than the service when a late call still reports; closed with it.
  std::shared_ptr<core::Lanes<Happening>> reports_;

  core::TimePoint last_moment_{};  // for what is stored after close()
  std::int64_t minded_at_ = 0;     // by mind_nodes()
  std::int64_t minding_since_ = 0;
  std::atomic<std::int64_t> apart_until_ = 0;  // as the others know it

  mutable std::mutex mutex_;                    // guards what follows
  std::unordered_map<std::string, Live> live_;  // by call id: registered and running
  int preparing_ = 0;                           // calls that are not in live_ yet
};

}  // namespace retell::services
