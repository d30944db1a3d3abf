#include "engine/hearing.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace retell::engine {
namespace {

// Sound in one message to the transcriber, at most: fewer, larger messages cost its socket less, and a pause sends the
// rest at once.
constexpr std::size_t message_ms = 60;
// What is remembered: the learned detector looks at 8 s, a new transcriber is given the last 5 s again.
constexpr std::size_t detector_s = 8;
constexpr std::size_t replay_s = 5;
constexpr std::size_t trimmed_every_s = 2;            // rarely, so that the copy costs nothing per frame
constexpr core::Millis flush_answered_within{3'000};  // by a transcriber that gives partials
constexpr int restarts_before_fallback = 1;
// The last vendor is worth more patience, since the call ends without it: tried again after 0, 250, 500 ... 4,000 ms.
constexpr int restarts_of_the_last = 6;
constexpr core::Millis first_restart_delay{250};

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

Hearing::Hearing(Parts parts)
    : parts_(std::move(parts)), vad_(parts_.sample_rate), restart_(parts_.place.worker.executor()) {
  make_vendor();
  if (!parts_.plan.end_of_turn.empty()) {
    auto made = parts_.registry.end_of_turn(parts_.plan.end_of_turn, parts_.place, parts_.place.worker.executor());
    if (made)
      end_of_turn_ = std::move(*made);
    else
      parts_.log.warn("no learned end of turn: {}", made.error().message);
  }
}

void Hearing::make_vendor() {
  const auto count = parts_.plan.fallbacks.size() + 1;
  for (; vendor_index_ < count; ++vendor_index_) {
    const auto& choice = vendor_index_ == 0 ? parts_.plan.vendor : parts_.plan.fallbacks[vendor_index_ - 1];
    providers::SttOptions options;
    options.executor = parts_.place.worker.executor();
    options.log = parts_.log;
    options.language = parts_.language;
    options.model = choice.model;
    options.sample_rate = parts_.sample_rate;
    options.keywords = parts_.plan.boosted_keywords;
    auto made = parts_.registry.stt(choice.name, parts_.place, std::move(options));
    if (made) {
      vendor_ = std::move(*made);
      return;
    }
    parts_.log.error("no transcriber {}: {}", choice.name, made.error().message);
    parts_.vendor_failed(choice.name);
  }
  vendor_.reset();
}

void Hearing::warm() {
  if (vendor_ && !stream_) vendor_->prewarm();
}

void Hearing::start() {
  if (vendor_) return open();
  parts_.dead({core::ErrorCode::unavailable, "no transcriber is available", {}});
}

void Hearing::open() {
  stream_zero_s_ = static_cast<double>(samples_) / parts_.sample_rate;
  stream_ = vendor_->open([this, generation = ++generation_, alive = std::weak_ptr(alive_)](providers::SttEvent event) {
    if (!alive.expired() && generation == generation_) on_event(std::move(event));
  });
  gives_partials_ = false;
  flushed_at_.reset();
  last_event_ = std::chrono::steady_clock::now();
}

// A socket that is half open tells nothing: a flush without an answer does. Voice without words does not, since music
// and the neighbours' television have none either.
void Hearing::check_liveness(core::TimePoint now) {
  if (!stream_ || !gives_partials_ || !flushed_at_) return;
  if (now - std::max(*flushed_at_, last_event_) <= flush_answered_within) return;
  const core::Error error{core::ErrorCode::timeout, "a flush was not answered", {}};
  parts_.log.warn("transcriber {}: {}", vendor_->name(), error.message);
  parts_.vendor_failed(vendor_->name());
  // A half-open line says little good of its vendor: no second try while there is another.
  if (vendor_index_ < parts_.plan.fallbacks.size()) restarts_ = restarts_before_fallback;
  fail_over(error);
}

void Hearing::send(std::span<const std::int16_t> samples) {
  if (stream_) stream_->send(samples);
}

void Hearing::on_frame(const audio::AudioFrame& frame, core::TimePoint now) {
  const auto samples = std::as_const(frame).samples();
  samples_ += samples.size();
  const auto rate = static_cast<std::size_t>(parts_.sample_rate);

  memory_.insert(memory_.end(), samples.begin(), samples.end());
  const auto kept = (end_of_turn_ ? detector_s : replay_s) * rate;
  if (memory_.size() > kept + trimmed_every_s * rate) {
    memory_.erase(memory_.begin(), memory_.end() - static_cast<std::ptrdiff_t>(kept));
  }

  // Everything goes to the transcriber, silence too: no first word can be clipped, and vendors keep their own context.
  pending_.insert(pending_.end(), samples.begin(), samples.end());
  if (pending_.size() >= message_ms * rate / 1000) {
    send(pending_);
    pending_.clear();
  }

  const auto update = vad_.push(frame);
  check_liveness(now);
  if (!update.edge) return;
  const auto delay = std::chrono::microseconds(update.edge->delay * 1'000'000 / parts_.sample_rate);
  const auto at = now - std::chrono::duration_cast<core::TimePoint::duration>(delay);
  if (update.edge->kind == audio::VadEdge::Kind::speech_started)
    parts_.report(turn::SpeechStarted{at});
  else
    parts_.report(turn::SpeechEnded{at});
}

void Hearing::finalize(turn::PauseId pause) {
  if (!pending_.empty()) {
    send(pending_);
    pending_.clear();
  }
  asked_ = pause;
  asked_position_ = samples_;
  if (!stream_) return;  // asked when there is one again
  if (!flushed_at_) flushed_at_ = std::chrono::steady_clock::now();
  stream_->finalize(pause);
}

void Hearing::ask_end_of_turn(turn::PauseId pause) {
  if (!end_of_turn_) return;
  const auto rate = static_cast<std::size_t>(parts_.sample_rate);
  const auto count = std::min(memory_.size(), detector_s * rate);
  const std::span<const std::int16_t> recent = std::span(memory_).last(count);
  auto answer = [this, pause](float probability) {
    parts_.report(turn::EndOfTurnVerdict{pause, static_cast<double>(probability)});
  };
  end_of_turn_->ask(recent, parts_.sample_rate, std::move(answer));
}

void Hearing::on_event(providers::SttEvent event) {
  last_event_ = std::chrono::steady_clock::now();
  std::visit(
      Overloaded{
          [&](providers::SttPartial& partial) {
            gives_partials_ = true;
            parts_.live_text(partial.text, false);
            parts_.report(turn::PartialTranscript{utterance_, std::move(partial.text)});
          },
          [&](providers::SttFinal& final) {
            std::vector<TimedWord> words;
            words.reserve(final.words.size());
            for (auto& word : final.words) {
              words.push_back({std::move(word.text), stream_zero_s_ + word.start_s, stream_zero_s_ + word.end_s});
            }
            // A successor must not hear again what has been told: it would be said twice.
            const auto told = words.empty()
                                  ? asked_position_
                                  : static_cast<std::uint64_t>(std::max(0.0, words.back().end) * parts_.sample_rate);
            settled_ = std::clamp(told, settled_, samples_);
            if (!final.text.empty()) parts_.live_text(final.text, true);
            restarts_ = 0;
            parts_.report(turn::FinalTranscript{utterance_++, std::move(final.text), std::move(words)});
          },
          [&](providers::SttFinalized& finalized) {
            if (asked_ == finalized.token) {
              asked_.reset();
              settled_ = std::max(settled_, asked_position_);
            }
            flushed_at_.reset();
            parts_.report(turn::TranscriptSettled{finalized.token});
          },
          [&](providers::SttError& error) {
            parts_.log.warn("transcriber {}: {}", vendor_->name(), error.error.message);
            parts_.vendor_failed(vendor_->name());
            if (error.fatal) fail_over(error.error);
          },
      },
      event);
}

void Hearing::fail_over(const core::Error& error) {
  const std::string before(vendor_ ? vendor_->name() : "none");
  // Handlers may run inside the dying stream's own event; it goes once this event has been dealt with.
  ++generation_;
  auto old = std::move(stream_);
  boost::asio::post(parts_.place.worker.executor(), [dying = std::shared_ptr<providers::SttStream>(std::move(old))] {});
  const bool last = vendor_index_ >= parts_.plan.fallbacks.size();
  if (restarts_++ >= (last ? restarts_of_the_last : restarts_before_fallback)) {
    restarts_ = 0;
    ++vendor_index_;
    boost::asio::post(parts_.place.worker.executor(), [dying = std::shared_ptr<providers::Stt>(std::move(vendor_))] {});
    make_vendor();
  }
  if (!vendor_) {
    parts_.dead(error);
    return;
  }
  parts_.failed_over("stt: " + before + " -> " + std::string(vendor_->name()));
  if (restarts_ <= 1) return reopen();
  restart_.expires_after(first_restart_delay * (1 << (restarts_ - 2)));
  restart_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& stopped) {
    if (!stopped && !alive.expired()) reopen();
  });
}

// The new stream hears again what the old one may have lost: everything since its last final.
void Hearing::reopen() {
  const auto rate = static_cast<std::size_t>(parts_.sample_rate);
  const auto unsettled = static_cast<std::size_t>(samples_ - settled_);
  const auto count = std::min({memory_.size(), replay_s * rate, unsettled});
  open();
  stream_zero_s_ -= static_cast<double>(count) / parts_.sample_rate;
  send(std::span(memory_).last(count));
  pending_.clear();
  if (asked_) stream_->finalize(*asked_);
}

}  // namespace retell::engine
