// The conversation of one call as a pure machine: events and the time go in, actions come out. No I/O, no threads, no
// clock of its own; the same events at the same times give the same actions. CallSession owns one per call and drives
// it on the call's worker:
//
//   core.handle(event, now, actions);      // for everything that happens, in the order it happens
//   carry out `actions` in order;          // events they cause are handled afterwards, never from inside
//   wake at core.next_deadline();          // and handle Tick{}
//
// `now` never goes back. Deadlines that have passed are acted on before the event itself.
//
// The turn ids are the epoch: at most one turn is open, each new one has a higher id, and events of any other turn are
// dropped and counted (stale_events), except those that settle the transcript: PlayoutStopped and late Played of an
// interrupted turn, ToolFinished of any turn.
//
// Whose turn it is:
//   caller's  --(end of speech, the words' likelihood, the detector's verdict)-->  StartTurn / CommitTurn
//   agent's, nothing audible yet: new voice holds the reply (PausePlayout) and words drop it (Interrupt
//     caller_resumed); the caller's turn then goes on, and the next StartTurn carries the whole of it
//   agent's, audible: InterruptionPolicy pauses, then decides; back to the caller's after PlayoutFinished or Interrupt
// While it is the agent's turn, some deadline of the watchdog, the pause or the playout is always ahead, and after it
// something happens: a filler, a fall-back, an apology, the end.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/turn/actions.hpp"
#include "engine/turn/caller_turn.hpp"
#include "engine/turn/digit_collector.hpp"
#include "engine/turn/endpointing.hpp"
#include "engine/turn/events.hpp"
#include "engine/turn/heard_words.hpp"
#include "engine/turn/history.hpp"
#include "engine/turn/idle_clock.hpp"
#include "engine/turn/interruption_policy.hpp"
#include "engine/turn/murmur.hpp"
#include "engine/turn/reply.hpp"
#include "engine/turn/settings.hpp"
#include "engine/turn/silence_watchdog.hpp"
#include "engine/turn/speculation_budget.hpp"

namespace retell::engine::turn {

class ConversationCore {
 public:
  explicit ConversationCore(ConversationSettings settings);
  ConversationCore(const ConversationCore&) = delete;
  ConversationCore& operator=(const ConversationCore&) = delete;

  // Appends to `out`.
  void handle(const Event& event, TimePoint now, Actions& out);
  // When to send Tick at the latest; always later than the last `now`. Nothing before CallBegan and after EndCall.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const;

  // Valid until the next handle(). The history is what the model is to be given and what the call's record keeps.
  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] std::uint64_t stale_events() const { return stale_ + caller_.dropped(); }

  enum class Floor : std::uint8_t { nobody, caller, agent_thinking, agent_speaking, agent_paused, ended };
  [[nodiscard]] Floor floor() const;
  // The open turn, speculative or not; 0: none.
  [[nodiscard]] TurnId open_turn() const { return reply_ ? reply_->turn : 0; }
  [[nodiscard]] double speculation_hit_rate() const { return budget_.hit_rate(); }

 private:
  // One silence of the caller in its own turn, from the end of voice to the decision.
  struct Silence {
    PauseId pause = 0;
    TimePoint began;        // the last voiced sample
    bool unvoiced = false;  // opened by words that the voice detector had missed
    bool settled = false;
    bool asked = false;
    bool murmured = false;
    TimePoint asked_at{};
    std::optional<double> verdict = {};
  };
  // A turn that was cut and whose true playout position is awaited.
  struct Settling {
    Reply reply;
    TimePoint until;
  };

  // conversation_core.cpp: dispatch, time, the call's beginning and end
  void on(const CallBegan&, TimePoint now);
  void on(const Ended& event, TimePoint now);
  void on(const SettingsChanged& event, TimePoint now);
  void on(const ReplyRequested& event, TimePoint now);
  void on(const HearingFailed&, TimePoint now);
  void on(const ShuttingDown&, TimePoint now);
  void on(const Tick&, TimePoint) {}
  bool step(TimePoint now);  // one thing that is due; false: nothing is
  bool step_opening(TimePoint now);
  bool step_idle(TimePoint now);
  void end_call(EndReason reason);
  void apply_settings();
  [[nodiscard]] bool quiet() const;  // nobody speaks, nothing is pending
  [[nodiscard]] std::optional<TimePoint> opening_due() const;

  // core_caller.cpp: voice, words, the end of the caller's turn
  void on(const SpeechStarted& event, TimePoint now);
  void on(const SpeechEnded& event, TimePoint now);
  void on(const PartialTranscript& event, TimePoint now);
  void on(const FinalTranscript& event, TimePoint now);
  void on(const TranscriptSettled& event, TimePoint);
  void on(const EndOfTurnVerdict& event, TimePoint now);
  void on(const Digit& event, TimePoint now);
  void caller_words(CallerTurn::Change change, bool final, TimePoint now);
  void late_words(TimePoint now);
  void ask_anew(TimePoint now);
  void end_voice(TimePoint at, TimePoint now);
  void await_end(TimePoint voice_ended);  // opens silence_
  void note_caller_words();
  bool step_silence(TimePoint now);
  bool step_voice(TimePoint now);
  bool step_digits(TimePoint now);
  void ask_and_guess(Silence& silence, TimePoint now);
  void take_turn(TimePoint now, std::string text);
  TurnTimed& commit(Reply& guess, TimePoint now);
  void no_words_came(TimePoint now);
  void withdraw_speculation(bool judged_wrong);
  [[nodiscard]] bool words_settled(const Silence& silence, TimePoint now) const;
  [[nodiscard]] TimePoint turn_ends_at(const Silence& silence) const;
  [[nodiscard]] Endpointing::Evidence evidence(const Silence& silence) const;

  // core_agent.cpp: the reply and what interrupts it
  void on(const ModelDelta& event, TimePoint now);
  void on(const ModelDone& event, TimePoint now);
  void on(const ModelFailed& event, TimePoint now);
  void on(const ClauseQueued& event, TimePoint now);
  void on(const ClauseAudio& event, TimePoint now);
  void on(const ClauseWords& event, TimePoint now);
  void on(const SynthesisDone& event, TimePoint now);
  void on(const SynthesisFailed& event, TimePoint now);
  void on(const PlayoutStarted& event, TimePoint now);
  void on(const Played& event, TimePoint now);
  void on(const PlayoutFinished& event, TimePoint now);
  void on(const PlayoutStopped& event, TimePoint now);
  void on(const ToolStarted& event, TimePoint now);
  void on(const ToolFinished& event, TimePoint now);
  Reply* open(TurnId turn);  // the open reply if it is this one; else the event is stale
  Reply* committed();        // the reply that holds the floor
  Reply& begin_reply(Reply::Kind kind, std::string text, TimePoint now);
  void became_audible(Reply& reply, TimePoint now);
  void write_down(Reply& reply);  // what was heard so far, into the history
  void finish_reply(TimePoint now);
  // `reopen`: the caller's turn that the reply answered goes on, if nothing of the reply was heard.
  void interrupt(InterruptReason reason, bool reopen, TimePoint now);
  void weigh_interruption();
  void words_left_over(const Reply& finished, TimePoint now);
  [[nodiscard]] bool warming_up(const Reply& reply) const;
  [[nodiscard]] bool is_echo(std::size_t least_words) const;
  [[nodiscard]] bool is_murmur() const;
  void set_words_aside();
  bool step_interruption(TimePoint now);
  bool step_settling(TimePoint now);
  [[nodiscard]] bool guarded(const Reply& reply) const;
  [[nodiscard]] bool droppable(const Reply& reply) const;

  // core_watch.cpp: what saves the agent's turn from silence
  bool step_reply(TimePoint now);
  void watch(const Reply& reply);
  void fail_over(Reply& reply, Stage stage, TimePoint now);
  void give_up(EndReason reason, TimePoint now);
  void take_leave(EndReason reason, TimePoint now);
  [[nodiscard]] std::optional<TimePoint> stall_at(const Reply& reply) const;

  void say(Action action) { out_->push_back(std::move(action)); }

  ConversationSettings settings_;
  Actions* out_ = nullptr;  // of the handle() that is running
  TimePoint now_{};
  TimePoint began_{};
  bool running_ = false;
  bool ended_ = false;
  std::uint64_t stale_ = 0;
  History history_;

  // The caller.
  CallerTurn caller_;
  Endpointing endpointing_;
  DigitCollector digits_;
  Murmur murmur_;
  bool voice_ = false;
  TimePoint voice_began_{};
  TimePoint voice_ended_{};
  Millis voiced_{0};           // in this turn
  PauseId pause_ = 0;          // of the last SpeechEnded
  PauseId settled_pause_ = 0;  // the last one that the transcriber has settled
  std::optional<Silence> silence_;
  bool owed_ = false;      // the agent was cut: something must follow even when no words come
  bool reopened_ = false;  // the open turn begins with words that were taken before
  bool voice_since_taken_ = false;
  bool corrected_ = false;      // the taken turn was asked anew for a late final once
  bool misunderstood_ = false;  // the last turn was unintelligible: noise is not answered twice running

  // The agent.
  TurnId last_turn_ = 0;
  std::optional<Reply> reply_;
  std::vector<Settling> settling_;
  SpeakingRate rate_;
  InterruptionPolicy interruption_;
  SilenceWatchdog watchdog_;
  SpeculationBudget budget_;
  bool agent_has_spoken_ = false;
  std::optional<EndReason> closing_;  // the apology, or the farewell, is under way
  TimePoint closing_until_{};
  TimePoint resumed_at_{};   // the last ResumePlayout
  bool shielded_ = false;    // the running burst began before speech that may not be dropped
  std::string said_before_;  // what was open before the running burst

  // The call.
  IdleClock idle_;
  bool opening_pending_ = false;
  TimePoint opening_at_{};
  bool handing_over_ = false;
};

}  // namespace retell::engine::turn
