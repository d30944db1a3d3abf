#include "conversations/script.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string_view>

#include "conversations/invariants.hpp"
#include "text/language.hpp"

namespace retell::engine::turn::world {
namespace {

namespace json = boost::json;

void only(const json::object& object, const std::set<std::string_view>& allowed, std::string_view where) {
  for (const auto& field : object) {
    if (!allowed.contains(std::string_view(field.key()))) {
      throw std::invalid_argument(fmt::format("{} has no field \"{}\"", where, std::string_view(field.key())));
    }
  }
}

double number(const json::value& value) { return value.to_number<double>(); }

void read(const json::object& from, std::string_view key, Millis& into) {
  if (const auto* value = from.if_contains(key)) into = Millis(value->to_number<Millis::rep>());
}
void read(const json::object& from, std::string_view key, std::optional<Millis>& into) {
  if (const auto* value = from.if_contains(key)) into = Millis(value->to_number<Millis::rep>());
}
void read(const json::object& from, std::string_view key, double& into) {
  if (const auto* value = from.if_contains(key)) into = number(*value);
}
void read(const json::object& from, std::string_view key, std::optional<double>& into) {
  if (const auto* value = from.if_contains(key)) into = number(*value);
}
void read(const json::object& from, std::string_view key, bool& into) {
  if (const auto* value = from.if_contains(key)) into = value->as_bool();
}
void read(const json::object& from, std::string_view key, int& into) {
  if (const auto* value = from.if_contains(key)) into = value->to_number<int>();
}
void read(const json::object& from, std::string_view key, std::string& into) {
  if (const auto* value = from.if_contains(key)) into = std::string(value->as_string());
}

ConversationSettings read_settings(const json::object& from) {
  only(from,
       {"language",
        "responsiveness",
        "enable_dynamic_responsiveness",
        "interruption_sensitivity",
        "enable_backchannel",
        "backchannel_frequency",
        "allow_user_dtmf",
        "allow_dtmf_interruption",
        "digit_limit",
        "digit_timeout_ms",
        "start_speaker",
        "begin_message_delay_ms",
        "begin_after_user_silence_ms",
        "reminder_trigger_ms",
        "reminder_max_count",
        "end_call_after_silence_ms",
        "max_call_duration_ms",
        "watchdog_ms",
        "speculate",
        "end_of_turn_model",
        "final_wait_ms",
        "voice_without_words_ms",
        "echo_warm_up_ms"},
       "settings");
  ConversationSettings settings;
  settings.speculate = false;  // a case about guessing says so
  std::string language = "en-US";
  std::string speaker = "user";
  read(from, "language", language);
  read(from, "start_speaker", speaker);
  settings.language = text::language_of(language);
  settings.agent_speaks_first = speaker == "agent";
  read(from, "responsiveness", settings.responsiveness);
  read(from, "enable_dynamic_responsiveness", settings.enable_dynamic_responsiveness);
  read(from, "interruption_sensitivity", settings.interruption_sensitivity);
  read(from, "enable_backchannel", settings.enable_backchannel);
  read(from, "backchannel_frequency", settings.backchannel_frequency);
  read(from, "allow_user_dtmf", settings.allow_user_dtmf);
  read(from, "allow_dtmf_interruption", settings.allow_dtmf_interruption);
  read(from, "digit_limit", settings.user_dtmf.digit_limit);
  read(from, "digit_timeout_ms", settings.user_dtmf.timeout);
  read(from, "begin_message_delay_ms", settings.begin_message_delay);
  read(from, "begin_after_user_silence_ms", settings.begin_after_user_silence);
  read(from, "reminder_trigger_ms", settings.reminder_trigger);
  read(from, "reminder_max_count", settings.reminder_max_count);
  read(from, "end_call_after_silence_ms", settings.end_call_after_silence);
  read(from, "max_call_duration_ms", settings.max_call_duration);
  read(from, "watchdog_ms", settings.watchdog);
  read(from, "speculate", settings.speculate);
  read(from, "end_of_turn_model", settings.end_of_turn_model);
  read(from, "final_wait_ms", settings.final_wait);
  read(from, "voice_without_words_ms", settings.voice_without_words);
  read(from, "echo_warm_up_ms", settings.echo_warm_up);
  return settings;
}

Delays read_delays(const json::object& from) {
  only(from,
       {"voice_start", "voice_end", "partial", "final", "model", "clause", "synthesis", "word", "far_end", "settles",
        "verdict"},
       "delays");
  Delays delays;
  read(from, "voice_start", delays.voice_start);
  read(from, "voice_end", delays.voice_end);
  read(from, "partial", delays.partial);
  read(from, "final", delays.final);
  read(from, "model", delays.model);
  read(from, "clause", delays.clause);
  read(from, "synthesis", delays.synthesis);
  read(from, "word", delays.word);
  read(from, "far_end", delays.far_end);
  read(from, "settles", delays.settles);
  read(from, "verdict", delays.verdict);
  return delays;
}

ScriptedReply::Fault fault(const json::object& from, std::string_view key) {
  std::string name;
  read(from, key, name);
  if (name.empty()) return ScriptedReply::Fault::none;
  if (name == "silent") return ScriptedReply::Fault::silent;
  if (name == "error") return ScriptedReply::Fault::error;
  if (name == "empty") return ScriptedReply::Fault::empty;
  throw std::invalid_argument("unknown fault " + name);
}

ScriptedReply read_reply(const json::value& from) {
  ScriptedReply reply;
  if (from.is_string()) {
    reply.text = std::string(from.as_string());
    return reply;
  }
  const json::object& object = from.as_object();
  only(object,
       {"say", "model", "model_again", "voice", "voice_again", "voice_after", "tool", "then", "uninterruptible",
        "word_times", "model_delay"},
       "a reply");
  read(object, "say", reply.text);
  reply.model = fault(object, "model");
  reply.model_again = fault(object, "model_again");
  reply.voice = fault(object, "voice");
  reply.voice_again = fault(object, "voice_again");
  read(object, "voice_after", reply.voice_after);
  read(object, "uninterruptible", reply.uninterruptible);
  read(object, "word_times", reply.word_times);
  read(object, "model_delay", reply.model_delay);
  std::string then;
  read(object, "then", then);
  if (then == "hang_up") reply.after = AfterReply::hang_up;
  if (then == "hand_over") reply.after = AfterReply::hand_over;
  if (const auto* tool = object.if_contains("tool")) {
    const json::object& fields = tool->as_object();
    only(fields, {"name", "takes", "timeout", "result", "then_say"}, "a tool");
    reply.tool.emplace();
    read(fields, "name", reply.tool->name);
    read(fields, "takes", reply.tool->takes);
    read(fields, "timeout", reply.tool->timeout);
    read(fields, "result", reply.tool->result);
    read(fields, "then_say", reply.tool->then);
  }
  return reply;
}

void schedule(World& world, const json::object& line) {
  Millis at{0};
  read(line, "at", at);
  if (line.contains("caller") || line.contains("noise")) {
    only(line, {"at", "caller", "noise", "lasts", "partials", "voiced", "final", "final_after", "never_final"},
         "a caller's line");
    CallerLine caller;
    read(line, "caller", caller.text);
    read(line, "noise", caller.lasts);
    read(line, "lasts", caller.lasts);
    read(line, "partials", caller.partials);
    read(line, "voiced", caller.voiced);
    read(line, "final_after", caller.final_after);
    read(line, "never_final", caller.never_final);
    if (const auto* text = line.if_contains("final")) caller.final = std::string(text->as_string());
    world.caller(at, caller);
    return;
  }
  only(
      line,
      {"at", "partial_text", "final_text", "utterance", "digit", "hang_up", "request_reply", "uninterruptible",
       "voice_starts", "voice_ends", "verdict", "pause", "stale_audio_of", "stale_played_of", "tool_result_of", "deaf"},
      "a line");
  UtteranceId utterance = 0;
  if (const auto* value = line.if_contains("utterance")) utterance = value->to_number<UtteranceId>();
  if (const auto* value = line.if_contains("partial_text")) {
    world.event(at, PartialTranscript{utterance, std::string(value->as_string())});
  } else if (const auto* final = line.if_contains("final_text")) {
    world.event(at, FinalTranscript{utterance, std::string(final->as_string()), {}});
  } else if (const auto* digit = line.if_contains("digit")) {
    world.event(at, Digit{digit->as_string().at(0)});
  } else if (line.contains("deaf")) {
    world.event(at, HearingFailed{});
  } else if (line.contains("hang_up")) {
    world.event(at, Ended{EndReason::user_hangup});
  } else if (line.contains("request_reply")) {
    bool uninterruptible = false;
    read(line, "uninterruptible", uninterruptible);
    world.event(at, ReplyRequested{uninterruptible});
  } else if (line.contains("voice_starts")) {
    world.event(at, SpeechStarted{world.time(at)});
  } else if (line.contains("voice_ends")) {
    world.event(at, SpeechEnded{world.time(at)});
  } else if (const auto* verdict = line.if_contains("verdict")) {
    world.event(at, EndOfTurnVerdict{line.at("pause").to_number<PauseId>(), number(*verdict)});
  } else if (const auto* audio = line.if_contains("stale_audio_of")) {
    const auto turn = audio->to_number<TurnId>();
    world.event(at, ModelDelta{turn});
    world.event(at, ClauseQueued{turn, 90, std::string(stale_words)});
    world.event(at, ClauseAudio{turn, 90, Millis(900), true});
    world.event(at, PlayoutStarted{turn});
  } else if (const auto* played = line.if_contains("stale_played_of")) {
    world.event(at, Played{played->to_number<TurnId>(), Millis(60)});
  } else if (const auto* tool = line.if_contains("tool_result_of")) {
    world.event(at, ToolFinished{tool->to_number<TurnId>(), "call_1", "late", true});
  } else {
    throw std::invalid_argument("a line of the script that does nothing");
  }
}

}  // namespace

std::unique_ptr<World> play(const json::object& script) {
  only(script,
       {"title", "complaint", "settings", "delays", "replies", "script", "runs", "expect", "never", "count", "audible",
        "silent", "transcript", "dead_air_at_most", "stale_at_least"},
       "a case");
  std::vector<ScriptedReply> replies;
  if (const auto* list = script.if_contains("replies")) {
    for (const auto& reply : list->as_array()) replies.push_back(read_reply(reply));
  }
  const json::object none;
  const auto part = [&](std::string_view key) -> const json::object& {
    const auto* value = script.if_contains(key);
    return value == nullptr ? none : value->as_object();
  };
  auto world = std::make_unique<World>(read_settings(part("settings")), read_delays(part("delays")), replies);
  if (const auto* lines = script.if_contains("script")) {
    for (const auto& line : lines->as_array()) schedule(*world, line.as_object());
  }
  world->run(Millis(script.at("runs").to_number<Millis::rep>()));
  return world;
}

}  // namespace retell::engine::turn::world
