// Asks a number's owner what to do with a call that comes in, while the caller hears it ring: who answers, with which
// variables, or nobody.
#pragma once
#include <optional>
#include <string>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "services/api_key_service.hpp"
#include "services/call_requests.hpp"
#include "services/http_send.hpp"

namespace retell::services {

struct InboundQuestion {
  std::string organization_id;
  std::string url;
  std::string call_id;  // of the call to be; the same in every try, so that receivers can tell a repetition
  std::string from_number;
  std::string to_number;
  std::optional<std::string> agent_id = {};  // who answers unless told otherwise
  std::optional<std::string> agent_version = {};
  domain::TextMap custom_sip_headers = {};
};

struct InboundAnswer {
  bool reject = false;
  std::optional<std::string> override_agent_id = {};
  std::optional<VersionReference> override_agent_version = {};
  std::optional<AgentOverride> agent_override = {};
  std::optional<domain::TextMap> dynamic_variables = {};
  std::optional<json::Value> metadata = {};
};

struct InboundOptions {
  bool allow_private = false;                 // receivers may lie in private networks
  std::chrono::milliseconds one_try{10'000};  // Retell's
  // For all tries: a carrier hangs up on us after 15 s of silence (Twilio's limit for voice webhooks).
  std::chrono::milliseconds patience{13'000};
};

class InboundWebhook {
 public:
  // `send` is called on `executor`, one thread.
  InboundWebhook(ApiKeyService& keys, HttpSend send, InboundOptions options, const core::Clock& clock,
                 core::Executor executor, core::Logger log)
      : keys_(keys),
        send_(std::move(send)),
        options_(options),
        clock_(clock),
        executor_(std::move(executor)),
        log_(std::move(log)) {}

  // Up to four tries, all within the options' patience. Any thread.
  [[nodiscard]] core::Task<core::Result<InboundAnswer>> ask(InboundQuestion question);

 private:
  [[nodiscard]] core::Task<core::Result<InboundAnswer>> ask_here(InboundQuestion question);
  [[nodiscard]] core::Task<core::Result<InboundAnswer>> attempt(const InboundQuestion& question,
                                                                const std::string& body,
                                                                std::chrono::milliseconds limit);
  ApiKeyService& keys_;
  HttpSend send_;
  InboundOptions options_;
  const core::Clock& clock_;
  core::Executor executor_;
  core::Logger log_;
};

// invalid for anything but {"call_inbound":{…}} with members of the right types. Pure.
[[nodiscard]] core::Result<InboundAnswer> read_inbound_answer(std::string_view body);

}  // namespace retell::services
