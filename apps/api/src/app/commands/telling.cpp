#include "app/commands/telling.hpp"

#include <fmt/core.h>

#include <cstdio>

#include "json/text.hpp"

namespace retell::app {
namespace {

const json::Value* member(const json::Object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

std::string text_of(const json::Object& object, std::string_view name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

double number_of(const json::Object& object, std::string_view name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : -1;
}

}  // namespace

void Teller::line(double at_ms, const char* who, const std::string& note, const std::string& text) {
  fmt::print("{}{:6.2f} s  {:<7} {:>8}  {}", open_ ? "\n" : "", at_ms / 1000, who, note, text);
  std::fflush(stdout);
  open_ = true;
}

void Teller::more(const char* who, const std::string& text) {
  fmt::print("{}{:8}  {:<7} {:8}  {}\n", open_ ? "\n" : "", "", who, "", text);
  std::fflush(stdout);
  open_ = false;
}

// Prints what is known of the agent's words and not yet told, at the end of its line.
void Teller::agent_words() {
  if (!sounds_ || told_ >= words_.size()) return;
  if (!open_) fmt::print("{:27}", "");
  fmt::print("{}", words_.substr(told_));
  std::fflush(stdout);
  told_ = words_.size();
  open_ = true;
  headed_ = false;
}

void Teller::moment(const simulator::Moment& moment) {
  using Kind = simulator::Moment::Kind;
  switch (moment.kind) {
    case Kind::connected:
      line(moment.at_ms, "", "", "connected");
      break;
    case Kind::caller_speaks:
      line(moment.at_ms, "caller", "", moment.label);
      sounds_ = headed_ = false;
      break;
    case Kind::agent_speaks:
      if (sounds_) break;  // it has only drawn breath
      line(moment.at_ms, "agent", moment.heard_ms < 0 ? std::string() : fmt::format("{:.0f} ms", moment.heard_ms), "");
      sounds_ = headed_ = true;
      agent_words();
      break;
    case Kind::cleared:
      more("agent", "(stops: interrupted)");
      break;
    case Kind::ended:
      line(moment.at_ms, "", "", "ended by the " + moment.label + "\n");
      open_ = false;
      break;
    case Kind::caller_silent:
    case Kind::agent_silent:
      break;
  }
}

void Teller::update(const json::Object& update) {
  if (text_of(update, "type") != "live") return;
  if (text_of(update, "role") == "user") {
    const auto* final = member(update, "final");
    if (final != nullptr && final->is_bool() && final->get_bool()) more("heard", text_of(update, "text"));
    return;
  }
  const auto turn = static_cast<std::int64_t>(number_of(update, "turn"));
  if (turn != turn_) {
    turn_ = turn;
    told_ = 0;
    sounds_ = headed_;  // a filler was heard first: its line is this turn's
  }
  words_ = text_of(update, "text");
  agent_words();
}

void tell_outcome(const Conversation& conversation, const std::string& recording) {
  const auto& record = conversation.record;
  fmt::print("\nTranscript\n");
  if (const auto* lines = member(record, "transcript_object"); lines != nullptr && lines->is_array()) {
    for (const auto& line : lines->get_array()) {
      if (line.is_object())
        fmt::print("  {:<6} {}\n", text_of(line.get_object(), "role"), text_of(line.get_object(), "content"));
    }
  }
  const auto* latency = member(record, "latency");
  const auto* turns = latency != nullptr && latency->is_object() ? member(latency->get_object(), "turns") : nullptr;
  if (turns != nullptr && turns->is_array() && !turns->get_array().empty()) {
    fmt::print("\nWhat the caller waited, in milliseconds\n  {:>5} {:>7} {:>11} {:>12} {:>12} {:>7} {:>10} {:>10}\n",
               "turn", "heard", "transcript", "end of turn", "first token", "clause", "synthesis", "transport");
    for (const auto& turn : turns->get_array()) {
      const auto& t = turn.get_object();
      const auto cell = [&](std::string_view name) {
        const auto value = number_of(t, name);
        return value < 0 ? std::string("-") : fmt::format("{:.0f}", value);
      };
      fmt::print("  {:>5} {:>7} {:>11} {:>12} {:>12} {:>7} {:>10} {:>10}\n", cell("turn"), cell("heard_ms"),
                 cell("transcript_ms"), cell("end_of_turn_ms"), cell("model_first_token_ms"), cell("first_clause_ms"),
                 cell("synthesis_first_byte_ms"), cell("transport_ms"));
    }
  }
  for (const auto& barge : conversation.report.barge_ins)
    fmt::print("\nInterruption: silent {:.0f} ms after the caller's first word\n", barge.cut_ms);
  fmt::print("\nCall {}: {}\nRecording (caller left, agent right): {}\n", conversation.call_id,
             text_of(record, "disconnection_reason"), recording);
  for (const auto& check : simulator::judge(conversation.report).checks) {
    if (!check.passed) fmt::print("The far end complains: {} ({})\n", check.name, check.detail);
  }
}

std::string to_json(const Conversation& conversation) {
  json::Array turns;
  for (const auto& turn : conversation.report.turns)
    turns.push_back(json::Object{{"label", turn.label}, {"heard_ms", turn.heard_ms}});
  json::Array barge_ins;
  for (const auto& barge : conversation.report.barge_ins)
    barge_ins.push_back(json::Object{{"label", barge.label}, {"cut_ms", barge.cut_ms}});
  json::Array checks;
  for (const auto& check : simulator::judge(conversation.report).checks) {
    checks.push_back(json::Object{{"name", check.name}, {"passed", check.passed}, {"detail", check.detail}});
  }
  return json::dump(json::Object{{"call_id", conversation.call_id},
                                 {"ended_by", conversation.report.ended_by},
                                 {"seconds", conversation.report.seconds},
                                 {"turns", std::move(turns)},
                                 {"barge_ins", std::move(barge_ins)},
                                 {"checks", std::move(checks)},
                                 {"call", conversation.record}});
}

}  // namespace retell::app
