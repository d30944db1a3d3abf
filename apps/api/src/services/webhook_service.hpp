// Tells customers' servers what happens in calls. Each delivery is stored before anything is sent: it survives a
// restart, is signed, is tried up to four times, and stays in a log with every attempt. The deliveries of one call go
// out in order: one that fails holds the later ones back until it is through or given up.
#pragma once
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "core/task_group.hpp"
#include "domain/agent.hpp"
#include "domain/call.hpp"
#include "services/api_key_service.hpp"
#include "services/http_send.hpp"
#include "services/ordered_ids.hpp"
#include "services/workspace_service.hpp"
#include "storage/stores/webhook_store.hpp"

namespace retell::services {

struct WebhookOptions {
  std::string default_url;     // for agents and workspaces without one of their own; empty: none
  bool allow_private = false;  // targets may lie in private networks
};

class WebhookService {
 public:
  // Lives on `executor`, one thread, which is where `send` is called.
  WebhookService(storage::Database& database, ApiKeyService& keys, WorkspaceService& workspaces, HttpSend send,
                 WebhookOptions options, const core::Clock& clock, core::Executor executor, core::Logger log);

  // The delivery of an event, to be stored by the caller together with what it tells of, in the order of making and
  // with wake() afterwards; nothing when the agent does not want it or there is no address. Errors are the database's.
  // Any thread.
  [[nodiscard]] core::Task<core::Result<std::optional<storage::WebhookDelivery>>> make(std::string organization_id,
                                                                                       domain::AgentSettings agent,
                                                                                       domain::WebhookEvent event,
                                                                                       domain::Call call);
  // Something new has been stored. Any thread.
  void wake();

  // Delivers until cancelled. Calls do not wait for each other, a bounded number goes at once.
  [[nodiscard]] core::Task<void> run();
  // Delivers all that is due now; gives how many attempts that took.
  [[nodiscard]] core::Task<int> run_due();

  [[nodiscard]] core::Task<core::Result<storage::Page<storage::WebhookDelivery>>> list(std::string organization_id,
                                                                                       storage::DeliveryQuery query);
  // not_found.
  [[nodiscard]] core::Task<core::Result<storage::WebhookDelivery>> get(std::string organization_id, std::string id);
  [[nodiscard]] core::Task<core::Result<std::vector<storage::WebhookAttempt>>> attempts(std::string organization_id,
                                                                                        std::string id);
  // A new delivery of the same bytes to the same address, signed anew; unprocessable when they were not kept.
  [[nodiscard]] core::Task<core::Result<storage::WebhookDelivery>> resend(std::string organization_id, std::string id);

  static constexpr std::chrono::hours log_lifetime{24 * 30};  // how long the log goes back

 private:
  [[nodiscard]] core::Task<int> start_due(core::TaskGroup& group);
  [[nodiscard]] core::Task<void> deliver(storage::WebhookDelivery delivery);
  [[nodiscard]] core::Task<core::Result<net::HttpResponse>> attempt(const storage::WebhookDelivery& delivery);
  [[nodiscard]] core::Task<void> pause();
  [[nodiscard]] core::Task<void> sweep_now_and_then();

  struct Sleeper;
  storage::WebhookStore deliveries_;
  ApiKeyService& keys_;
  WorkspaceService& workspaces_;
  HttpSend send_;
  WebhookOptions options_;
  const core::Clock& clock_;
  core::Executor executor_;
  core::Logger log_;
  OrderedIds ids_{"delivery_"};
  std::shared_ptr<Sleeper> sleeper_;  // shared with wake-ups that are under way
  std::int64_t swept_at_ = 0;
};

}  // namespace retell::services
