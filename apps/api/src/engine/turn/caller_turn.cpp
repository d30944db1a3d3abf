#include "engine/turn/caller_turn.hpp"

#include <algorithm>
#include <utility>

#include "text/utf8.hpp"
#include "text/words.hpp"

namespace retell::engine::turn {
namespace {

// A final with the very words of the one before, so soon and with a new number, is the vendor saying it twice
// (a caller who repeats a whole phrase needs longer).
constexpr core::Millis repeated_final{300};

// The end of `text` behind as many words as `prefix` has.
std::string beyond(std::string_view text, std::string_view prefix) {
  const auto words = text::split_words(text);
  const std::size_t skip = text::split_words(prefix).size();
  if (skip >= words.size()) return {};
  return std::string(text.substr(words[skip].begin));
}

std::string joined(const auto& segments) {
  std::string text;
  for (const auto& segment : segments) {
    if (segment.text.empty() || segment.aside) continue;
    if (!text.empty()) text += ' ';
    text += segment.text;
  }
  return text;
}

std::vector<TimedWord> joined_words(const auto& segments) {
  std::vector<TimedWord> words;
  for (const auto& segment : segments) {
    if (!segment.aside) words.insert(words.end(), segment.words.begin(), segment.words.end());
  }
  return words;
}

// All that is known of an utterance: what was done with before, and this.
std::string whole(const auto& segment) {
  return segment.prefix.empty() ? segment.text : segment.prefix + " " + segment.text;
}

}  // namespace

CallerTurn::Segment* CallerTurn::find(std::vector<Segment>& in, UtteranceId utterance) {
  const auto it = std::ranges::find(in, utterance, &Segment::utterance);
  return it == in.end() ? nullptr : &*it;
}

CallerTurn::Change CallerTurn::set(Segment& segment, std::string_view text, bool final, core::TimePoint now) {
  const auto trimmed = text::trim(text);
  const bool same = text::folded_words(trimmed) == text::folded_words(segment.text);
  segment.text = std::string(trimmed);
  segment.final = segment.final || final;
  if (!final) ++segment.readings;
  if (same && !final) return Change::none;
  last_change_ = now;
  return Change::words;
}

CallerTurn::Change CallerTurn::partial(UtteranceId utterance, std::string_view text, core::TimePoint now) {
  if (text::split_words(text).empty()) return Change::none;
  if (Segment* open = find(segments_, utterance)) {
    if (open->final) {
      ++dropped_;
      return Change::none;
    }
    const std::string rest = open->prefix.empty() ? std::string(text) : beyond(text, open->prefix);
    return rest.empty() ? Change::none : set(*open, rest, false, now);
  }
  std::string prefix;
  if (utterance <= newest_taken_) {
    const Segment* taken = find(answered_, utterance);
    if (taken == nullptr || taken->final) {
      ++dropped_;
      return Change::none;
    }
    prefix = whole(*taken);
  }
  const std::string rest = prefix.empty() ? std::string(text) : beyond(text, prefix);
  if (rest.empty()) return Change::none;
  segments_.push_back({.utterance = utterance, .text = {}, .words = {}, .prefix = std::move(prefix)});
  return set(segments_.back(), rest, false, now);
}

bool CallerTurn::repeats_last_final(UtteranceId utterance, std::string_view text, core::TimePoint now) const {
  const bool partial_seen = std::ranges::find(segments_, utterance, &Segment::utterance) != segments_.end();
  return !partial_seen && now - last_final_ < repeated_final && !last_final_text_.empty() &&
         text::folded_words(text) == text::folded_words(last_final_text_);
}

CallerTurn::Change CallerTurn::final(UtteranceId utterance, std::string_view text, std::vector<TimedWord> words,
                                     bool new_voice, core::TimePoint now) {
  const bool has_words = !text::split_words(text).empty();
  Segment* open = find(segments_, utterance);
  if ((open != nullptr && open->final) || repeats_last_final(utterance, text, now)) {
    ++dropped_;
    return Change::none;
  }
  last_final_ = now;
  if (has_words) last_final_text_ = std::string(text);

  if (Segment* taken = find(answered_, utterance); taken != nullptr && !taken->final) {
    const bool goes_on = new_voice || open != nullptr || taken->aside;
    const std::string before = whole(*taken);
    taken->final = true;
    if (!has_words) return Change::none;
    if (!goes_on) {
      taken->text = taken->prefix.empty() ? std::string(text::trim(text)) : beyond(text, taken->prefix);
      taken->words = std::move(words);
      return text::folded_words(before) == text::folded_words(text) ? Change::none : Change::answered;
    }
    const std::string rest = beyond(text, before);
    if (rest.empty()) {
      std::erase_if(segments_, [&](const Segment& s) { return s.utterance == utterance; });
      return Change::none;
    }
    const auto skipped = std::min(words.size(), text::split_words(before).size());
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(skipped));
    if (open == nullptr) {
      segments_.push_back({.utterance = utterance, .text = {}, .words = {}, .prefix = before});
      open = &segments_.back();
    }
    open->words = std::move(words);
    return set(*open, rest, true, now);
  }
  if (open == nullptr && utterance <= newest_taken_) {
    ++dropped_;
    return Change::none;
  }
  if (!has_words) {
    if (open == nullptr) return Change::none;
    if (open->readings < 2) {
      std::erase_if(segments_, [&](const Segment& s) { return s.utterance == utterance; });
    } else {
      open->final = true;
    }
    last_change_ = now;
    return Change::words;
  }
  if (open == nullptr) {
    segments_.push_back({.utterance = utterance, .text = {}, .words = {}});
    open = &segments_.back();
  }
  open->words = std::move(words);
  return set(*open, open->prefix.empty() ? std::string(text) : beyond(text, open->prefix), true, now);
}

std::string CallerTurn::text() const { return joined(segments_); }
std::vector<TimedWord> CallerTurn::words() const { return joined_words(segments_); }
std::string CallerTurn::answered_text() const { return joined(answered_); }
std::vector<TimedWord> CallerTurn::answered_words() const { return joined_words(answered_); }

bool CallerTurn::has_open_partial() const {
  return std::ranges::any_of(segments_, [](const Segment& s) { return !s.final; });
}

bool CallerTurn::is_stable() const {
  return std::ranges::any_of(segments_, [](const Segment& s) { return s.final || s.readings >= 2; });
}

void CallerTurn::take() {
  for (const Segment& segment : segments_) newest_taken_ = std::max(newest_taken_, segment.utterance);
  answered_ = std::exchange(segments_, {});
}

void CallerTurn::set_aside() {
  for (Segment& segment : segments_) {
    newest_taken_ = std::max(newest_taken_, segment.utterance);
    segment.aside = true;
    std::erase_if(answered_, [&](const Segment& s) { return s.aside && s.utterance == segment.utterance; });
    answered_.push_back(std::move(segment));
  }
  segments_.clear();
}

void CallerTurn::reopen() {
  std::vector<Segment> newer = std::exchange(segments_, {});
  std::vector<Segment> asides;
  for (Segment& segment : std::exchange(answered_, {}))
    (segment.aside ? asides : segments_).push_back(std::move(segment));
  answered_ = std::move(asides);
  for (Segment& segment : newer) {
    Segment* same = find(segments_, segment.utterance);
    if (same == nullptr) {
      segments_.push_back(std::move(segment));
      continue;
    }
    if (!same->text.empty() && !segment.text.empty()) same->text += ' ';
    same->text += segment.text;
    same->words.insert(same->words.end(), segment.words.begin(), segment.words.end());
    same->final = segment.final;
    same->readings += segment.readings;
  }
}

}  // namespace retell::engine::turn
