// The agent's side of the conversation core: the open reply, and what interrupts it.
#include <algorithm>
#include <utility>

#include "engine/turn/conversation_core.hpp"
#include "text/words.hpp"

namespace retell::engine::turn {
namespace {

constexpr Millis settle_within{2'000};  // for the far end to say what it had played
// A back-channel so near the end of the agent's speech is an answer to it (LiveKit's boundary).
constexpr Millis answer_boundary{1'000};
constexpr std::size_t hello_words = 3;
// So many words in a row, equal to the agent's own, are no coincidence and are dropped; fewer do not cut the agent but
// may be a caller who repeats what was said, so they are kept.
constexpr std::size_t echo_words = 3;
constexpr std::size_t likely_echo_words = 2;

TurnKind public_kind(Reply::Kind kind) {
  switch (kind) {
    case Reply::Kind::digits:
      return TurnKind::digits;
    case Reply::Kind::opening:
      return TurnKind::opening;
    case Reply::Kind::reminder:
      return TurnKind::reminder;
    case Reply::Kind::requested:
      return TurnKind::requested;
    default:
      return TurnKind::answer;
  }
}

}  // namespace

Reply* ConversationCore::open(TurnId turn) {
  if (reply_ && reply_->turn == turn) return &*reply_;
  ++stale_;
  return nullptr;
}

Reply* ConversationCore::committed() { return reply_ && !reply_->speculative ? &*reply_ : nullptr; }

Reply& ConversationCore::begin_reply(Reply::Kind kind, std::string text, TimePoint now) {
  Reply& reply = reply_.emplace(++last_turn_, kind, now, rate_);
  reply.text = text;
  reply.timing.asked = now;
  reply.timing.decided = now;
  watchdog_.begin_turn();
  interruption_.reset();
  handing_over_ = false;
  say(StartTurn{reply.turn, public_kind(kind), std::move(text)});
  return reply;
}

bool ConversationCore::guarded(const Reply& reply) const {
  if (reply.guarded || settings_.interruption_sensitivity <= 0) return true;
  if (reply.after == AfterReply::hand_over && settings_.protect_hand_over) return true;
  if (warming_up(reply)) return true;
  return reply.audible && reply.speech.uninterruptible_at(reply.played);
}

bool ConversationCore::warming_up(const Reply& reply) const {
  return !agent_has_spoken_ && reply.audible && reply.played < settings_.echo_warm_up;
}

bool ConversationCore::droppable(const Reply& reply) const {
  const bool fixed =
      reply.kind == Reply::Kind::opening || reply.kind == Reply::Kind::requested || reply.kind == Reply::Kind::apology;
  return !fixed && !reply.guarded;
}

void ConversationCore::on(const ModelDelta& event, TimePoint now) {
  if (Reply* reply = open(event.turn); reply && !reply->timing.first_token) reply->timing.first_token = now;
}

void ConversationCore::on(const ModelDone& event, TimePoint) {
  if (Reply* reply = open(event.turn)) {
    reply->model_done = true;
    reply->after = event.after;
  }
}

void ConversationCore::on(const ModelFailed& event, TimePoint now) {
  Reply* reply = open(event.turn);
  if (reply == nullptr || reply->model_done) return;
  if (reply->speculative) {
    withdraw_speculation(false);
  } else if (reply->announced) {
    reply->model_done = true;  // what was said so far has to do
  } else {
    fail_over(*reply, Stage::language, now);
  }
}

void ConversationCore::on(const ClauseQueued& event, TimePoint now) {
  Reply* reply = open(event.turn);
  if (reply == nullptr) return;
  reply->speech.queue(event, reply->part);
  if (event.filler) return;
  reply->announced = true;
  if (!reply->timing.first_clause) reply->timing.first_clause = now;
}

void ConversationCore::on(const ClauseAudio& event, TimePoint now) {
  Reply* reply = open(event.turn);
  if (reply == nullptr) return;
  const bool had_audio = reply->speech.has_reply_audio();
  const Millis before = reply->speech.duration();
  const bool was_drained = reply->drained();
  reply->speech.audio(event);
  if (reply->speech.duration() == before) return;
  if (was_drained) reply->last_progress = now;        // playout begins anew from here
  if (reply->speech.is_filler(event.clause)) return;  // covers the waiting, does not end it
  if (!had_audio) reply->timing.first_audio = now;
  if (!reply->audible) reply->expected_since = now;
  if (reply->tools.empty()) watchdog_.progress();
}

void ConversationCore::on(const ClauseWords& event, TimePoint) {
  if (Reply* reply = open(event.turn)) reply->speech.word_times(event);
}

void ConversationCore::on(const SynthesisDone& event, TimePoint now) {
  Reply* reply = open(event.turn);
  if (reply == nullptr) return;
  reply->synthesis_done = true;
  reply->speech.complete();
  if (!reply->speculative && reply->announced && !reply->speech.has_reply_audio())
    fail_over(*reply, Stage::speech, now);
}

void ConversationCore::on(const SynthesisFailed& event, TimePoint now) {
  Reply* reply = open(event.turn);
  if (reply == nullptr) return;
  if (reply->speculative) {
    withdraw_speculation(false);
  } else {
    fail_over(*reply, Stage::speech, now);
  }
}

void ConversationCore::became_audible(Reply& reply, TimePoint now) {
  if (!reply.audible) {
    reply.audible = true;
    reply.audible_at = now;
    reply.last_progress = now;
  }
  // A filler is heard, but the waiting goes on: the turn is measured by its own first sound.
  if (reply.timed || !reply.speech.has_reply_audio()) return;
  reply.timed = true;
  reply.timing.audible = now;
  say(reply.timing);
}

void ConversationCore::on(const PlayoutStarted& event, TimePoint now) {
  if (Reply* reply = open(event.turn); reply && !reply->speculative) became_audible(*reply, now);
}

void ConversationCore::on(const Played& event, TimePoint now) {
  const auto old = std::ranges::find_if(settling_, [&](const Settling& s) { return s.reply.turn == event.turn; });
  if (old != settling_.end()) {
    old->reply.played = std::max(old->reply.played, event.played);
    write_down(old->reply);
    return;
  }
  Reply* reply = open(event.turn);
  if (reply == nullptr || reply->speculative) return;
  became_audible(*reply, now);
  if (event.played <= reply->played) return;
  if (reply->played < reply->speech.reply_audio_end()) reply->last_own_sound = now;
  reply->played = event.played;
  reply->last_progress = now;
  write_down(*reply);
}

void ConversationCore::on(const PlayoutFinished& event, TimePoint now) {
  Reply* reply = open(event.turn);
  if (reply == nullptr || reply->speculative) return;
  reply->played = std::max(reply->played, reply->speech.duration());
  if (reply->speech.has_reply_audio()) became_audible(*reply, now);
  finish_reply(now);
}

void ConversationCore::on(const PlayoutStopped& event, TimePoint) {
  const auto old = std::ranges::find_if(settling_, [&](const Settling& s) { return s.reply.turn == event.turn; });
  if (old == settling_.end()) {
    ++stale_;
    return;
  }
  old->reply.played = event.played;
  write_down(old->reply);
  history_.interrupted(event.turn);
  if (!ended_) say(TurnSettled{event.turn, true});
  settling_.erase(old);
}

void ConversationCore::on(const ToolStarted& event, TimePoint now) {
  history_.tool_started(event.turn, event.id, event.name, event.arguments);
  Reply* reply = open(event.turn);
  if (reply == nullptr) return;
  ++reply->part;
  reply->announced = false;
  reply->tools[event.id] = now + event.timeout;
  watchdog_.tool_runs(now, now + event.timeout);
}

void ConversationCore::on(const ToolFinished& event, TimePoint now) {
  history_.tool_finished(event.turn, event.id, event.content, event.successful);
  if (!reply_ || reply_->turn != event.turn) return;
  ++reply_->part;
  if (reply_->tools.erase(event.id) == 0 || !reply_->tools.empty()) return;
  reply_->expected_since = now;
  watchdog_.tool_ended(now);
}

void ConversationCore::write_down(Reply& reply) {
  const double begin = history_.seconds(reply.audible_at);
  for (std::size_t part = 0; part <= reply.part; ++part) {
    HeardWords::Line line = reply.speech.heard(part, reply.played);
    for (TimedWord& word : line.words) {
      word.start += begin;
      word.end += begin;
    }
    history_.agent(reply.turn, part, std::move(line.text), std::move(line.words));
  }
}

void ConversationCore::finish_reply(TimePoint now) {
  if (!reply_) return;
  Reply old = std::move(*reply_);
  reply_.reset();
  if (old.audible) {
    old.speech.complete();
    write_down(old);
    agent_has_spoken_ = true;
  }
  say(TurnSettled{old.turn, false});
  interruption_.reset();
  watchdog_.begin_turn();
  if (old.kind != Reply::Kind::reminder) idle_.agent_answered();
  if (closing_) {
    end_call(*closing_);
  } else if (old.after == AfterReply::hang_up) {
    end_call(EndReason::agent_hangup);
  } else {
    if (old.after == AfterReply::hand_over) {
      handing_over_ = true;
      say(HandOver{old.turn});
    }
    words_left_over(old, now);
  }
}

// What the caller said under the agent's speech without cutting it: an answer, an aside, or a turn of its own.
void ConversationCore::words_left_over(const Reply& finished, TimePoint now) {
  if (voice_) return;
  if (caller_.empty()) {
    const bool words_under_way = voice_since_taken_ && now < voice_ended_ + settings_.final_wait;
    if (words_under_way) await_end(voice_ended_);
    return;
  }
  if (is_echo(echo_words)) {
    caller_.set_aside();
    voiced_ = Millis(0);
    return;
  }
  const bool murmur = is_murmur() && now > std::max(voice_ended_, resumed_at_) + answer_boundary;
  // A "hello?" on which the greeting began has been answered by it.
  const bool hello = finished.kind == Reply::Kind::opening && voice_began_ < finished.audible_at &&
                     text::split_words(caller_.text()).size() <= hello_words;
  if (murmur || hello) {
    set_words_aside();
  } else {
    await_end(voice_ended_);
  }
}

// What the caller said under the agent's speech asks for nothing.
bool ConversationCore::is_murmur() const {
  const std::string said = caller_.text();
  return text::is_back_channel(said, settings_.language) ||
         (voiced_ < short_burst && trails_off(said, settings_.language)) ||
         too_fast_to_be_said(text::split_words(said).size(), voiced_);
}

// The agent's own words coming back through the caller's microphone.
bool ConversationCore::is_echo(std::size_t least_words) const {
  const auto said = text::folded_words(caller_.text());
  if (said.size() < least_words) return false;
  for (auto entry = history_.entries().rbegin(); entry != history_.entries().rend(); ++entry) {
    if (entry->line.role != Utterance::Role::agent) continue;
    const auto spoken = text::folded_words(entry->line.content);
    return !std::ranges::search(spoken, said).empty();
  }
  return false;
}

void ConversationCore::set_words_aside() {
  history_.caller_aside(caller_.text(), caller_.words());
  caller_.set_aside();
  voiced_ = Millis(0);
  note_caller_words();
}

void ConversationCore::interrupt(InterruptReason reason, bool reopen, TimePoint now) {
  if (!reply_) return;
  Reply old = std::move(*reply_);
  reply_.reset();
  say(Interrupt{old.turn, reason});
  watchdog_.begin_turn();
  interruption_.reset();
  if (old.audible) write_down(old);
  const bool heard = old.part > 0 || !old.speech.heard(0, old.played).text.empty();
  if (reopen) {
    owed_ = old.kind != Reply::Kind::reminder;
    reopened_ = old.kind == Reply::Kind::answer && !(old.audible && heard);
    if (reopened_) caller_.reopen();
    if (reopened_ && reason != InterruptReason::transcript_changed && old.timing.speech_ended) {
      endpointing_.cut_off(std::chrono::duration_cast<Millis>(voice_began_ - *old.timing.speech_ended));
    }
  }
  if (!old.audible) return;
  agent_has_spoken_ = true;
  history_.interrupted(old.turn);
  settling_.push_back({std::move(old), now + settle_within});
}

void ConversationCore::weigh_interruption() {
  if (!interruption_.active()) return;
  const bool settled =
      !voice_ && (settled_pause_ == pause_ || (caller_.last_final() > voice_ended_ && !caller_.has_open_partial()));
  // Only what this burst brought: a "yeah" is one still, whatever stands before it.
  const std::string said = caller_.text();
  const bool goes_on = said.starts_with(said_before_);
  auto words = weigh_words(goes_on ? std::string_view(said).substr(said_before_.size()) : said, caller_.is_stable(),
                           settled, settings_.language);
  if (!goes_on) {  // put differently by the transcriber
    words.content -= weigh_words(said_before_, true, true, settings_.language).content;
  }
  if (is_echo(likely_echo_words)) words.content = 0;
  words.content = std::max(0, words.content);
  interruption_.set_words(words);
}

bool ConversationCore::step_interruption(TimePoint now) {
  Reply* reply = committed();
  if (reply == nullptr) {
    interruption_.reset();
    return false;
  }
  interruption_.set_guarded(reply->audible ? shielded_ || guarded(*reply) : !droppable(*reply));
  switch (interruption_.decide(now)) {
    case InterruptionPolicy::Decision::pause:
      reply->held = true;
      watchdog_.hold(now);
      say(PausePlayout{reply->turn});
      return true;
    case InterruptionPolicy::Decision::resume:
      reply->held = false;
      reply->last_progress = reply->last_own_sound = now;
      watchdog_.release(now);
      resumed_at_ = now;
      say(ResumePlayout{reply->turn});
      return true;
    case InterruptionPolicy::Decision::interrupt: {
      const bool audible = reply->audible;
      interrupt(audible ? InterruptReason::caller_spoke : InterruptReason::caller_resumed, true, now);
      if (!voice_) await_end(voice_ended_);
      return true;
    }
    case InterruptionPolicy::Decision::none:
      break;
  }
  const bool overlap_over = !interruption_.active() && !voice_ && !caller_.empty();
  if (overlap_over && is_murmur()) set_words_aside();
  return false;
}

bool ConversationCore::step_settling(TimePoint now) {
  const auto late = std::ranges::find_if(settling_, [&](const Settling& s) { return now >= s.until; });
  if (late == settling_.end()) return false;
  say(TurnSettled{late->reply.turn, true});
  settling_.erase(late);
  return true;
}

}  // namespace retell::engine::turn
