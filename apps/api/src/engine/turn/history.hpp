// What was said in the call and really heard, tools and keys among it, in Retell's order and roles. The agent's lines
// grow while they sound and are settled once; the caller's last line may still be corrected by a late final.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/call_event.hpp"
#include "engine/turn/ids.hpp"

namespace retell::engine::turn {

class History {
 public:
  struct Entry {
    Utterance line;
    TurnId turn = 0;       // agent and tools: the turn it belongs to
    std::size_t part = 0;  // agent: which line of that turn
    bool aside = false;    // user: a back-channel under the agent's speech; no turn was taken for it
  };

  void began(core::TimePoint at) { zero_ = at; }
  [[nodiscard]] double seconds(core::TimePoint at) const;

  // The caller's turn was taken. With `extend`, the last caller's line is replaced: its turn goes on.
  void caller(std::string text, std::vector<TimedWord> words, bool extend);
  void caller_aside(std::string text, std::vector<TimedWord> words);
  // A late final corrected the words of the turn that was taken last.
  void correct_caller(std::string text, std::vector<TimedWord> words);

  // What has been heard so far of a part of a turn; `words` in seconds from the call's start. Nothing heard: no line.
  void agent(TurnId turn, std::size_t part, std::string text, std::vector<TimedWord> words);
  // The line was cut: no more of it will be heard.
  void interrupted(TurnId turn);

  void tool_started(TurnId turn, std::string id, std::string name, std::string arguments);
  void tool_finished(TurnId turn, std::string id, std::string content, bool successful);
  void digits(std::string digits);

  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
  [[nodiscard]] const Entry* last_caller() const;  // the caller's last turn; null: none yet
  [[nodiscard]] std::vector<Utterance> utterances() const;
  // Raised by every change, so that a reader knows when to look again.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }

 private:
  void add(Entry entry);

  std::vector<Entry> entries_;
  core::TimePoint zero_{};
  std::uint64_t revision_ = 0;
};

}  // namespace retell::engine::turn
