#include "engine/turn/heard_words.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace retell::engine::turn {
namespace {

constexpr double rate_weight = 0.7;  // of the old value when a clause's true rate is learned
constexpr double slowest_rate = 2.0, fastest_rate = 8.0;

std::vector<std::string_view> blank_separated(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(" \t\r\n", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

void append_word(std::string& text, std::string_view word) {
  if (!text.empty()) text += ' ';
  text += word;
}

// Time at which the share `share` (0..1) of the characters spoken has sounded, by the voice's own word times: the voice
// may have read "$5" as "five dollars", so words do not match one to one, but their order does.
double time_at_share(const std::vector<ClauseWord>& times, double share) {
  double total = 0;
  for (const auto& word : times) total += static_cast<double>(text::utf8_length(word.text)) + 1;
  double wanted = share * total;
  for (const auto& word : times) {
    const double length = static_cast<double>(text::utf8_length(word.text)) + 1;
    if (wanted <= length) {
      const auto start = static_cast<double>(word.start.count());
      return start + (static_cast<double>(word.end.count()) - start) * std::max(0.0, wanted) / length;
    }
    wanted -= length;
  }
  return static_cast<double>(times.back().end.count());
}

}  // namespace

double count_syllables(std::string_view text) {
  double count = 0;
  for (const auto word : blank_separated(text)) {
    const std::string folded = text::fold(word);
    double groups = 0;
    double digits = 0;
    bool in_vowels = false;
    for (const char c : folded) {
      const bool vowel = std::string_view("aeiouy").find(c) != std::string_view::npos;
      if (vowel && !in_vowels) ++groups;
      in_vowels = vowel;
      if (c >= '0' && c <= '9') ++digits;
    }
    count += std::max(1.0, groups + 1.5 * digits);  // a digit read aloud has one or two
  }
  return count;
}

void SpeakingRate::observe(double syllables, Millis duration) {
  if (syllables < 2 || duration < Millis(200)) return;
  const double seen = syllables * 1000 / static_cast<double>(duration.count());
  per_second_ = rate_weight * per_second_ + (1 - rate_weight) * std::clamp(seen, slowest_rate, fastest_rate);
}

Millis SpeakingRate::estimate(double syllables) const {
  return Millis(static_cast<Millis::rep>(syllables * 1000 / per_second_));
}

HeardWords::Clause* HeardWords::find(ClauseId id) {
  const auto it = std::ranges::find(clauses_, id, &Clause::id);
  return it == clauses_.end() ? nullptr : &*it;
}

void HeardWords::add(Clause& clause, std::string text, std::string_view said) {
  Piece piece{std::move(text), 0, 0, 0};
  for (const auto word : blank_separated(said)) {
    ++piece.words;
    piece.letters += static_cast<double>(text::utf8_length(word)) + 1;
  }
  if (piece.words == 0) return;
  piece.syllables = count_syllables(said);
  clause.words += piece.words;
  clause.letters += piece.letters;
  clause.syllables += piece.syllables;
  clause.pieces.push_back(std::move(piece));
}

void HeardWords::queue(const ClauseQueued& queued, std::size_t part) {
  if (find(queued.clause) != nullptr) return;
  Clause& clause = clauses_.emplace_back();
  clause.id = queued.clause;
  clause.part = part;
  clause.uninterruptible = queued.uninterruptible;
  clause.filler = queued.filler;
  for (const auto& piece : queued.pieces) add(clause, piece.text, piece.said);
  if (!queued.pieces.empty()) return;
  for (const auto word : blank_separated(queued.text)) add(clause, std::string(word), word);
}

void HeardWords::finish(Clause& clause) {
  if (clause.complete) return;
  clause.complete = true;
  rate_->observe(clause.syllables, clause.duration);
}

void HeardWords::audio(const ClauseAudio& piece) {
  Clause* clause = find(piece.clause);
  if (clause == nullptr || clause->complete) return;
  clause->duration += std::max(Millis(0), piece.duration);
  if (piece.last) finish(*clause);
  // Clauses sound in order: audio of a later one means that the earlier are complete.
  for (Clause& earlier : clauses_) {
    if (&earlier == clause) break;
    finish(earlier);
  }
}

void HeardWords::word_times(const ClauseWords& words) {
  if (Clause* clause = find(words.clause)) {
    clause->times.insert(clause->times.end(), words.words.begin(), words.words.end());
  }
}

void HeardWords::complete() {
  for (Clause& clause : clauses_) finish(clause);
}

void HeardWords::forget_unheard(Millis played) {
  Millis begin{0};
  for (std::size_t i = 0; i < clauses_.size(); ++i) {
    if (begin >= played) {
      clauses_.resize(i);
      return;
    }
    Clause& clause = clauses_[i];
    if (begin + clause.duration > played) {
      const auto at = static_cast<double>((played - begin).count());
      std::size_t kept = 0;
      for (const Span& span : spans(clause)) kept += (span.start_ms + span.end_ms) / 2 <= at ? 1 : 0;
      Clause cut{.id = clause.id,
                 .part = clause.part,
                 .pieces = {},
                 .uninterruptible = clause.uninterruptible,
                 .filler = clause.filler,
                 .complete = true,
                 .duration = played - begin,
                 .times = {}};
      for (Piece& piece : clause.pieces) {
        if (cut.pieces.size() == kept) break;
        cut.words += piece.words;
        cut.letters += piece.letters;
        cut.syllables += piece.syllables;
        cut.pieces.push_back(std::move(piece));
      }
      clause = std::move(cut);
    }
    begin += clause.duration;
  }
}

Millis HeardWords::duration() const {
  Millis sum{0};
  for (const Clause& clause : clauses_) sum += clause.duration;
  return sum;
}

bool HeardWords::has_reply_audio() const { return reply_audio_end() > Millis(0); }

Millis HeardWords::reply_audio_end() const {
  Millis sum{0};
  Millis end{0};
  for (const Clause& clause : clauses_) {
    sum += clause.duration;
    if (!clause.filler && clause.duration > Millis(0)) end = sum;
  }
  return end;
}

bool HeardWords::is_filler(ClauseId id) const {
  const auto found = std::ranges::find(clauses_, id, &Clause::id);
  return found != clauses_.end() && found->filler;
}

bool HeardWords::uninterruptible_at(Millis played) const {
  Millis end{0};
  for (const Clause& clause : clauses_) {
    end += clause.duration;
    // The clause that sounds, or the first whose audio has yet to come.
    if (played < end || (!clause.complete && clause.duration == Millis(0))) return clause.uninterruptible;
  }
  return !clauses_.empty() && clauses_.back().uninterruptible;
}

std::vector<HeardWords::Span> HeardWords::spans(const Clause& clause) const {
  std::vector<Span> result;
  result.reserve(clause.pieces.size());
  const auto& times = clause.times;
  const bool as_said = times.size() == clause.words || (times.size() < clause.words && !clause.complete);
  if (!times.empty() && as_said) {  // the voice tells of every word, in time or a little later
    std::size_t word = 0;
    double end = 0;
    for (const Piece& piece : clause.pieces) {
      const std::size_t next = word + piece.words;
      const double begin = word < times.size() ? static_cast<double>(times[word].start.count()) : end;
      end = next <= times.size() ? static_cast<double>(times[next - 1].end.count())
                                 : begin + static_cast<double>(rate_->estimate(piece.syllables).count());
      result.push_back({piece.text, begin, end});
      word = next;
    }
    return result;
  }
  const double total = times.empty() ? clause.syllables : clause.letters;
  const Millis length =
      clause.complete ? clause.duration : std::max(clause.duration, rate_->estimate(clause.syllables));
  const auto ms = static_cast<double>(length.count());
  double before = 0;
  for (const Piece& piece : clause.pieces) {
    const double from = before / total;
    before += times.empty() ? piece.syllables : piece.letters;
    const double to = before / total;
    if (times.empty()) {
      result.push_back({piece.text, from * ms, to * ms});
    } else {
      result.push_back({piece.text, time_at_share(times, from), time_at_share(times, to)});
    }
  }
  return result;
}

HeardWords::Line HeardWords::heard(std::size_t part, Millis played) const {
  Line line;
  Millis begin{0};
  for (const Clause& clause : clauses_) {
    const auto at = static_cast<double>((played - begin).count());
    if (at < 0 || (at == 0 && clause.duration > Millis(0))) break;
    if (clause.part == part && clause.duration > Millis(0)) {
      const bool whole = clause.complete && played >= begin + clause.duration;
      for (const Span& span : spans(clause)) {
        if (!whole && (span.start_ms + span.end_ms) / 2 > at) break;
        append_word(line.text, span.word);
        const auto offset = static_cast<double>(begin.count());
        line.words.push_back({std::string(span.word), (offset + span.start_ms) / 1000, (offset + span.end_ms) / 1000});
      }
    }
    begin += clause.duration;
  }
  return line;
}

std::string HeardWords::unheard(Millis played) const {
  std::string text;
  Millis begin{0};
  for (const Clause& clause : clauses_) {
    const auto at = static_cast<double>((played - begin).count());
    const bool whole = clause.complete && clause.duration > Millis(0) && played >= begin + clause.duration;
    if (!clause.filler && !whole) {
      for (const Span& span : spans(clause)) {
        const bool sounded = clause.duration > Millis(0) && (span.start_ms + span.end_ms) / 2 <= at;
        if (!sounded) append_word(text, span.word);
      }
    }
    begin += clause.duration;
  }
  return text;
}

}  // namespace retell::engine::turn
