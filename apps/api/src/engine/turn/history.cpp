#include "engine/turn/history.hpp"

#include <algorithm>
#include <utility>

namespace retell::engine::turn {

using Role = Utterance::Role;

double History::seconds(core::TimePoint at) const { return std::chrono::duration<double>(at - zero_).count(); }

void History::add(Entry entry) {
  entries_.push_back(std::move(entry));
  ++revision_;
}

const History::Entry* History::last_caller() const {
  for (auto it = entries_.rbegin(); it != entries_.rend(); ++it) {
    if (it->line.role == Role::user && !it->aside) return &*it;
  }
  return nullptr;
}

void History::caller(std::string text, std::vector<TimedWord> words, bool extend) {
  if (const Entry* found = extend ? last_caller() : nullptr) {
    Entry* last = &entries_[static_cast<std::size_t>(found - entries_.data())];
    last->line.content = std::move(text);
    last->line.words = std::move(words);
    ++revision_;
    return;
  }
  add({.line = {.role = Role::user, .content = std::move(text), .words = std::move(words)}});
}

void History::caller_aside(std::string text, std::vector<TimedWord> words) {
  add({.line = {.role = Role::user, .content = std::move(text), .words = std::move(words)}, .aside = true});
}

void History::correct_caller(std::string text, std::vector<TimedWord> words) {
  caller(std::move(text), std::move(words), true);
}

void History::agent(TurnId turn, std::size_t part, std::string text, std::vector<TimedWord> words) {
  // From the end, where the open turn's lines are.
  const auto found = std::find_if(entries_.rbegin(), entries_.rend(), [&](const Entry& entry) {
    return entry.line.role == Role::agent && entry.turn == turn && entry.part == part;
  });
  const auto it = found == entries_.rend() ? entries_.end() : std::prev(found.base());
  if (it == entries_.end()) {
    if (text.empty()) return;
    // A line belongs before the tool entries of its turn that came after it, and those may be there already.
    auto at = entries_.end();
    std::size_t tools = 0;
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      const bool tool = entry->line.role == Role::tool_call_invocation || entry->line.role == Role::tool_call_result;
      if (tool && entry->turn == turn && tools++ == part) {
        at = entry;
        break;
      }
    }
    entries_.insert(at, {.line = {.role = Role::agent, .content = std::move(text), .words = std::move(words)},
                         .turn = turn,
                         .part = part});
    ++revision_;
    return;
  }
  if (it->line.content == text) return;
  ++revision_;
  if (text.empty()) {
    entries_.erase(it);
    return;
  }
  it->line.content = std::move(text);
  it->line.words = std::move(words);
}

void History::interrupted(TurnId turn) {
  for (auto it = entries_.rbegin(); it != entries_.rend(); ++it) {
    if (it->line.role == Role::agent && it->turn == turn) {
      it->line.interrupted = true;
      ++revision_;
      return;
    }
  }
}

void History::tool_started(TurnId turn, std::string id, std::string name, std::string arguments) {
  add({.line = {.role = Role::tool_call_invocation,
                .content = {},
                .tool_call_id = std::move(id),
                .name = std::move(name),
                .arguments = std::move(arguments)},
       .turn = turn});
}

void History::tool_finished(TurnId turn, std::string id, std::string content, bool successful) {
  const bool there = std::ranges::any_of(entries_, [&](const Entry& entry) {
    return entry.line.role == Role::tool_call_result && entry.line.tool_call_id == id;
  });
  if (there) return;
  add({.line = {.role = Role::tool_call_result,
                .content = std::move(content),
                .tool_call_id = std::move(id),
                .successful = successful},
       .turn = turn});
}

void History::digits(std::string digits) { add({.line = {.role = Role::dtmf, .content = std::move(digits)}}); }

std::vector<Utterance> History::utterances() const {
  std::vector<Utterance> lines;
  lines.reserve(entries_.size());
  for (const Entry& entry : entries_) lines.push_back(entry.line);
  return lines;
}

}  // namespace retell::engine::turn
