// Tells customers' servers what happens in calls. Each delivery is a stored job: it survives a restart, is signed, and
// is tried up to four times.
#pragma once
#include <functional>
#include <string>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "domain/agent.hpp"
#include "domain/call.hpp"
#include "net/client.hpp"
#include "services/api_key_service.hpp"
#include "services/job_runner.hpp"

namespace retell::services {

// How requests leave the program: net::Client::send of the runner's worker, or a test's own.
using HttpSend = std::function<core::Task<core::Result<net::HttpResponse>>(net::ClientRequest)>;

struct WebhookOptions {
  std::string default_url;     // for agents without one of their own; empty: none
  bool allow_private = false;  // targets may lie in private networks
};

class WebhookService {
 public:
  // Registers itself with `jobs`, which must outlive it.
  WebhookService(JobRunner& jobs, ApiKeyService& keys, HttpSend send, WebhookOptions options, const core::Clock& clock,
                 core::Logger log);

  // Stores a delivery when the agent wants the event and has an address for it. Any thread.
  [[nodiscard]] core::Task<core::Result<>> notify(std::string organization_id, const domain::AgentSettings& agent,
                                                  domain::WebhookEvent event, const domain::Call& call);

 private:
  [[nodiscard]] core::Task<core::Result<>> deliver(const storage::Job& job);

  JobRunner& jobs_;
  ApiKeyService& keys_;
  HttpSend send_;
  WebhookOptions options_;
  const core::Clock& clock_;
  core::Logger log_;
};

}  // namespace retell::services
