// The caller's side of the conversation core: voice, words, keys, and when the turn is over.
#include <algorithm>
#include <utility>

#include "engine/turn/conversation_core.hpp"
#include "text/words.hpp"

namespace retell::engine::turn {
namespace {

constexpr Millis verdict_time_out{1'000};  // LiveKit's; a later "finished" would talk over the caller
constexpr double worth_guessing = 0.3;     // confidence from which a speculation pays
constexpr Millis least_voice_to_ask{200};
// Voice so long that somebody surely spoke: answered even when no words were understood.
constexpr Millis surely_speech{1'500};
constexpr std::string_view unintelligible = "(unintelligible audio)";  // Retell's own words for it
// A final so soon after the turn was taken, with no new voice, still belongs to that turn.
constexpr Millis late_final{3'000};
constexpr double tells_more = 0.5;  // below this confidence a pause is one in the middle of telling

bool same_words(std::string_view a, std::string_view b) { return text::folded_words(a) == text::folded_words(b); }

}  // namespace

void ConversationCore::on(const SpeechStarted& event, TimePoint now) {
  if (voice_) return;
  if (silence_) {
    endpointing_.paused(std::chrono::duration_cast<Millis>(event.at - silence_->began));
    silence_.reset();
    withdraw_speculation(true);
  } else if (!reply_ && caller_.empty()) {
    murmur_.telling_since(event.at);
  }
  voice_ = true;
  voice_began_ = std::min(event.at, now);
  voice_since_taken_ = true;
  if (const Reply* reply = committed()) {
    shielded_ = (!reply->audible && !droppable(*reply)) || warming_up(*reply);
    if (!interruption_.paused()) said_before_ = caller_.text();
    interruption_.voice_began(voice_began_,
                              reply->audible ? InterruptionPolicy::Over::speech : InterruptionPolicy::Over::thought,
                              shielded_ || guarded(*reply));
    weigh_interruption();
  }
}

void ConversationCore::on(const SpeechEnded& event, TimePoint now) {
  if (voice_) end_voice(event.at, now);
}

void ConversationCore::end_voice(TimePoint at, TimePoint now) {
  voice_ = false;
  voice_ended_ = std::clamp(at, voice_began_, now);
  voiced_ += std::chrono::duration_cast<Millis>(voice_ended_ - voice_began_);
  ++pause_;
  say(FinalizeTranscript{pause_, voice_ended_ + settings_.final_wait});
  if (committed() != nullptr) {
    interruption_.voice_ended(voice_ended_, now);
    // What was said wholly over speech that may not be cut does not cut it afterwards either.
    shielded_ = shielded_ || guarded(*committed());
    weigh_interruption();
    return;
  }
  await_end(voice_ended_);
}

void ConversationCore::await_end(TimePoint voice_ended) {
  if (opening_pending_ && settings_.agent_speaks_first) return;  // the greeting answers whatever was said before it
  silence_ = Silence{.pause = pause_, .began = voice_ended, .settled = pause_ > 0 && settled_pause_ == pause_};
}

void ConversationCore::on(const PartialTranscript& event, TimePoint now) {
  caller_words(caller_.partial(event.utterance, event.text, now), false, now);
}

void ConversationCore::on(const FinalTranscript& event, TimePoint now) {
  caller_words(caller_.final(event.utterance, event.text, event.words, voice_since_taken_, now), true, now);
}

void ConversationCore::on(const TranscriptSettled& event, TimePoint) {
  settled_pause_ = std::max(settled_pause_, std::min(event.pause, pause_));
  if (silence_ && silence_->pause == event.pause) silence_->settled = true;
  weigh_interruption();
}

void ConversationCore::on(const EndOfTurnVerdict& event, TimePoint now) {
  const bool current = silence_ && silence_->asked && silence_->pause == event.pause;
  if (!current || now > silence_->asked_at + verdict_time_out) {
    ++stale_;
    return;
  }
  silence_->verdict = event.probability;
}

void ConversationCore::caller_words(CallerTurn::Change change, bool final, TimePoint now) {
  const Reply* reply = committed();
  if (reply != nullptr && interruption_.active()) weigh_interruption();
  if (change == CallerTurn::Change::none) return;
  if (change == CallerTurn::Change::answered) {
    if (reply != nullptr && !reply->audible && droppable(*reply) && !corrected_) {
      ask_anew(now);
    } else {
      history_.correct_caller(caller_.answered_text(), caller_.answered_words());
    }
    return;
  }
  if (reply == nullptr) {
    handing_over_ = false;
    // Words without voice were said too softly for the detector: each new one shows that there was speech until now.
    const bool unvoiced = !voice_ && (!silence_ || silence_->unvoiced);
    if (unvoiced) await_end(final ? std::max(voice_ended_, now - settings_.final_wait) : now);
    if (unvoiced && silence_) silence_->unvoiced = true;
  } else if (final && !voice_since_taken_) {
    late_words(now);
  }
}

// A new utterance is final, though there was no voice since the turn was taken: the end of what was said before.
void ConversationCore::late_words(TimePoint now) {
  const Reply* reply = committed();
  if (now > reply->begun + late_final) return;  // said too softly for the detector; kept until the agent has finished
  if (!reply->audible && droppable(*reply) && !corrected_) {
    ask_anew(now);
    return;
  }
  caller_.reopen();
  history_.correct_caller(caller_.text(), caller_.words());
  caller_.take();
}

void ConversationCore::ask_anew(TimePoint now) {
  const auto speech_ended = reply_ ? reply_->timing.speech_ended : std::nullopt;
  interrupt(InterruptReason::transcript_changed, true, now);
  await_end(speech_ended.value_or(now));
  take_turn(now, caller_.text());
  corrected_ = true;
}

void ConversationCore::note_caller_words() {
  idle_.caller_said_something();
  handing_over_ = false;
}

Endpointing::Evidence ConversationCore::evidence(const Silence& silence) const {
  return {text::turn_end_likelihood(caller_.text(), settings_.language), silence.verdict};
}

TimePoint ConversationCore::turn_ends_at(const Silence& silence) const {
  return silence.began + endpointing_.delay(evidence(silence));
}

bool ConversationCore::words_settled(const Silence& silence, TimePoint now) const {
  if (silence.settled || now >= silence.began + settings_.final_wait) return true;
  return caller_.last_final() > silence.began && !caller_.has_open_partial();
}

bool ConversationCore::step_silence(TimePoint now) {
  if (!silence_ || voice_) return false;
  Silence& silence = *silence_;
  if (caller_.empty()) {
    ask_and_guess(silence, now);
    if (!words_settled(silence, now)) return false;
    no_words_came(now);
    return true;
  }
  if (digits_.empty() && now >= turn_ends_at(silence) && words_settled(silence, now)) {
    take_turn(now, caller_.text());
    return true;
  }
  ask_and_guess(silence, now);
  return false;
}

void ConversationCore::ask_and_guess(Silence& silence, TimePoint now) {
  const bool something = !caller_.empty() || voiced_ >= least_voice_to_ask;
  if (settings_.end_of_turn_model && !silence.asked && something && now >= silence.began + ask_after) {
    silence.asked = true;
    silence.asked_at = now;
    say(AskEndOfTurn{silence.pause});
  }
  if (caller_.empty()) return;
  if (!silence.murmured && now >= silence.began + murmur_after) {
    silence.murmured = true;
    const bool goes_on = Endpointing::confidence(evidence(silence)) < tells_more;
    if (auto word = goes_on ? murmur_.at_pause(now) : std::nullopt) say(Backchannel{std::move(*word)});
  }
  const std::string text = caller_.text();
  if (reply_ && !same_words(reply_->text, text)) withdraw_speculation(true);
  const bool promising = caller_.is_stable() && Endpointing::confidence(evidence(silence)) >= worth_guessing;
  if (reply_ || !promising || !digits_.empty() || !budget_.may_try() || now < silence.began + speculate_after) return;
  budget_.tried();
  Reply& guess = reply_.emplace(++last_turn_, Reply::Kind::answer, now, rate_);
  guess.speculative = true;
  guess.text = text;
  guess.timing.asked = now;
  guess.timing.speculated = true;
  say(SpeculateTurn{guess.turn, text, reopened_});
}

void ConversationCore::withdraw_speculation(bool judged_wrong) {
  if (!reply_ || !reply_->speculative) return;
  if (judged_wrong) budget_.judged(false);
  say(AbandonSpeculation{reply_->turn});
  reply_.reset();
}

void ConversationCore::take_turn(TimePoint now, std::string text) {
  if (reply_ && !same_words(reply_->text, text)) withdraw_speculation(true);
  history_.caller(text, caller_.words(), reopened_);
  TurnTimed& timing = reply_ ? commit(*reply_, now) : begin_reply(Reply::Kind::answer, std::move(text), now).timing;
  timing.speech_ended = silence_ ? silence_->began : now;
  if (const TimePoint last_words = caller_.last_change(); last_words > TimePoint{}) timing.transcript = last_words;
  misunderstood_ = caller_.empty();
  caller_.take();
  silence_.reset();
  reopened_ = owed_ = corrected_ = voice_since_taken_ = opening_pending_ = false;
  voiced_ = Millis(0);
  budget_.new_turn();
  note_caller_words();
}

TurnTimed& ConversationCore::commit(Reply& guess, TimePoint now) {
  budget_.judged(true);
  guess.speculative = false;
  guess.begun = now;
  guess.expected_since = now;
  guess.timing.decided = now;
  watchdog_.begin_turn();
  interruption_.reset();
  say(CommitTurn{guess.turn});
  return guess.timing;
}

void ConversationCore::no_words_came(TimePoint now) {
  if (owed_ || (voiced_ >= surely_speech && !misunderstood_)) {
    take_turn(now, std::string(unintelligible));
    return;
  }
  withdraw_speculation(true);
  silence_.reset();
  voiced_ = Millis(0);
}

// Voice that lasts without a new word: noise behind the caller, or a detector that hangs. The words there are count as
// finished; the noise itself is not answered.
bool ConversationCore::step_voice(TimePoint now) {
  if (!voice_ || committed() != nullptr) return false;
  const TimePoint last_sign = std::max(voice_began_, caller_.last_change());
  if (now < last_sign + settings_.voice_without_words) return false;
  end_voice(caller_.empty() ? now : last_sign, now);
  voiced_ = Millis(0);
  return true;
}

void ConversationCore::on(const Digit& event, TimePoint now) {
  if (!settings_.allow_user_dtmf) return;
  digits_.press(event.digit, now);
  note_caller_words();
  const Reply* reply = committed();
  if (reply == nullptr || closing_) return;
  const bool cuts =
      reply->audible ? settings_.allow_dtmf_interruption && reply->after != AfterReply::hand_over : droppable(*reply);
  if (!cuts) return;
  interrupt(InterruptReason::digit, true, now);
  if (!voice_ && !caller_.empty()) await_end(voice_ended_);
}

bool ConversationCore::step_digits(TimePoint now) {
  const bool greeting_comes = opening_pending_ && settings_.agent_speaks_first;
  if (!digits_.complete(now) || voice_ || greeting_comes || committed() != nullptr) return false;
  withdraw_speculation(false);
  if (!caller_.empty()) history_.caller(caller_.text(), caller_.words(), reopened_);
  caller_.take();
  silence_.reset();
  reopened_ = owed_ = corrected_ = voice_since_taken_ = opening_pending_ = false;
  voiced_ = Millis(0);
  budget_.new_turn();
  const std::string digits = digits_.take();
  history_.digits(digits);
  begin_reply(Reply::Kind::digits, digits, now);
  note_caller_words();
  return true;
}

}  // namespace retell::engine::turn
