// What is expected of a conversation, and the log that shows what came instead.
#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "conversations/invariants.hpp"
#include "conversations/script.hpp"

namespace retell::engine::turn::world {
namespace {

namespace json = boost::json;

double number(const json::value& value) { return value.to_number<double>(); }

std::string_view name(TurnKind kind) {
  switch (kind) {
    case TurnKind::answer:
      return "answer";
    case TurnKind::digits:
      return "digits";
    case TurnKind::opening:
      return "opening";
    case TurnKind::reminder:
      return "reminder";
    case TurnKind::requested:
      return "requested";
  }
  return "";
}

std::string_view name(InterruptReason reason) {
  switch (reason) {
    case InterruptReason::caller_spoke:
      return "caller_spoke";
    case InterruptReason::caller_resumed:
      return "caller_resumed";
    case InterruptReason::transcript_changed:
      return "transcript_changed";
    case InterruptReason::digit:
      return "digit";
    case InterruptReason::replaced:
      return "replaced";
    case InterruptReason::failed:
      return "failed";
  }
  return "";
}

std::string_view name(Stage stage) {
  switch (stage) {
    case Stage::language:
      return "language";
    case Stage::speech:
      return "speech";
    case Stage::tool:
      return "tool";
  }
  return "";
}

std::string_view name(EndReason reason) {
  switch (reason) {
    case EndReason::user_hangup:
      return "user_hangup";
    case EndReason::agent_hangup:
      return "agent_hangup";
    case EndReason::inactivity:
      return "inactivity";
    case EndReason::max_duration_reached:
      return "max_duration_reached";
    case EndReason::error_llm:
      return "error_llm";
    case EndReason::error_tts:
      return "error_tts";
    case EndReason::error_stt:
      return "error_stt";
    default:
      return "other";
  }
}

struct Describe {
  json::object operator()(const FinalizeTranscript& a) const {
    return {{"action", "finalize_transcript"}, {"pause", a.pause}};
  }
  json::object operator()(const AskEndOfTurn& a) const { return {{"action", "ask_end_of_turn"}, {"pause", a.pause}}; }
  json::object operator()(const StartTurn& a) const {
    return {{"action", "start_turn"}, {"turn", a.turn}, {"kind", name(a.kind)}, {"text", a.text}};
  }
  json::object operator()(const SpeculateTurn& a) const {
    return {{"action", "speculate_turn"}, {"turn", a.turn}, {"text", a.text}};
  }
  json::object operator()(const CommitTurn& a) const { return {{"action", "commit_turn"}, {"turn", a.turn}}; }
  json::object operator()(const AbandonSpeculation& a) const {
    return {{"action", "abandon_speculation"}, {"turn", a.turn}};
  }
  json::object operator()(const Interrupt& a) const {
    return {{"action", "interrupt"}, {"turn", a.turn}, {"reason", name(a.reason)}};
  }
  json::object operator()(const PausePlayout& a) const { return {{"action", "pause"}, {"turn", a.turn}}; }
  json::object operator()(const ResumePlayout& a) const { return {{"action", "resume"}, {"turn", a.turn}}; }
  json::object operator()(const SayFiller& a) const {
    return {{"action", "filler"}, {"turn", a.turn}, {"waiting_for", name(a.waiting_for)}};
  }
  json::object operator()(const FailOver& a) const {
    return {{"action", "fail_over"}, {"turn", a.turn}, {"stage", name(a.stage)}, {"unheard", a.unheard}};
  }
  json::object operator()(const Apologise& a) const { return {{"action", "apologise"}, {"turn", a.turn}}; }
  json::object operator()(const Backchannel& a) const { return {{"action", "backchannel"}, {"word", a.word}}; }
  json::object operator()(const TurnSettled& a) const {
    return {{"action", "settled"}, {"turn", a.turn}, {"interrupted", a.interrupted}};
  }
  json::object operator()(const TurnTimed& a) const {
    json::object described{{"action", "timed"}, {"turn", a.turn}, {"speculated", a.speculated}};
    if (a.speech_ended && a.audible) {
      described["voice_to_voice"] = std::chrono::duration_cast<Millis>(*a.audible - *a.speech_ended).count();
    }
    return described;
  }
  json::object operator()(const HandOver& a) const { return {{"action", "hand_over"}, {"turn", a.turn}}; }
  json::object operator()(const EndCall& a) const { return {{"action", "end_call"}, {"reason", name(a.reason)}}; }
};

// Does the described action have all that is asked for, within the time asked for?
bool fits(const json::object& wanted, const Logged& entry) {
  const json::object is = describe(entry.action);
  for (const auto& field : wanted) {
    if (field.key() == "after") {
      if (entry.at < Millis(field.value().to_number<Millis::rep>())) return false;
    } else if (field.key() == "before") {
      if (entry.at > Millis(field.value().to_number<Millis::rep>())) return false;
    } else if (const auto* value = is.if_contains(field.key()); value == nullptr || *value != field.value()) {
      if (value == nullptr || !value->is_number() || !field.value().is_number()) return false;
      if (number(*value) != number(field.value())) return false;
    }
  }
  return true;
}

std::string_view role(Utterance::Role role) {
  switch (role) {
    case Utterance::Role::agent:
      return "agent";
    case Utterance::Role::user:
      return "user";
    case Utterance::Role::tool_call_invocation:
      return "tool_call_invocation";
    case Utterance::Role::tool_call_result:
      return "tool_call_result";
    case Utterance::Role::dtmf:
      return "dtmf";
  }
  return "";
}

json::array transcript(const World& world) {
  json::array lines;
  for (const Utterance& line : world.core().history().utterances()) {
    const bool call = line.role == Utterance::Role::tool_call_invocation;
    lines.push_back(json::array{role(line.role), call ? line.name : line.content});
  }
  return lines;
}

bool audible_at(const World& world, Millis at) {
  return std::ranges::any_of(world.audible(), [&](Millis frame) { return frame <= at && at < frame + Millis(20); });
}

}  // namespace

json::object describe(const Action& action) { return std::visit(Describe{}, action); }

std::vector<std::string> complaints(const json::object& script, const World& world) {
  std::vector<std::string> found;
  for (auto& rule : broken_rules(world)) found.push_back(std::move(rule));
  std::vector<bool> used(world.log().size());
  if (const auto* list = script.if_contains("expect")) {
    for (const auto& wanted : list->as_array()) {
      std::size_t i = 0;
      while (i < used.size() && (used[i] || !fits(wanted.as_object(), world.log()[i]))) ++i;
      if (i == used.size()) {
        found.push_back("never came: " + json::serialize(wanted));
      } else {
        used[i] = true;
      }
    }
  }
  if (const auto* list = script.if_contains("never")) {
    for (const auto& unwanted : list->as_array()) {
      for (const Logged& entry : world.log()) {
        if (!fits(unwanted.as_object(), entry)) continue;
        found.push_back(fmt::format("came at {} ms: {}", entry.at.count(), json::serialize(describe(entry.action))));
      }
    }
  }
  if (const auto* counts = script.if_contains("count")) {
    for (const auto& count : counts->as_object()) {
      const json::object wanted{{"action", count.key()}};
      const auto seen = std::ranges::count_if(world.log(), [&](const Logged& entry) { return fits(wanted, entry); });
      if (seen != count.value().to_number<std::ptrdiff_t>()) {
        found.push_back(fmt::format("{} times {}", seen, std::string_view(count.key())));
      }
    }
  }
  for (const bool audible : {true, false}) {
    const auto* spans = script.if_contains(audible ? "audible" : "silent");
    if (spans == nullptr) continue;
    for (const auto& span : spans->as_array()) {
      const auto from = span.at(0).to_number<Millis::rep>();
      const auto to = span.at(1).to_number<Millis::rep>();
      for (auto at = from; at < to; at += 20) {
        if (audible_at(world, Millis(at)) == audible) continue;
        found.push_back(fmt::format("{} at {} ms", audible ? "silent" : "audible", at));
        break;
      }
    }
  }
  if (const auto* lines = script.if_contains("transcript")) {
    const json::array is = transcript(world);
    if (is != lines->as_array()) found.push_back("transcript: " + json::serialize(is));
  }
  if (const auto* most = script.if_contains("dead_air_at_most")) {
    if (world.worst_dead_air() > Millis(most->to_number<Millis::rep>())) {
      found.push_back(fmt::format("{} ms of dead air", world.worst_dead_air().count()));
    }
  }
  if (const auto* least = script.if_contains("stale_at_least")) {
    if (world.core().stale_events() < least->to_number<std::uint64_t>()) {
      found.push_back(fmt::format("only {} stale events", world.core().stale_events()));
    }
  }
  return found;
}

std::string log_text(const World& world) {
  std::string text;
  for (const Logged& entry : world.log()) {
    text += fmt::format("{:>7} {}\n", entry.at.count(), json::serialize(describe(entry.action)));
  }
  if (!world.audible().empty()) {
    text += "audible:";
    Millis from = world.audible().front();
    Millis last = from;
    for (const Millis frame : world.audible()) {
      if (frame > last + Millis(20)) {
        text += fmt::format(" {}-{}", from.count(), last.count() + 20);
        from = frame;
      }
      last = frame;
    }
    text += fmt::format(" {}-{}\n", from.count(), last.count() + 20);
  }
  return text + "transcript: " + json::serialize(transcript(world)) + "\n";
}

}  // namespace retell::engine::turn::world
