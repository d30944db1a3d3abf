#include "engine/rehearsal.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "engine/onset.hpp"

namespace retell::engine {

Rehearsal::~Rehearsal() = default;

void Rehearsal::begin(providers::Tts& voice, const std::vector<Clause>& clauses) {
  if (stream_ || taker_) return;
  takes_.clear();
  std::vector<std::string> texts;
  for (const auto& clause : clauses) {
    if (whole_.contains(clause.key)) continue;
    if (auto cached = parts_.cache.find(clause.key)) {
      whole_.emplace(clause.key, std::move(cached));
      continue;
    }
    auto making = parts_.cache.make(clause.key);
    if (!making) continue;
    takes_.push_back({clause.key, std::move(making), {}, {}, false});
    texts.push_back(clause.spoken);
  }
  if (texts.empty()) return;
  stream_ = voice.open([this, generation = ++generation_, alive = std::weak_ptr(alive_)](providers::TtsEvent event) {
    if (!alive.expired() && generation == generation_) on_event(std::move(event));
  });
  std::uint32_t chunk = 0;
  for (auto& text : texts) stream_->speak(chunk++, std::move(text));
}

SpeechCache::Samples Rehearsal::find(const std::string& key) const {
  const auto found = whole_.find(key);
  return found == whole_.end() ? nullptr : found->second;
}

bool Rehearsal::under_way(const std::string& key) const { return stream_ && chunk_of(key).has_value(); }

std::unique_ptr<providers::TtsStream> Rehearsal::take(providers::TtsHandler handler, std::uint32_t& next_chunk) {
  taker_ = std::move(handler);
  next_chunk = static_cast<std::uint32_t>(takes_.size());
  for (auto& take : takes_) take.making.reset();  // the turn sees to the rest
  return std::move(stream_);
}

std::optional<std::uint32_t> Rehearsal::chunk_of(const std::string& key) const {
  const auto found = std::find_if(takes_.begin(), takes_.end(), [&](const Take& take) { return take.key == key; });
  if (found == takes_.end() || whole_.contains(key)) return std::nullopt;
  return static_cast<std::uint32_t>(found - takes_.begin());
}

void Rehearsal::replay(std::uint32_t chunk) {
  // Each call may end the turn, and what was taken with it.
  const auto taker = taker_;
  auto& take = takes_.at(chunk);
  const auto samples = std::exchange(take.samples, {});
  auto words = std::exchange(take.words, {});
  const bool done = take.done;
  if (!words.empty()) taker(providers::TtsWords{chunk, std::move(words)});
  if (!samples.empty()) taker(providers::TtsAudio{chunk, samples});
  if (done) taker(providers::TtsChunkDone{chunk});
}

void Rehearsal::on_event(providers::TtsEvent event) {
  if (taker_) return taker_(std::move(event));
  const auto take_of = [this](std::uint32_t chunk) { return chunk < takes_.size() ? &takes_[chunk] : nullptr; };
  if (const auto* audio = std::get_if<providers::TtsAudio>(&event)) {
    if (auto* take = take_of(audio->chunk)) {
      take->samples.insert(take->samples.end(), audio->samples.begin(), audio->samples.end());
    }
  } else if (auto* words = std::get_if<providers::TtsWords>(&event)) {
    if (auto* take = take_of(words->chunk)) {
      std::move(words->words.begin(), words->words.end(), std::back_inserter(take->words));
    }
  } else if (const auto* done = std::get_if<providers::TtsChunkDone>(&event)) {
    if (auto* take = take_of(done->chunk)) finished(*take);
  } else if (const auto* error = std::get_if<providers::TtsError>(&event)) {
    parts_.log.warn("the opening could not be spoken ahead: {}", error->error.message);
    let_go();
  }
}

void Rehearsal::finished(Take& take) {
  take.done = true;
  if (const auto skip = silence_before_onset(take.samples, parts_.sample_rate)) {
    take.samples.erase(take.samples.begin(), take.samples.begin() + static_cast<std::ptrdiff_t>(*skip));
    whole_.emplace(take.key, parts_.cache.put(take.key, std::move(take.samples)));
  }
  take.making.reset();
  if (std::all_of(takes_.begin(), takes_.end(), [](const Take& one) { return one.done; })) let_go();
}

// Called from inside the stream's own event: it is no longer listened to, and goes a moment later.
void Rehearsal::let_go() {
  ++generation_;
  takes_.clear();
  boost::asio::post(parts_.executor, [dying = std::shared_ptr<providers::TtsStream>(std::move(stream_))] {});
}

}  // namespace retell::engine
