// A simulated call against a running server, from the order to the stored record. Shared by call, demo and bench.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "json/value.hpp"
#include "simulator/report.hpp"
#include "simulator/script.hpp"

namespace retell::simulator {
struct Moment;
}

namespace retell::app {

struct ConversationOrder {
  std::string server = "http://127.0.0.1:8080";
  std::string api_key;
  std::string agent_id;
  simulator::Script script;
  std::string recording_path;  // of the far end; empty: none
  // Both on the conversation's own thread: what the caller's ear notices, and what the server tells of the call, as in
  // transports/browser/call_updates.hpp.
  std::function<void(const simulator::Moment&)> on_moment;
  std::function<void(const json::Object&)> on_update;
  std::chrono::milliseconds patience{15'000};  // of the caller, with an agent that is silent
  std::chrono::milliseconds limit{300'000};    // of the call, whatever the script still has
  bool leave_when_cut = false;                 // see simulator::FarEndOptions
  // Asked all the time, on the conversation's own thread: until when all of it is to be over; nothing: it goes on.
  std::function<std::optional<std::chrono::steady_clock::time_point>()> leave_by = {};
};

struct Conversation {
  std::string call_id;
  simulator::Report report;
  json::Object record;  // as GET /v2/get-call shows it once the call has ended
};

// Makes a Retell LLM and an agent of it through the API; gives the agent's id. Blocks.
[[nodiscard]] core::Result<std::string> make_agent(const std::string& server, const std::string& api_key,
                                                   json::Object llm_settings, json::Object agent_settings);

// Blocks until the call is over and its record is closed (at most 15 s later). Of a call that was left the record may
// be as it was, or empty.
[[nodiscard]] core::Result<Conversation> hold_conversation(const ConversationOrder& order);

}  // namespace retell::app
