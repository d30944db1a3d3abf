// What the process that a call's media connection comes to needs to know when another one has made the call: kept
// beside the record until the call begins. Pure.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/call.hpp"
#include "services/call_requests.hpp"

namespace retell::services {

struct CallArrangement {
  std::string token_sha256;  // hex; of the token that the media connection shows
  std::optional<AgentOverride> agent_override = {};
  domain::TextMap tag_variables = {};
  domain::DisconnectionReason when_missed = domain::DisconnectionReason::error_user_not_joined;
  std::int64_t join_until = 0;  // epoch ms
};
BOOST_DESCRIBE_STRUCT(CallArrangement, (), (token_sha256, agent_override, tag_variables, when_missed, join_until))

// A token for the call's media connection: it names the call, so that any process can find it.
[[nodiscard]] std::string make_media_token(std::string_view call_id);
// The same for a call that somebody's own telephony will connect, who knows only the call's id: it is made of that id
// and the server's secret.
[[nodiscard]] std::string registered_call_token(std::string_view secret, std::string_view call_id);
// Empty for what is no such token.
[[nodiscard]] std::string call_of_token(std::string_view token);
[[nodiscard]] std::string token_digest(std::string_view token);

[[nodiscard]] std::string to_text(const CallArrangement& arrangement);
[[nodiscard]] std::optional<CallArrangement> read_arrangement(std::string_view text);

}  // namespace retell::services
