// Whatever comes, in whatever order: no crash, no wedge, no words of stale turns, an end at the limits.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "conversations/invariants.hpp"
#include "conversations/script.hpp"

namespace retell::engine::turn::world {
namespace {

using rc::gen::inRange;

int draw(int from, int below) { return *inRange(from, below); }
bool chance(int percent) { return draw(0, 100) < percent; }

// Raw events, mostly senseless.
Event any_event(TimePoint now, TurnId newest) {
  static const std::vector<std::string> texts{"",          "yes",      "mm-hm",    "I want to book a flight to",
                                              "stop",      "não sei",  "11 98765", "aham",
                                              "and then?", "obrigado."};
  const std::string& text = texts[static_cast<std::size_t>(draw(0, static_cast<int>(texts.size())))];
  const auto turn = static_cast<TurnId>(draw(0, static_cast<int>(newest) + 3));
  const auto number = static_cast<std::uint32_t>(draw(0, 6));
  const auto ms = Millis(draw(0, 3'000));
  switch (draw(0, 26)) {
    case 0:
      return SpeechStarted{now - Millis(draw(0, 200))};
    case 1:
      return SpeechEnded{now - Millis(draw(0, 300))};
    case 2:
      return PartialTranscript{number, text};
    case 3:
      return FinalTranscript{number, text, {}};
    case 4:
      return TranscriptSettled{number};
    case 5:
      return EndOfTurnVerdict{number, draw(0, 100) / 100.0};
    case 6:
      return Digit{"0123456789*#"[draw(0, 12)]};
    case 7:
      return ModelDelta{turn};
    case 8:
      return ModelDone{turn, static_cast<AfterReply>(draw(0, 8) == 0 ? draw(0, 3) : 0)};
    case 9:
      return ModelFailed{turn};
    case 10:
      return ClauseQueued{turn, number, text, chance(10), chance(10)};
    case 11:
      return ClauseAudio{turn, number, ms, chance(30)};
    case 12:
      return ClauseWords{turn, number, {{text, ms, ms + Millis(100)}}};
    case 13:
      return SynthesisDone{turn};
    case 14:
      return SynthesisFailed{turn};
    case 15:
      return PlayoutStarted{turn};
    case 16:
      return Played{turn, ms};
    case 17:
      return PlayoutFinished{turn};
    case 18:
      return PlayoutStopped{turn, ms};
    case 19:
      return ToolStarted{turn, text, "tool", "{}", Millis(draw(0, 20'000))};
    case 20:
      return ToolFinished{turn, text, text, chance(50)};
    case 21:
      return ReplyRequested{chance(20)};
    case 22: {
      ConversationSettings settings;
      settings.interruption_sensitivity = draw(0, 11) / 10.0;
      settings.responsiveness = draw(0, 11) / 10.0;
      settings.max_call_duration = Millis(200'000);
      return SettingsChanged{settings};
    }
    case 23:
      return chance(10) ? Event(HearingFailed{}) : Event(Tick{});
    case 24:
      return chance(5) ? Event(Ended{EndReason::user_hangup}) : Event(Tick{});
    default:
      return Tick{};
  }
}

TEST(ConversationProperties, any_stream_of_events_keeps_a_deadline_ahead_and_ends_at_the_limit) {
  EXPECT_TRUE(rc::check([] {
    ConversationSettings settings;
    settings.max_call_duration = Millis(200'000);
    settings.agent_speaks_first = chance(50);
    settings.end_of_turn_model = chance(50);
    settings.language = chance(50) ? text::Language::pt : text::Language::en;
    ConversationCore core(settings);
    TimePoint now{std::chrono::hours(1)};
    const TimePoint limit = now + settings.max_call_duration;
    Actions actions;
    core.handle(CallBegan{}, now, actions);
    TurnId newest = 0;
    bool ended = false;
    for (int i = 0; i < 150 && !ended; ++i) {
      now += Millis(draw(0, chance(10) ? 4'000 : 200));
      actions.clear();
      core.handle(any_event(now, core.open_turn()), now, actions);
      for (const Action& action : actions) {
        RC_ASSERT(!ended);  // EndCall is the last
        if (const auto* start = std::get_if<StartTurn>(&action)) {
          RC_ASSERT(start->turn > newest);
          newest = start->turn;
        }
        if (const auto* guess = std::get_if<SpeculateTurn>(&action)) {
          RC_ASSERT(guess->turn > newest);
          newest = guess->turn;
        }
        ended = std::holds_alternative<EndCall>(action);
      }
      const auto deadline = core.next_deadline();
      RC_ASSERT(deadline.has_value() == !ended);
      if (deadline) RC_ASSERT(*deadline > now && *deadline <= limit);
      // The agent's turn is never left to itself for long.
      using Floor = ConversationCore::Floor;
      const Floor floor = core.floor();
      if (floor == Floor::agent_thinking) RC_ASSERT(*deadline <= now + Millis(25'000));
      if (floor == Floor::agent_paused) RC_ASSERT(*deadline <= now + Millis(2'000));
      // Nor are the caller's words left unanswered because something did not come.
      if (floor == Floor::caller) RC_ASSERT(*deadline <= now + settings.voice_without_words);
    }
    // Left alone, it climbs down to the end by its own deadlines.
    int ticks = 0;
    while (const auto deadline = core.next_deadline()) {
      RC_ASSERT(++ticks < 2'000);
      now = *deadline;
      actions.clear();
      core.handle(Tick{}, now, actions);
    }
    RC_ASSERT(core.floor() == ConversationCore::Floor::ended);
    RC_ASSERT(now <= limit);
  }));
}

ScriptedReply any_reply() {
  using Fault = ScriptedReply::Fault;
  ScriptedReply reply;
  reply.text = chance(50) ? "We open at nine. Is there anything else I can do for you today?" : "All right.";
  const auto fault = [] { return chance(12) ? static_cast<Fault>(draw(1, 4)) : Fault::none; };
  reply.model = fault();
  reply.voice = fault();
  reply.model_again = fault();
  reply.voice_again = fault();
  reply.uninterruptible = chance(10);
  reply.word_times = chance(50);
  if (chance(15)) reply.tool = ScriptedTool{"look_up", Millis(draw(0, 9'000)), Millis(10'000), "{}", "Done."};
  return reply;
}

// What vendors, callers and operators do besides: keys, requests, events of turns long gone, and sometimes the end.
void anything_else(World& world) {
  for (int i = draw(0, 12); i > 0; --i) {
    const Millis at(draw(500, 60'000));
    switch (draw(0, 9)) {
      case 0:
        world.event(at, Digit{"0123456789*#"[draw(0, 12)]});
        break;
      case 1:
        world.event(at, ReplyRequested{chance(30)});
        break;
      case 2:
        world.event(at, FinalTranscript{static_cast<UtteranceId>(draw(0, 9)), "and one more thing", {}});
        break;
      case 3:
        world.event(at, PartialTranscript{static_cast<UtteranceId>(draw(0, 9)), "and"});
        break;
      case 4:
        world.event(at, EndOfTurnVerdict{static_cast<PauseId>(draw(0, 9)), draw(0, 100) / 100.0});
        break;
      case 5:
        world.at(at, [&world, older = static_cast<TurnId>(draw(1, 4))] {
          const TurnId newest = world.core().open_turn();
          if (newest <= older) return;
          const TurnId old = newest - older;
          world.event_now(ModelDelta{old});
          world.event_now(ClauseQueued{old, 90, std::string(stale_words)});
          world.event_now(ClauseAudio{old, 90, Millis(900), true});
          world.event_now(PlayoutStarted{old});
          world.event_now(PlayoutFinished{old});
          world.event_now(SynthesisFailed{old});
          world.event_now(ModelFailed{old});
        });
        break;
      case 6:
        world.at(at, [&world] {
          if (world.core().open_turn() != 0) world.event_now(SynthesisFailed{world.core().open_turn()});
        });
        break;
      case 7:
        if (chance(20)) world.event(at, Ended{EndReason::user_hangup});
        break;
      default:
        if (chance(20)) world.event(at, HearingFailed{});
        break;
    }
  }
}

std::vector<std::pair<Millis, CallerLine>> any_caller() {
  static const std::vector<std::string> texts{"Hello, what time do you open?",
                                              "mm-hm",
                                              "",
                                              "I would like to",
                                              "yes.",
                                              "Eu queria marcar uma consulta",
                                              "no wait",
                                              "book a flight to Paris please"};
  std::vector<std::pair<Millis, CallerLine>> lines;
  Millis at{draw(200, 4'000)};
  const int count = draw(1, 12);
  for (int i = 0; i < count; ++i) {
    CallerLine line;
    line.text = texts[static_cast<std::size_t>(draw(0, static_cast<int>(texts.size())))];
    line.lasts = Millis(draw(100, 2'500));
    line.partials = chance(80);
    line.never_final = chance(5);
    if (chance(10)) line.final_after = Millis(draw(0, 2'500));
    lines.emplace_back(at, line);
    at += line.lasts + Millis(draw(300, 6'000));
  }
  return lines;
}

TEST(ConversationProperties, with_any_caller_and_any_faults_nobody_waits_in_silence_and_nothing_stale_sounds) {
  EXPECT_TRUE(rc::check([] {
    ConversationSettings settings;
    settings.agent_speaks_first = chance(50);
    settings.speculate = chance(50);
    settings.interruption_sensitivity = draw(0, 11) / 10.0;
    settings.end_call_after_silence = Millis(30'000);
    settings.max_call_duration = Millis(180'000);
    Delays delays;
    delays.settles = chance(70);
    if (chance(50)) {
      settings.end_of_turn_model = true;
      delays.verdict = draw(0, 100) / 100.0;
    }
    std::vector<ScriptedReply> replies;
    replies.reserve(14);
    for (int i = 0; i < 14; ++i) replies.push_back(any_reply());
    World world(settings, delays, replies);
    for (const auto& [at, line] : any_caller()) world.caller(at, line);
    anything_else(world);
    world.run(Millis(200'000));
    const auto broken = broken_rules(world);
    if (!broken.empty()) RC_LOG() << broken.front() << "\n" << log_text(world);
    RC_ASSERT(broken.empty());
    // It always ends: by silence, at the limit, or after an apology.
    RC_ASSERT(world.core().floor() == ConversationCore::Floor::ended);
    // Fillers and fall-backs on the way, also with a tool's own time in between.
    const Millis longest = 2 * settings.watchdog + Millis(200);
    if (world.worst_dead_air() > longest) RC_LOG() << log_text(world);
    RC_ASSERT(world.worst_dead_air() <= longest);
    // Every pause ends, by a resume, an interruption, a turn with nothing to say or the call's end, within two seconds
    // and a little.
    const auto& log = world.log();
    for (std::size_t i = 0; i < log.size(); ++i) {
      const auto* pause = std::get_if<PausePlayout>(&log[i].action);
      if (pause == nullptr) continue;
      const auto next = std::find_if(log.begin() + static_cast<std::ptrdiff_t>(i) + 1, log.end(), [&](const Logged& e) {
        return std::holds_alternative<ResumePlayout>(e.action) || std::holds_alternative<TurnSettled>(e.action) ||
               std::holds_alternative<Interrupt>(e.action) || std::holds_alternative<EndCall>(e.action);
      });
      RC_ASSERT(next != log.end());
      RC_ASSERT(next->at <= log[i].at + Millis(2'000));
    }
  }));
}

}  // namespace
}  // namespace retell::engine::turn::world
