#include "engine/playout.hpp"

#include <algorithm>

namespace retell::engine {
namespace {

using namespace std::chrono_literals;

constexpr auto late_after = 10ms;   // MediaCounters::late_frames
constexpr int frames_a_report = 5;  // Played every 100 ms: often enough for word borders
// A far end that answers no marks has played the last frame this long after it was sent, by the clock.
constexpr auto mark_patience = 400ms;
constexpr auto longest_way = 300ms;  // a later answer says more of the line's trouble than of its length
constexpr std::size_t kept_s = 1;    // of what was sent; forgotten rarely, so that the copy costs nothing per frame

}  // namespace

core::Millis Playout::to_ms(std::uint64_t samples) const {
  return core::Millis(static_cast<std::int64_t>(samples * 1000 / static_cast<std::uint64_t>(rate_)));
}

core::Millis Playout::played_by_clock() const {
  const auto frame = audio::frame_samples(rate_);
  const auto ahead = ahead_.size() * frame;
  return std::max(core::Millis(0), to_ms(sent_ > ahead ? sent_ - ahead : 0) - way_);
}

void Playout::begin(turn::TurnId turn) {
  turn_ = turn;
  audio_.clear();
  gone_ = sent_ = 0;
  first_mark_ = 0;
  complete_ = paused_ = finished_ = final_mark_sent_ = false;
  since_report_ = 0;
  tools_ = 0;
  waits_ = false;
  murmur_.clear();
  murmured_ = 0;
}

bool Playout::append(turn::TurnId turn, std::span<const std::int16_t> samples) {
  if (turn != turn_ || finished_) {
    ++counters_.stale_events;
    return false;
  }
  forget_sent();
  audio_.insert(audio_.end(), samples.begin(), samples.end());
  return true;
}

void Playout::forget_sent() {
  const auto old = sent_ - gone_;
  if (old < kept_s * static_cast<std::size_t>(rate_) || old < audio_.size() / 2) return;
  audio_.erase(audio_.begin(), audio_.begin() + static_cast<std::ptrdiff_t>(old));
  gone_ = sent_;
}

void Playout::complete(turn::TurnId turn) {
  if (turn == turn_) complete_ = true;
}

void Playout::pause(turn::TurnId turn) {
  if (turn != turn_) return;
  paused_ = true;
  last_sent_ = {};  // this gap is meant
}

void Playout::resume(turn::TurnId turn) {
  if (turn == turn_) paused_ = false;
}

void Playout::await_words(turn::TurnId turn) {
  if (turn == turn_) waits_ = true;
}

void Playout::await_tool(turn::TurnId turn) {
  if (turn == turn_) ++tools_;
  await_words(turn);
}

void Playout::tool_done(turn::TurnId turn) {
  if (turn == turn_ && tools_ > 0) --tools_;
}

void Playout::words_follow() {
  if (tools_ == 0) waits_ = false;
}

void Playout::interrupt(turn::TurnId turn, MediaTransport& transport, core::TimePoint) {
  if (turn != turn_) return;
  const auto frame = audio::frame_samples(rate_);
  if (sent_ > 0 && !finished_) {
    const auto played = played_by_clock();
    // u-law or PCM, the far end loses what it had ahead; our own rest was never sent.
    counters_.cleared_bytes += (unsent() + ahead_.size() * frame) * 2;
    transport.clear();
    ahead_.clear();
    report_(turn::PlayoutStopped{turn, played});
  }
  turn_ = 0;
  finished_ = true;
  drop_audio();
}

void Playout::stop(MediaTransport& transport, core::TimePoint now) {
  murmur_.clear();
  interrupt(turn_, transport, now);
}

void Playout::drop_unsent(turn::TurnId turn) {
  if (turn != turn_ || finished_) return;
  audio_.resize(sent_ - gone_);
  complete_ = false;
}

void Playout::murmur(std::span<const std::int16_t> samples) {
  if (turn_ != 0 && !finished_) return;
  murmur_.assign(samples.begin(), samples.end());
  murmured_ = 0;
}

void Playout::on_mark(std::uint64_t id, bool cleared, core::TimePoint now) {
  if (id == first_mark_) {
    first_mark_ = 0;
    const auto there_and_back = std::chrono::duration_cast<core::Millis>(now - first_mark_at_ - audio::frame_duration);
    if (!cleared) way_ = std::clamp<core::Millis>(there_and_back / 2, 0ms, longest_way);
    return;
  }
  if (cleared || !final_mark_sent_ || id != final_mark_ || finished_) return;
  finish();
}

void Playout::finish() {
  const auto turn = turn_;
  const auto played = to_ms(total());
  finished_ = true;
  drop_audio();
  // Last, since the next turn may begin inside.
  report_(turn::Played{turn, played});
  report_(turn::PlayoutFinished{turn});
}

void Playout::drop_audio() {
  audio_.clear();
  audio_.shrink_to_fit();
  gone_ = sent_;
}

std::size_t Playout::waiting_ms() const { return finished_ ? 0 : static_cast<std::size_t>(to_ms(unsent()).count()); }

bool Playout::send_frame(MediaTransport& transport, core::TimePoint deadline, core::TimePoint now) {
  const auto size = audio::frame_samples(rate_);
  std::span<const std::int16_t> piece;
  bool of_turn = false;
  if (turn_ != 0 && !finished_ && !paused_ && unsent() > 0) {
    const auto left = static_cast<std::size_t>(unsent());
    // Less than a frame waits for more, unless nothing more will come; then silence fills it up.
    if (left < size && !complete_) return false;
    if (transport.congested()) return false;
    piece = std::span(audio_).subspan(sent_ - gone_, std::min(left, size));
    of_turn = true;
  } else if (murmured_ < murmur_.size()) {
    piece = std::span(murmur_).subspan(murmured_, std::min(murmur_.size() - murmured_, size));
    murmured_ += piece.size();
  } else {
    return false;
  }
  const audio::AudioFrame frame(rate_, piece);
  transport.send(frame);
  ahead_.push(frame);
  ++counters_.frames_out;
  if (now - deadline > late_after) ++counters_.late_frames;
  if (of_turn) {
    if (sent_ > 0 && last_sent_ != core::TimePoint{}) {
      counters_.worst_gap_ms =
          std::max(counters_.worst_gap_ms, std::chrono::duration<double, std::milli>(now - last_sent_).count());
    }
    const bool first = sent_ == 0;
    sent_ += piece.size();
    if (first) {
      first_mark_ = next_mark_++;
      first_mark_at_ = now;
      transport.mark(first_mark_);
      report_(turn::PlayoutStarted{turn_});
    }
  }
  last_sent_ = now;
  return true;
}

void Playout::kick(MediaTransport& transport, core::TimePoint now) {
  if (!ahead_.empty() || turn_ == 0 || finished_ || paused_ || sent_ > 0) return;
  bool sent = send_frame(transport, now, now);
  for (int extra = 0; sent && extra < lead_frames; ++extra) sent = send_frame(transport, now, now);
}

audio::AudioFrame Playout::missed_tick() {
  if (ahead_.empty()) return audio::AudioFrame(rate_);
  const auto heard = ahead_.front();
  ahead_.pop();
  return heard;
}

audio::AudioFrame Playout::tick(MediaTransport& transport, core::TimePoint deadline, core::TimePoint now) {
  const bool idle = ahead_.empty();
  // Silence inside a turn is a gap, however long it was, unless the agent itself waits.
  if (idle && waits_) last_sent_ = {};
  bool sent = send_frame(transport, deadline, now);
  // The lead is sent once, when sound begins after silence; afterwards one frame a tick keeps it.
  for (int extra = 0; idle && sent && extra < lead_frames; ++extra) sent = send_frame(transport, deadline, now);

  const auto heard = missed_tick();
  if (turn_ != 0 && !finished_ && sent_ > 0) {
    if (complete_ && !paused_ && unsent() == 0 && !final_mark_sent_) {
      final_mark_ = next_mark_++;
      final_mark_sent_ = true;
      final_mark_at_ = now;
      transport.mark(final_mark_);
    }
    if (++since_report_ >= frames_a_report) {
      since_report_ = 0;
      report_(turn::Played{turn_, played_by_clock()});
    }
    if (final_mark_sent_ && !finished_ && now - final_mark_at_ > mark_patience + 2 * way_) finish();
  } else if (turn_ != 0 && !finished_ && complete_ && total() == 0) {
    finish();
  }
  return heard;
}

}  // namespace retell::engine
