#include "transports/browser/call_updates.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <cmath>

namespace retell::transports::browser {
namespace {

namespace bj = boost::json;

const char* role_name(engine::Utterance::Role role) {
  using Role = engine::Utterance::Role;
  switch (role) {
    case Role::agent:
      return "agent";
    case Role::user:
      return "user";
    case Role::tool_call_invocation:
      return "tool_call_invocation";
    case Role::tool_call_result:
      return "tool_call_result";
    case Role::dtmf:
      return "dtmf";
  }
  return "agent";
}

// The reason's name without asking the engine for Retell's word: the page only shows it.
const char* end_name(engine::EndReason reason) {
  using Reason = engine::EndReason;
  switch (reason) {
    case Reason::user_hangup:
      return "user_hangup";
    case Reason::agent_hangup:
      return "agent_hangup";
    case Reason::inactivity:
      return "inactivity";
    case Reason::max_duration_reached:
      return "max_duration_reached";
    case Reason::server_shutdown:
      return "server_shutdown";
    case Reason::manual_stop:
      return "manual_stopped";
    default:
      return "error";
  }
}

bj::value milliseconds(double value) { return value < 0 ? bj::value(nullptr) : bj::value(std::llround(value)); }

std::optional<std::string> update(const engine::TranscriptUpdated& event) {
  bj::array lines;
  for (const auto& line : event.transcript) {
    bj::object item{{"role", role_name(line.role)}, {"content", line.content}};
    if (line.interrupted) item["interrupted"] = true;
    if (!line.name.empty()) item["name"] = line.name;
    lines.push_back(std::move(item));
  }
  return bj::serialize(bj::object{{"type", "transcript"}, {"transcript", std::move(lines)}});
}
std::optional<std::string> update(const engine::LiveText& event) {
  return bj::serialize(bj::object{{"type", "live"},
                                  {"role", role_name(event.role)},
                                  {"text", event.text},
                                  {"final", event.final},
                                  {"turn", event.turn}});
}
std::optional<std::string> update(const engine::TurnMeasured& event) {
  return bj::serialize(bj::object{{"type", "latency"}, {"latency", latency_object(event.latency)}});
}
std::optional<std::string> update(const engine::CallEnded& event) {
  return bj::serialize(bj::object{{"type", "ended"}, {"reason", end_name(event.reason)}});
}
std::optional<std::string> update(const engine::CallStarted& /*event*/) { return std::nullopt; }
std::optional<std::string> update(const engine::VendorFailed& /*event*/) { return std::nullopt; }

}  // namespace

bj::object latency_object(const engine::TurnLatency& latency) {
  return {{"turn", latency.turn},
          {"heard_ms", milliseconds(latency.heard_ms)},
          {"end_of_turn_ms", milliseconds(latency.end_of_turn_ms)},
          {"transcript_ms", milliseconds(latency.transcript_ms)},
          {"model_first_token_ms", milliseconds(latency.model_first_token_ms)},
          {"first_clause_ms", milliseconds(latency.first_clause_ms)},
          {"synthesis_first_byte_ms", milliseconds(latency.synthesis_first_byte_ms)},
          {"transport_ms", milliseconds(latency.transport_ms)}};
}

std::optional<std::string> call_update(const engine::CallEvent& event) {
  return std::visit([](const auto& e) { return update(e); }, event);
}

}  // namespace retell::transports::browser
