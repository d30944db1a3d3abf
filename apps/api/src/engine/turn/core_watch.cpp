// What saves the agent's turn from silence: the watchdog's rungs, stuck playout, failing vendors, the apology.
#include <algorithm>
#include <utility>

#include "engine/turn/conversation_core.hpp"

namespace retell::engine::turn {
namespace {

constexpr Millis stall_slack{3'000};      // beyond the audio's own length before playout counts as stuck
constexpr Millis apology_within{10'000};  // then the call ends without it

}  // namespace

void ConversationCore::watch(const Reply& reply) {
  if (reply.held) return;
  const Millis own_end = reply.speech.reply_audio_end();
  const bool own_audio = reply.audible && own_end > Millis(0);
  const bool sounds = own_audio && (reply.played < own_end || (reply.model_done && reply.synthesis_done));
  if (reply.kind == Reply::Kind::apology || sounds) {
    watchdog_.sounds();
  } else {
    watchdog_.silent(own_audio ? std::max(reply.last_own_sound, reply.expected_since) : reply.expected_since);
  }
}

std::optional<TimePoint> ConversationCore::stall_at(const Reply& reply) const {
  if (reply.speculative || !reply.audible || reply.held || reply.kind == Reply::Kind::apology) return std::nullopt;
  if (reply.drained() && !(reply.model_done && reply.synthesis_done)) return std::nullopt;
  const Millis rest = std::max(Millis(0), reply.speech.duration() - reply.played);
  return reply.last_progress + rest + stall_slack;
}

bool ConversationCore::step_reply(TimePoint now) {
  Reply* reply = committed();
  if (reply == nullptr) {
    watchdog_.sounds();
    return false;
  }
  const bool nothing_to_say =
      !reply->announced && (reply->speech.empty() || (reply->synthesis_done && reply->drained()));
  if (reply->model_done && reply->tools.empty() && nothing_to_say && !reply->audible) {
    finish_reply(now);
    return true;
  }
  if (reply->synthesis_done && reply->announced && !reply->speech.has_reply_audio()) {
    fail_over(*reply, Stage::speech, now);
    return true;
  }
  if (const auto stalled = stall_at(*reply); stalled && now >= *stalled) {
    if (reply->model_done && reply->synthesis_done) {
      finish_reply(now);
    } else {
      interrupt(InterruptReason::failed, false, now);
      if (!voice_ && !caller_.empty()) await_end(voice_ended_);
    }
    return true;
  }
  watch(*reply);
  switch (watchdog_.climb(now)) {
    case SilenceWatchdog::Rung::none:
      return false;
    case SilenceWatchdog::Rung::filler:
    case SilenceWatchdog::Rung::second_filler:
      say(SayFiller{reply->turn, reply->waiting_for()});
      return true;
    case SilenceWatchdog::Rung::fail_over:
      fail_over(*reply, reply->waiting_for(), now);
      return true;
    case SilenceWatchdog::Rung::give_up:
      give_up(reply->waiting_for() == Stage::speech ? EndReason::error_tts : EndReason::error_llm, now);
      return true;
  }
  return false;
}

void ConversationCore::fail_over(Reply& reply, Stage stage, TimePoint now) {
  if (closing_) {
    end_call(*closing_);
    return;
  }
  if (stage == Stage::tool) {
    reply.tools.clear();
  } else {
    bool& done_before = stage == Stage::language ? reply.language_failed_over : reply.speech_failed_over;
    if (std::exchange(done_before, true)) {
      give_up(stage == Stage::language ? EndReason::error_llm : EndReason::error_tts, now);
      return;
    }
  }
  FailOver action{reply.turn, stage, {}};
  if (stage == Stage::speech) {
    action.unheard = reply.speech.unheard(reply.played);
    reply.speech.forget_unheard(reply.played);
    reply.announced = !action.unheard.empty();  // it will be announced anew
  } else {
    reply.model_done = false;  // what was announced before, such as a tool's own message, goes on sounding
  }
  reply.synthesis_done = false;
  watchdog_.failed_over(now);
  say(std::move(action));
}

void ConversationCore::give_up(EndReason reason, TimePoint now) {
  interrupt(InterruptReason::failed, false, now);
  Reply& apology = reply_.emplace(++last_turn_, Reply::Kind::apology, now, rate_);
  apology.guarded = true;
  closing_ = reason;
  closing_until_ = now + apology_within;
  say(Apologise{apology.turn, reason});
}

}  // namespace retell::engine::turn
