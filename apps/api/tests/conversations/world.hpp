// Everything around the conversation core, in virtual time: a caller, a transcriber, a model, a voice and a far end
// that behave as scripted, faults included. It drives the core the way CallSession does, so minutes take milliseconds.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "engine/turn/conversation_core.hpp"

namespace retell::engine::turn::world {

// The vendors' usual delays.
struct Delays {
  Millis voice_start{80};              // the detector's onset
  Millis voice_end{160};               // its hang-over
  Millis partial{200};                 // from a word's end to the partial that has it
  Millis final{180};                   // from FinalizeTranscript to the final
  Millis model{250};                   // to the first token
  Millis clause{60};                   // between clauses of the model
  Millis synthesis{120};               // from a clause to its audio
  Millis word{300};                    // length of a spoken word of the agent
  Millis far_end{20};                  // from Interrupt to PlayoutStopped
  bool settles = true;                 // the transcriber says when it has answered FinalizeTranscript
  std::optional<double> verdict = {};  // of the learned detector; answered after 60 ms
};

struct ScriptedTool {
  std::string name;
  Millis takes{500};
  Millis timeout{120'000};
  std::string result = "{}";
  std::string then;  // said after the result
};

// What the model and the voice make of one turn of the agent, in the order of StartTurn (a speculation counts once).
struct ScriptedReply {
  enum class Fault : std::uint8_t { none, silent, error, empty };
  std::string text = "All right.";
  Fault model = Fault::none;        // of the first attempt
  Fault model_again = Fault::none;  // after FailOver
  Fault voice = Fault::none;
  Fault voice_again = Fault::none;
  int voice_after = 0;  // clauses that sound before the voice's fault
  std::optional<ScriptedTool> tool = {};
  AfterReply after = AfterReply::listen;
  bool uninterruptible = false;
  bool word_times = false;
  std::optional<Millis> model_delay = {};
};

struct CallerLine {
  std::string text;  // empty: voice without words
  Millis lasts{1'000};
  bool partials = true;
  bool voiced = true;                      // false: too soft for the detector
  std::optional<std::string> final = {};   // what the final says instead
  std::optional<Millis> final_after = {};  // instead of the usual delay
  bool never_final = false;
};

struct Logged {
  Millis at;
  Action action;
};

// The agent's turn that the model, the voice and the playout work on.
struct AgentTurn {
  TurnId id = 0;
  int attempt = 0;  // of the model, raised by FailOver and Interrupt: what older attempts still deliver is dropped
  int voice = 0;    // of the voice, the same
  ScriptedReply script;
  bool committed = false;
  bool model_done = false;
  bool synthesis_done = false;
  bool held = false;
  bool started = false;
  Millis audio{0};
  Millis played{0};
  Millis reported{0};
  int open_clauses = 0;
  int spoken = 0;      // clauses of the reply given to the voice
  Millis sound_at{0};  // when the last clause's sound comes: the next one's does not overtake it
  ClauseId next_clause = 0;
  std::vector<std::function<void()>> on_commit = {};
};

// A frame of the agent's voice that was heard, and how many actions had come before it.
struct HeardFrame {
  TurnId turn = 0;
  std::size_t actions = 0;
};

// What really sounded of a turn.
struct Sounded {
  struct Clause {
    std::vector<std::string> words;  // of equal length
    Millis begin{0};
    Millis duration{0};
  };
  std::vector<Clause> clauses;
  Millis played{0};
  bool exact = false;  // the voice gave word times
  int cuts = 0;        // another voice said the rest: a word at the cut may sound twice, or not at all

  [[nodiscard]] std::vector<std::string> all_words() const;
  // Those of which the greater half was played.
  [[nodiscard]] std::vector<std::string> heard_words(Millis word) const;
};

class World {
 public:
  World(ConversationSettings settings, Delays delays, std::vector<ScriptedReply> replies);

  void event(Millis at, Event event);
  void event_now(const Event& event) { give(event); }
  // Runs `what` at that time: for events that depend on how things stand then.
  void at(Millis at, std::function<void()> what);
  // A final of a new segment that nobody expects.
  void unasked_final(Millis at, const std::string& text);
  void caller(Millis at, const CallerLine& line);
  // Runs until `until` after the call began, or to the call's end if `until_end`.
  void run(Millis until);

  [[nodiscard]] const std::vector<Logged>& log() const { return log_; }
  [[nodiscard]] const ConversationCore& core() const { return core_; }
  [[nodiscard]] Millis now() const { return now_; }
  // Times, 20 ms each, at which the agent was heard.
  [[nodiscard]] const std::vector<Millis>& audible() const { return audible_; }
  [[nodiscard]] const std::vector<HeardFrame>& frames() const { return frames_; }
  [[nodiscard]] const std::map<TurnId, Sounded>& sounded() const { return sounded_; }
  [[nodiscard]] const Delays& delays() const { return delays_; }
  // The longest time in which it was the agent's turn, nothing was audible and nothing was held.
  [[nodiscard]] Millis worst_dead_air() const { return worst_dead_air_; }
  // Why the run was stopped early; empty when all went well.
  [[nodiscard]] const std::string& failure() const { return failure_; }

  [[nodiscard]] TimePoint time(Millis at) const { return zero_ + at; }

 private:
  struct Scheduled {
    Millis at;
    std::uint64_t order;
    std::function<void()> run;
    bool operator<(const Scheduled& other) const { return std::pair(other.at, other.order) < std::pair(at, order); }
  };

  void in(Millis delay, std::function<void()> run);
  void give(const Event& event);
  void check_deadline();
  void cut_sounded(TurnId id, Millis played);
  void carry_out(const Action& action);
  void start(TurnId id, bool committed);
  void model_runs(Millis delay);
  void speak(const std::string& text, bool filler, ScriptedReply::Fault fault);
  void announce_done();
  void synthesised();
  void play();
  void transcriber_finalises(const FinalizeTranscript& action);
  [[nodiscard]] bool alive(TurnId id, int attempt) const {
    return turn_ && turn_->id == id && turn_->attempt == attempt;
  }

  TimePoint zero_{std::chrono::hours(1)};
  Millis now_{0};
  std::uint64_t order_ = 0;
  std::priority_queue<Scheduled> queue_;
  std::vector<Event> inbox_;
  ConversationCore core_;
  Delays delays_;
  std::vector<ScriptedReply> replies_;
  std::size_t next_reply_ = 0;
  std::optional<AgentTurn> turn_;
  std::vector<Logged> log_;
  std::vector<Millis> audible_;
  std::vector<HeardFrame> frames_;
  std::map<TurnId, Sounded> sounded_;
  Millis worst_dead_air_{0};
  Millis dead_since_{0};
  bool over_ = false;
  std::string failure_;

  // The transcriber: the running segment.
  UtteranceId utterance_ = 1;
  std::string heard_;  // of the running segment
  std::optional<std::string> final_text_;
  std::optional<Millis> final_after_;
  bool never_final_ = false;
};

}  // namespace retell::engine::turn::world
