#include "engine/speaking.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

#include "engine/onset.hpp"

namespace retell::engine {
namespace {

// Of a clause, from its asking; a synthesiser's own time is 80 to 800 ms. Below the watchdog's patience.
constexpr core::Millis first_audio_within{2'500};
constexpr core::Millis next_audio_within{3'000};

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

Speaking::Speaking(Parts parts)
    : parts_(std::move(parts)),
      normaliser_(text::language_of(parts_.language)),
      rehearsal_({parts_.place.worker.executor(), parts_.log, parts_.cache, parts_.sample_rate}),
      waiting_(parts_.place.worker.executor()) {
  make_vendor();
}

void Speaking::make_vendor() {
  const auto& plan = parts_.plan;
  const auto count = plan.fallbacks.size() + 1;
  for (; vendor_index_ < count; ++vendor_index_) {
    const auto& choice = vendor_index_ == 0 ? plan.vendor : plan.fallbacks[vendor_index_ - 1];
    providers::TtsOptions options;
    options.executor = parts_.place.worker.executor();
    options.log = parts_.log;
    // A voice id belongs to its vendor; another vendor speaks with its own voice of the language.
    options.voice = vendor_index_ == 0 ? plan.voice : std::string();
    options.model = choice.model;
    options.language = parts_.language;
    options.sample_rate = parts_.sample_rate;
    options.speed = plan.speed;
    options.temperature = plan.temperature;
    auto made = parts_.registry.tts(choice.name, parts_.place, std::move(options));
    if (made) {
      vendor_ = std::move(*made);
      return;
    }
    parts_.log.error("no voice {}: {}", choice.name, made.error().message);
    parts_.vendor_failed(choice.name);
  }
  vendor_.reset();
}

void Speaking::warm() {
  if (vendor_) vendor_->prewarm();
}

std::string Speaking::cache_key(const std::string& text) const {
  const auto& plan = parts_.plan;
  return SpeechCache::key(std::string(vendor_->name()), plan.vendor.model, vendor_index_ == 0 ? plan.voice : "",
                          parts_.sample_rate, plan.speed, text);
}

void Speaking::rehearse(const std::vector<std::string>& texts) {
  if (!vendor_ || turn_ != 0) return;
  std::vector<Rehearsal::Clause> clauses;
  for (const auto& text : texts) {
    if (const auto spoken = normaliser_(text); !spoken.text().empty()) {
      clauses.push_back({cache_key(text), spoken.text()});
    }
  }
  rehearsal_.begin(*vendor_, clauses);
}

bool Speaking::join_rehearsal(const std::string& key) {
  if (!stream_ && rehearsal_.under_way(key)) {
    rehearsed_ = ++generation_;
    stream_finished_ = false;
    by_chunk_.clear();
    stream_ = rehearsal_.take(
        [this, generation = generation_, alive = std::weak_ptr(alive_)](providers::TtsEvent event) {
          if (!alive.expired() && generation == generation_) on_event(std::move(event));
        },
        next_chunk_);
    await_audio(first_audio_within);
  }
  if (!stream_ || generation_ != rehearsed_) return false;
  const auto chunk = rehearsal_.chunk_of(key);
  if (!chunk) return false;
  by_chunk_.emplace(*chunk, clauses_.size() - 1);
  rehearsal_.replay(*chunk);
  return true;
}

core::Millis Speaking::to_ms(std::size_t samples) const {
  return core::Millis(static_cast<std::int64_t>(samples) * 1000 / parts_.sample_rate);
}

void Speaking::begin(turn::TurnId turn) {
  retire();
  by_chunk_.clear();
  clauses_.clear();
  next_chunk_ = 0;
  delivered_ = 0;
  next_clause_ = 1;
  finished_ = stream_finished_ = false;
  turn_ = turn;
  parts_.playout.begin(turn);
}

void Speaking::open() {
  if (stream_ || !vendor_) return;
  next_chunk_ = 0;
  by_chunk_.clear();
  stream_finished_ = false;
  stream_ = vendor_->open([this, generation = ++generation_, alive = std::weak_ptr(alive_)](providers::TtsEvent event) {
    if (!alive.expired() && generation == generation_) on_event(std::move(event));
  });
  await_audio(first_audio_within);
}

// What ends a stream may have been caused by its own event: it is no longer listened to, and goes a moment later.
void Speaking::retire() {
  ++generation_;
  waiting_.cancel();
  if (!stream_) return;
  boost::asio::post(parts_.place.worker.executor(),
                    [dying = std::shared_ptr<providers::TtsStream>(std::move(stream_))] {});
}

// A voice that says nothing, or stops in the middle without a word, is as dead as one that tells us.
void Speaking::await_audio(core::Millis limit) {
  waiting_.expires_after(limit);
  waiting_.async_wait([this, generation = generation_, alive = std::weak_ptr(alive_)](auto error) {
    if (error || alive.expired() || generation != generation_ || turn_ == 0) return;
    if (parts_.playout.waiting_ms() > 0) {  // enough to play meanwhile
      await_audio(next_audio_within);
    } else {
      fail({core::ErrorCode::timeout, "no audio in time", {}});
    }
  });
}

void Speaking::say(const std::string& text, bool filler, bool uninterruptible, bool cacheable) {
  if (turn_ == 0) return;
  const auto spoken = normaliser_(text);
  clauses_.push_back({next_clause_++, text, {}, {}, 0, 0, false, false});
  auto& clause = clauses_.back();
  parts_.report(turn::ClauseQueued{turn_, clause.id, text, uninterruptible, filler});
  if (spoken.text().empty()) {  // an emoji, a bullet: nothing to hear
    done(clause);
    return;
  }
  if (!vendor_) return fail({core::ErrorCode::unavailable, "no voice is available", {}});
  if (cacheable) {
    clause.cache_key = cache_key(text);
    auto cached = rehearsal_.find(clause.cache_key);
    if (!cached) cached = parts_.cache.find(clause.cache_key);
    // Only when nothing before it is still being made: order is kept.
    if (cached && by_chunk_.empty()) {
      clause.cache_key.clear();
      clause.begun = true;
      deliver(clause, *cached);
      done(clause);
      return;
    }
    if (join_rehearsal(clause.cache_key)) return;
  }
  open();
  if (by_chunk_.empty() || delivered_ + 1 == clauses_.size()) await_audio(first_audio_within);
  by_chunk_.emplace(next_chunk_, clauses_.size() - 1);
  stream_->speak(next_chunk_++, spoken.text());
}

void Speaking::finish() {
  finished_ = true;
  if (stream_ && !stream_finished_) {
    stream_finished_ = true;
    stream_->finish();
  }
  end_if_all_delivered();
}

void Speaking::end_if_all_delivered() {
  if (!finished_ || delivered_ < clauses_.size()) return;
  const auto turn = turn_;
  parts_.playout.complete(turn);
  parts_.report(turn::SynthesisDone{turn});
}

void Speaking::cancel(turn::TurnId turn) {
  if (turn != turn_) return;
  retire();
  by_chunk_.clear();
  clauses_.clear();
  delivered_ = 0;
  turn_ = 0;
}

Speaking::Clause* Speaking::clause_of(std::uint32_t chunk) {
  const auto found = by_chunk_.find(chunk);
  return found == by_chunk_.end() ? nullptr : &clauses_[found->second];
}

void Speaking::on_event(providers::TtsEvent event) {
  std::visit(Overloaded{
                 [&](const providers::TtsAudio& audio) {
                   if (auto* clause = clause_of(audio.chunk)) on_audio(*clause, audio.samples);
                 },
                 [&](providers::TtsWords& words) {
                   const auto* clause = clause_of(words.chunk);
                   if (clause == nullptr) return;
                   turn::ClauseWords out{turn_, clause->id, {}};
                   const auto trimmed = static_cast<int>(to_ms(clause->trimmed).count());
                   for (auto& word : words.words) {
                     out.words.push_back({std::move(word.text), core::Millis(std::max(0, word.start_ms - trimmed)),
                                          core::Millis(std::max(0, word.end_ms - trimmed))});
                   }
                   parts_.report(std::move(out));
                 },
                 [&](const providers::TtsChunkDone& chunk) {
                   if (auto* clause = clause_of(chunk.chunk)) done(*clause);
                 },
                 [&](const providers::TtsDone&) {
                   // What the vendor never ended explicitly is over now. Each may bring the turn to its end.
                   const auto generation = generation_;
                   for (std::size_t i = 0; generation == generation_ && i < clauses_.size(); ++i) done(clauses_[i]);
                 },
                 [&](const providers::TtsError& error) { fail(error.error); },
             },
             event);
}

void Speaking::on_audio(Clause& clause, std::span<const std::int16_t> samples) {
  if (!clause.begun) {
    const auto skip = silence_before_onset(samples, parts_.sample_rate);
    if (!skip) {
      clause.trimmed += samples.size();
      return;
    }
    clause.begun = true;
    clause.trimmed += *skip;
    samples = samples.subspan(*skip);
  }
  if (!clause.cache_key.empty()) clause.samples.insert(clause.samples.end(), samples.begin(), samples.end());
  deliver(clause, samples);
}

void Speaking::deliver(Clause& clause, std::span<const std::int16_t> samples) {
  if (samples.empty()) return;
  const auto gain = static_cast<float>(parts_.plan.volume);
  bool taken = false;
  if (gain == 1.0F) {
    taken = parts_.playout.append(turn_, samples);
  } else {
    std::vector<std::int16_t> louder(samples.begin(), samples.end());
    audio::apply_gain(louder, gain);
    taken = parts_.playout.append(turn_, louder);
  }
  if (!taken) return;
  // Whole milliseconds of all so far: what pieces leave over would add up to whole words.
  const auto before = to_ms(clause.delivered);
  clause.delivered += samples.size();
  if (stream_) await_audio(next_audio_within);
  parts_.report(turn::ClauseAudio{turn_, clause.id, to_ms(clause.delivered) - before, false});
}

void Speaking::done(Clause& clause) {
  if (clause.done) return;
  clause.done = true;
  if (!clause.cache_key.empty()) parts_.cache.put(clause.cache_key, std::move(clause.samples));
  clause.samples = {};
  parts_.report(turn::ClauseAudio{turn_, clause.id, core::Millis(0), true});
  while (delivered_ < clauses_.size() && clauses_[delivered_].done) ++delivered_;
  if (delivered_ == clauses_.size()) waiting_.cancel();
  end_if_all_delivered();
}

void Speaking::fail(const core::Error& error) {
  const std::string_view vendor = vendor_ ? vendor_->name() : "none";
  parts_.log.warn("voice {}: {}", vendor, error.message);
  parts_.vendor_failed(vendor);
  retire();
  by_chunk_.clear();
  parts_.report(turn::SynthesisFailed{turn_});
}

void Speaking::fail_over(turn::TurnId turn, const std::string& unheard) {
  if (turn != turn_) return;
  const std::string before(vendor_ ? vendor_->name() : "none");
  retire();
  by_chunk_.clear();
  parts_.playout.drop_unsent(turn);
  ++vendor_index_;
  make_vendor();
  if (vendor_) parts_.failed_over("tts: " + before + " -> " + std::string(vendor_->name()));
  const bool was_finished = finished_;
  finished_ = stream_finished_ = false;
  clauses_.clear();
  delivered_ = 0;
  if (!unheard.empty()) say(unheard, false, false, false);
  if (was_finished) finish();
}

void Speaking::murmur(const std::string& word) {
  if (!vendor_ || parts_.playout.sounding()) return;
  murmur_samples_.clear();
  murmuring_ = vendor_->open([this](const providers::TtsEvent& event) {
    if (const auto* audio = std::get_if<providers::TtsAudio>(&event)) {
      murmur_samples_.insert(murmur_samples_.end(), audio->samples.begin(), audio->samples.end());
    } else if (std::holds_alternative<providers::TtsDone>(event)) {
      audio::apply_gain(murmur_samples_, 0.5F);  // under the caller's voice, not over it
      parts_.playout.murmur(murmur_samples_);
    }
  });
  murmuring_->speak(0, word);
  murmuring_->finish();
}

}  // namespace retell::engine
