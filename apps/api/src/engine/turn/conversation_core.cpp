#include "engine/turn/conversation_core.hpp"

#include <algorithm>
#include <utility>

#include "engine/turn/soonest.hpp"

namespace retell::engine::turn {
namespace {

// The greeting does not wait longer than this for a caller who speaks first, and leaves a short gap behind its words.
constexpr Millis opening_yields{3'000};
constexpr Millis opening_gap{300};
// More steps than any moment can have due: reached only by a bug, and then the next event goes on from there.
constexpr int most_steps = 64;

}  // namespace

ConversationCore::ConversationCore(ConversationSettings settings)
    : settings_(std::move(settings)),
      endpointing_(settings_),
      murmur_(settings_),
      interruption_(settings_),
      watchdog_(settings_.watchdog),
      idle_(settings_) {
  apply_settings();
}

void ConversationCore::apply_settings() {
  endpointing_.configure(settings_);
  murmur_.configure(settings_);
  interruption_.configure(settings_);
  watchdog_.configure(settings_.watchdog);
  idle_.configure(settings_);
  digits_.configure(settings_.user_dtmf);
  budget_.allow(settings_.speculate);
}

void ConversationCore::handle(const Event& event, TimePoint now, Actions& out) {
  now_ = std::max(now_, now);
  out_ = &out;
  const bool about_the_past =
      std::holds_alternative<PlayoutStopped>(event) || std::holds_alternative<ToolFinished>(event);
  const bool about_the_call = std::holds_alternative<CallBegan>(event) || std::holds_alternative<Ended>(event) ||
                              std::holds_alternative<SettingsChanged>(event);
  if (ended_ ? !about_the_past : !running_ && !about_the_call) {
    ++stale_;
    return;
  }
  const auto catch_up = [this] {
    for (int i = 0; i < most_steps && running_ && !ended_; ++i) {
      if (!step(now_)) return;
    }
  };
  catch_up();
  if (ended_ && !about_the_past) return;
  std::visit([this](const auto& e) { on(e, now_); }, event);
  catch_up();
}

bool ConversationCore::step(TimePoint now) {
  if (now >= began_ + settings_.max_call_duration) {
    end_call(EndReason::max_duration_reached);
    return true;
  }
  if (closing_ && now >= closing_until_) {
    end_call(*closing_);
    return true;
  }
  return step_voice(now) || step_interruption(now) || step_digits(now) || step_silence(now) || step_opening(now) ||
         step_reply(now) || step_settling(now) || step_idle(now);
}

std::optional<TimePoint> ConversationCore::next_deadline() const {
  if (!running_ || ended_) return std::nullopt;
  Soonest next(now_);
  next.at(began_ + settings_.max_call_duration);
  if (closing_) next.at(closing_until_);
  if (voice_) next.at(std::max(voice_began_, caller_.last_change()) + settings_.voice_without_words);
  next.at(interruption_.deadline(now_));
  next.at(digits_.deadline());
  if (silence_) {
    next.at(silence_->began + speculate_after);
    next.at(silence_->began + ask_after);
    next.at(silence_->began + murmur_after);
    next.at(silence_->began + settings_.final_wait);
    if (!caller_.empty()) next.at(turn_ends_at(*silence_));
  }
  if (opening_pending_) next.at(opening_due());
  next.at(watchdog_.deadline(now_));
  if (reply_) next.at(stall_at(*reply_));
  for (const Settling& settling : settling_) next.at(settling.until);
  next.at(idle_.deadline(now_));
  return next.when();
}

ConversationCore::Floor ConversationCore::floor() const {
  if (ended_) return Floor::ended;
  if (reply_ && !reply_->speculative) {
    if (reply_->held) return Floor::agent_paused;
    return reply_->audible ? Floor::agent_speaking : Floor::agent_thinking;
  }
  return voice_ || silence_ || !caller_.empty() ? Floor::caller : Floor::nobody;
}

bool ConversationCore::quiet() const { return !voice_ && !silence_ && !reply_ && caller_.empty() && digits_.empty(); }

void ConversationCore::on(const CallBegan&, TimePoint now) {
  if (running_) return;
  running_ = true;
  began_ = now;
  history_.began(now);
  opening_pending_ = settings_.agent_speaks_first || settings_.begin_after_user_silence;
  opening_at_ = now + (settings_.agent_speaks_first ? settings_.begin_message_delay
                                                    : settings_.begin_after_user_silence.value_or(Millis(0)));
}

void ConversationCore::on(const Ended& event, TimePoint) {
  if (!ended_) end_call(event.reason);
}

void ConversationCore::on(const SettingsChanged& event, TimePoint) {
  settings_ = event.settings;
  apply_settings();
}

void ConversationCore::on(const ReplyRequested& event, TimePoint now) {
  if (closing_) return;
  if (committed() != nullptr) {
    interrupt(InterruptReason::replaced, false, now);
  } else {
    withdraw_speculation(false);
  }
  if (!caller_.empty()) {
    history_.caller(caller_.text(), caller_.words(), reopened_);
    caller_.take();
  }
  reopened_ = false;
  silence_.reset();
  opening_pending_ = false;
  begin_reply(Reply::Kind::requested, {}, now).guarded = event.uninterruptible;
}

void ConversationCore::on(const HearingFailed&, TimePoint now) { take_leave(EndReason::error_stt, now); }

void ConversationCore::on(const ShuttingDown&, TimePoint now) { take_leave(EndReason::server_shutdown, now); }

void ConversationCore::take_leave(EndReason reason, TimePoint now) {
  if (closing_) return;
  withdraw_speculation(false);
  silence_.reset();
  opening_pending_ = false;
  give_up(reason, now);
}

std::optional<TimePoint> ConversationCore::opening_due() const {
  if (!settings_.agent_speaks_first) {
    if (voice_) return std::nullopt;
    return std::max(opening_at_, voice_ended_ + settings_.begin_after_user_silence.value_or(Millis(0)));
  }
  const TimePoint latest = opening_at_ + opening_yields;
  if (voice_) return std::max(opening_at_, latest);
  const bool spoke = voice_ended_ > began_;
  return spoke ? std::clamp(voice_ended_ + opening_gap, opening_at_, latest) : opening_at_;
}

bool ConversationCore::step_opening(TimePoint now) {
  if (!opening_pending_ || reply_) return false;
  if (!settings_.agent_speaks_first && !quiet()) return false;
  const auto due = opening_due();
  if (!due || now < *due) return false;
  opening_pending_ = false;
  silence_.reset();
  if (!caller_.empty()) {  // "hello?" before the greeting: written down, and answered by the greeting
    history_.caller(caller_.text(), caller_.words(), false);
    caller_.take();
    note_caller_words();
  }
  begin_reply(Reply::Kind::opening, {}, now);
  return true;
}

bool ConversationCore::step_idle(TimePoint now) {
  const bool greeting_comes = opening_pending_ && settings_.agent_speaks_first;
  if (!quiet() || greeting_comes || handing_over_) {
    idle_.busy();
    return false;
  }
  idle_.idle(now, agent_has_spoken_);
  switch (idle_.due(now)) {
    case IdleClock::Due::nothing:
      return false;
    case IdleClock::Due::reminder:
      begin_reply(Reply::Kind::reminder, {}, now);
      return true;
    case IdleClock::Due::hang_up:
      end_call(EndReason::inactivity);
      return true;
  }
  return false;
}

void ConversationCore::end_call(EndReason reason) {
  // What was heard of the open turn is the last that the transcript learns, unless PlayoutStopped knows better.
  if (reply_ && reply_->audible) {
    write_down(*reply_);
    history_.interrupted(reply_->turn);
    settling_.push_back({std::move(*reply_), now_});
  }
  reply_.reset();
  if (!caller_.empty()) {
    history_.caller(caller_.text(), caller_.words(), reopened_);
    caller_.take();
  }
  ended_ = true;
  say(EndCall{reason});
}

}  // namespace retell::engine::turn
