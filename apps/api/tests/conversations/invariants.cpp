#include "conversations/invariants.hpp"

#include <fmt/format.h>

#include <set>

#include "text/words.hpp"

namespace retell::engine::turn::world {
namespace {

constexpr std::size_t words_by_rate = 3;

class Rules {
 public:
  explicit Rules(std::vector<std::string>& broken) : broken_(broken) {}

  void check(Millis at, const Action& action) {
    at_ = at;
    if (ended_ && !std::holds_alternative<TurnSettled>(action)) fail("an action after the call's end");
    std::visit([this](const auto& a) { on(a); }, action);
  }
  void frame(TurnId turn) {
    if (turn != open_) fail(fmt::format("turn {} sounds while turn {} is open", turn, open_));
    if (paused_) fail(fmt::format("turn {} sounds while it is held", turn));
  }

 private:
  void begin(TurnId turn) {
    if (open_ != 0) fail(fmt::format("turn {} begins while turn {} is open", turn, open_));
    if (guess_ != 0 && guess_ != turn) fail(fmt::format("turn {} begins beside the guess {}", turn, guess_));
    open_ = turn;
    guess_ = 0;
    paused_ = false;
  }
  void fresh(TurnId turn) {
    if (turn <= newest_) fail(fmt::format("turn {} is not a new one", turn));
    newest_ = turn;
  }
  void of_open_turn(TurnId turn, const char* what) {
    if (turn != open_) fail(fmt::format("{} of turn {} while turn {} is open", what, turn, open_));
  }

  void on(const StartTurn& a) {
    fresh(a.turn);
    begin(a.turn);
  }
  void on(const Apologise& a) {
    fresh(a.turn);
    begin(a.turn);
  }
  void on(const SpeculateTurn& a) {
    fresh(a.turn);
    if (open_ != 0 || guess_ != 0) fail(fmt::format("a guess {} beside turn {} or guess {}", a.turn, open_, guess_));
    guess_ = a.turn;
  }
  void on(const CommitTurn& a) {
    if (guess_ != a.turn) fail(fmt::format("commit of {}, which is no guess", a.turn));
    begin(a.turn);
  }
  void on(const AbandonSpeculation& a) {
    if (guess_ != a.turn) fail(fmt::format("abandons {}, which is no guess", a.turn));
    guess_ = 0;
  }
  void on(const Interrupt& a) {
    of_open_turn(a.turn, "an interruption");
    interrupted_.insert(a.turn);
    open_ = 0;
    paused_ = false;
  }
  void on(const TurnSettled& a) {
    if (!settled_.insert(a.turn).second) fail(fmt::format("turn {} is settled twice", a.turn));
    if (a.interrupted) {
      if (!interrupted_.contains(a.turn)) fail(fmt::format("turn {} was never interrupted", a.turn));
      return;
    }
    of_open_turn(a.turn, "settling");
    open_ = 0;
    paused_ = false;
  }
  void on(const PausePlayout& a) {
    of_open_turn(a.turn, "a pause");
    if (paused_) fail("a second pause");
    paused_ = true;
  }
  void on(const ResumePlayout& a) {
    of_open_turn(a.turn, "resuming");
    if (!paused_) fail("resuming without a pause");
    paused_ = false;
  }
  void on(const SayFiller& a) { of_open_turn(a.turn, "a filler"); }
  void on(const FailOver& a) { of_open_turn(a.turn, "a fall-back"); }
  void on(const TurnTimed& a) { of_open_turn(a.turn, "the timing"); }
  void on(const HandOver& a) {
    if (!settled_.contains(a.turn)) fail("hands over before the announcement was heard");
  }
  void on(const EndCall&) {
    ended_ = true;
    open_ = guess_ = 0;
  }
  void on(const FinalizeTranscript&) {}
  void on(const AskEndOfTurn&) {}
  void on(const Backchannel&) {}

  void fail(std::string what) { broken_.push_back(fmt::format("at {} ms: {}", at_.count(), what)); }

  std::vector<std::string>& broken_;
  Millis at_{0};
  TurnId open_ = 0;
  TurnId guess_ = 0;
  TurnId newest_ = 0;
  bool paused_ = false;
  bool ended_ = false;
  std::set<TurnId> interrupted_;
  std::set<TurnId> settled_;
};

std::string joined(const std::vector<std::string>& words, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : " ") + words[i];
  return out;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  for (const auto& word : text::split_words(text)) out.emplace_back(word.text);
  return out;
}

void check_history(const World& world, std::vector<std::string>& broken) {
  std::map<TurnId, std::vector<std::string>> written;
  for (const auto& entry : world.core().history().entries()) {
    if (entry.line.content.find(stale_words) != std::string::npos) broken.emplace_back("stale words in the history");
    if (entry.line.role != Utterance::Role::agent) continue;
    auto& words = written[entry.turn];
    for (auto& word : words_of(entry.line.content)) words.push_back(std::move(word));
  }
  for (const auto& [turn, words] : written) {
    if (!world.sounded().contains(turn)) broken.push_back(fmt::format("turn {} never sounded", turn));
  }
  for (const auto& [turn, truth] : world.sounded()) {
    const auto& words = written[turn];
    const auto all = truth.all_words();
    const auto heard = truth.heard_words(world.delays().word);
    const auto apart = words.size() > heard.size() ? words.size() - heard.size() : heard.size() - words.size();
    const bool a_beginning = words.size() <= all.size() && std::equal(words.begin(), words.end(), all.begin());
    const bool whole =
        truth.clauses.empty() || truth.played >= truth.clauses.back().begin + truth.clauses.back().duration;
    // A cut is where the core last learned how much had been played, and the sound is a little further.
    const auto cuts = static_cast<std::size_t>(truth.cuts);
    const auto tolerated = truth.exact ? cuts : whole && cuts == 0 ? 0 : words_by_rate;
    if ((!a_beginning && cuts == 0) || apart > tolerated) {
      broken.push_back(fmt::format("of turn {} was heard \"{}\", and written down \"{}\"", turn,
                                   joined(heard, heard.size()), joined(words, words.size())));
    }
  }
}

}  // namespace

std::vector<std::string> broken_rules(const World& world) {
  std::vector<std::string> broken;
  if (!world.failure().empty()) broken.push_back(fmt::format("at {} ms: {}", world.now().count(), world.failure()));
  Rules rules(broken);
  std::size_t action = 0;
  const auto& log = world.log();
  for (const HeardFrame& frame : world.frames()) {
    for (; action < frame.actions; ++action) rules.check(log[action].at, log[action].action);
    rules.frame(frame.turn);
  }
  for (; action < log.size(); ++action) rules.check(log[action].at, log[action].action);
  check_history(world, broken);
  return broken;
}

}  // namespace retell::engine::turn::world
