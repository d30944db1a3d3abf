#include "conversations/world.hpp"

#include <algorithm>

#include "text/words.hpp"

namespace retell::engine::turn::world {
namespace {

using Fault = ScriptedReply::Fault;

constexpr Millis frame{20};
constexpr Millis report_every{100};

std::vector<std::string> sentences(const std::string& text) {
  std::vector<std::string> result;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool stop = text[i] == '.' || text[i] == '?' || text[i] == '!';
    if (!stop || (i + 1 < text.size() && text[i + 1] != ' ')) continue;
    result.push_back(text.substr(begin, i + 1 - begin));
    begin = std::min(i + 2, text.size());
  }
  if (begin < text.size()) result.push_back(text.substr(begin));
  return result;
}

// A running reply is looked at again at least so often: by a filler, a fall-back, or when its clause should be over.
constexpr Millis longest_wait{15'000};
constexpr Millis longest_pause{2'000};

}  // namespace

std::vector<std::string> Sounded::all_words() const {
  std::vector<std::string> out;
  for (const Clause& clause : clauses) out.insert(out.end(), clause.words.begin(), clause.words.end());
  return out;
}

std::vector<std::string> Sounded::heard_words(Millis word) const {
  std::vector<std::string> out;
  for (const Clause& clause : clauses) {
    Millis middle = clause.begin + word / 2;
    for (const auto& text : clause.words) {
      if (middle > played) break;
      out.push_back(text);
      middle += word;
    }
  }
  return out;
}

World::World(ConversationSettings settings, Delays delays, std::vector<ScriptedReply> replies)
    : core_(std::move(settings)), delays_(delays), replies_(std::move(replies)) {
  event(Millis(0), CallBegan{});
}

void World::in(Millis delay, std::function<void()> run) { queue_.push({now_ + delay, order_++, std::move(run)}); }

void World::event(Millis at, Event event) {
  queue_.push({at, order_++, [this, event = std::move(event)] { give(event); }});
}

void World::at(Millis at, std::function<void()> what) { queue_.push({at, order_++, std::move(what)}); }

void World::unasked_final(Millis at, const std::string& text) {
  this->at(at, [this, text] { give(FinalTranscript{utterance_++, text, {}}); });
}

void World::caller(Millis at, const CallerLine& line) {
  const Millis end = at + line.lasts;
  if (line.voiced) {
    event(at + std::min(delays_.voice_start, line.lasts), SpeechStarted{time(at)});
    event(end + delays_.voice_end, SpeechEnded{time(end)});
  }
  const auto words = text::split_words(line.text);
  if (words.empty()) return;
  const auto count = static_cast<Millis::rep>(words.size());
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Millis said = at + line.lasts * (static_cast<Millis::rep>(i) + 1) / count;
    // The last partial has the text as written, with its punctuation.
    const std::string so_far = i + 1 == words.size() ? line.text : line.text.substr(0, words[i].end);
    const std::string before = i == 0 ? std::string() : line.text.substr(0, words[i - 1].end);
    queue_.push({said, order_++, [this, so_far, before, line] {
                   heard_ = heard_.substr(0, heard_.size() - std::min(heard_.size(), before.size()));
                   if (!heard_.empty() && heard_.back() != ' ') heard_ += ' ';
                   heard_ += so_far;
                   final_text_ = line.final;
                   final_after_ = line.final_after;
                   never_final_ = line.never_final;
                   if (!line.partials) return;
                   in(delays_.partial, [this, text = heard_, utterance = utterance_] {
                     if (utterance == utterance_) give(PartialTranscript{utterance, text});
                   });
                 }});
  }
  if (!line.voiced) {
    queue_.push({end, order_++, [this] { transcriber_finalises({}); }});
  }
}

void World::transcriber_finalises(const FinalizeTranscript& action) {
  if (heard_.empty() || never_final_) {
    if (delays_.settles && action.pause > 0 && !never_final_) {
      in(delays_.final, [this, pause = action.pause] { give(TranscriptSettled{pause}); });
    }
    return;
  }
  const std::string text = final_text_.value_or(heard_);
  const UtteranceId utterance = utterance_;
  const Millis delay = final_after_.value_or(delays_.final);
  heard_.clear();
  in(delay, [this, text, utterance, pause = action.pause] {
    if (utterance_ == utterance) ++utterance_;
    give(FinalTranscript{utterance, text, {}});
    if (delays_.settles && pause > 0) give(TranscriptSettled{pause});
  });
}

void World::give(const Event& event) {
  if (over_ && !std::holds_alternative<PlayoutStopped>(event) && !std::holds_alternative<ToolFinished>(event)) return;
  inbox_.push_back(event);
  if (inbox_.size() > 1) return;  // carried out below, in order, never from inside
  while (!inbox_.empty()) {
    const Event next = inbox_.front();
    Actions actions;
    core_.handle(next, time(now_), actions);
    for (const Action& action : actions) {
      log_.push_back({now_, action});
      carry_out(action);
    }
    check_deadline();
    inbox_.erase(inbox_.begin());
  }
}

// Whatever has happened, the core will look again, and soon when it is the agent's turn.
void World::check_deadline() {
  using Floor = ConversationCore::Floor;
  const Floor floor = core_.floor();
  const auto deadline = core_.next_deadline();
  if (floor == Floor::ended || now_ == Millis(0)) return;
  if (!deadline) {
    failure_ = "no deadline in a running call";
  } else if (*deadline <= time(now_)) {
    failure_ = "a deadline that does not lie ahead";
  } else if (floor == Floor::agent_paused && *deadline > time(now_ + longest_pause)) {
    failure_ = "a pause without an end";
  } else if ((floor == Floor::agent_thinking || floor == Floor::agent_speaking) &&
             *deadline > time(now_ + longest_wait)) {
    failure_ = "the agent's turn is left to itself";
  }
}

// A new attempt: what had not begun to sound never will.
void World::cut_sounded(TurnId id, Millis played) {
  auto& clauses = sounded_[id].clauses;
  ++sounded_[id].cuts;
  std::erase_if(clauses, [&](const Sounded::Clause& clause) { return clause.begin >= played; });
  if (clauses.empty()) return;
  auto& last = clauses.back();
  const auto rest = played - last.begin;
  const auto kept = static_cast<std::size_t>((rest + delays_.word / 2) / delays_.word);
  if (kept < last.words.size()) last.words.resize(kept);
  last.duration = std::min(last.duration, rest);
}

void World::start(TurnId id, bool committed) {
  const int attempt = turn_ ? turn_->attempt + 1 : 0;
  turn_.emplace();
  turn_->id = id;
  turn_->attempt = attempt;
  turn_->committed = committed;
  if (next_reply_ < replies_.size()) turn_->script = replies_[next_reply_++];
  model_runs(turn_->script.model_delay.value_or(delays_.model));
}

void World::model_runs(Millis delay) {
  const TurnId id = turn_->id;
  const int attempt = turn_->attempt;
  const Fault fault = turn_->script.model;
  if (fault == Fault::silent) return;
  in(delay, [this, id, attempt, fault] {
    if (!alive(id, attempt)) return;
    if (fault == Fault::error) return give(ModelFailed{id});
    give(ModelDelta{id});
    if (!alive(id, attempt)) return;
    const auto clauses = fault == Fault::empty ? std::vector<std::string>{} : sentences(turn_->script.text);
    Millis later{0};
    for (const auto& clause : clauses) {
      in(later, [this, id, attempt, clause] {
        if (alive(id, attempt)) speak(clause, false, turn_->script.voice);
      });
      later += delays_.clause;
    }
    in(later, [this, id, attempt] {
      if (!alive(id, attempt)) return;
      const auto tool = std::exchange(turn_->script.tool, std::nullopt);
      if (!tool) return announce_done();
      const auto call = [this, id, attempt, tool = *tool] {
        if (!alive(id, attempt)) return;
        give(ToolStarted{id, "call_1", tool.name, "{}", tool.timeout});
        in(tool.takes, [this, id, attempt, tool] {
          give(ToolFinished{id, "call_1", tool.result, true});
          if (!alive(id, attempt)) return;
          turn_->script.text = tool.then;
          model_runs(delays_.model);
        });
      };
      if (turn_->committed) {
        call();
      } else {
        turn_->on_commit.push_back(call);
      }
    });
  });
}

void World::announce_done() {
  turn_->model_done = true;
  const TurnId id = turn_->id;
  give(ModelDone{id, turn_->script.after});
  if (turn_ && turn_->id == id) synthesised();
}

void World::speak(const std::string& text, bool filler, Fault fault) {
  const TurnId id = turn_->id;
  const int attempt = turn_->attempt;
  const int voice = turn_->voice;
  const ClauseId clause = turn_->next_clause++;
  if (!filler && turn_->spoken++ < turn_->script.voice_after) fault = Fault::none;
  give(ClauseQueued{id, clause, text, turn_->script.uninterruptible && !filler, filler});
  if (!alive(id, attempt) || fault == Fault::silent) {
    if (alive(id, attempt)) ++turn_->open_clauses;
    return;
  }
  ++turn_->open_clauses;
  // Fillers and apologies are kept ready; all else has to be made.
  turn_->sound_at = std::max(turn_->sound_at, now_ + (filler ? Millis(20) : delays_.synthesis));
  in(turn_->sound_at - now_, [this, id, voice, clause, text, fault] {
    const auto alive = [&] { return turn_ && turn_->id == id && turn_->voice == voice; };
    if (!alive()) return;
    if (fault == Fault::error) return give(SynthesisFailed{id});
    --turn_->open_clauses;
    const auto words = text::split_words(text);
    const Millis duration = fault == Fault::empty ? Millis(0) : delays_.word * static_cast<Millis::rep>(words.size());
    auto& truth = sounded_[id];
    truth.exact = turn_->script.word_times;
    if (duration > Millis(0)) {
      Sounded::Clause sound{{}, turn_->audio, duration};
      for (const auto& word : words) sound.words.emplace_back(word.text);
      truth.clauses.push_back(std::move(sound));
    }
    turn_->audio += duration;
    if (turn_->script.word_times) {
      ClauseWords times{id, clause, {}};
      Millis begin{0};
      for (const auto& word : words) {
        times.words.push_back({std::string(word.text), begin, begin + delays_.word});
        begin += delays_.word;
      }
      give(times);
    }
    if (alive()) give(ClauseAudio{id, clause, duration, true});
    if (alive()) synthesised();
  });
}

void World::synthesised() {
  if (!turn_->model_done || turn_->open_clauses > 0 || turn_->synthesis_done) return;
  turn_->synthesis_done = true;
  give(SynthesisDone{turn_->id});
}

void World::play() {
  if (!turn_ || !turn_->committed || turn_->held) return;
  AgentTurn& turn = *turn_;
  const TurnId id = turn.id;
  if (turn.played < turn.audio) {
    if (!turn.started) {
      turn.started = true;
      give(PlayoutStarted{id});
      if (!turn_ || turn_->id != id || turn_->held) return;
    }
    turn_->played += frame;
    audible_.push_back(now_);
    frames_.push_back({id, log_.size()});
    sounded_[id].played = turn_->played;
    if (turn_->played >= turn_->reported + report_every) {
      turn_->reported = turn_->played;
      give(Played{id, turn_->played});
    }
    return;
  }
  if (turn.started && turn.model_done && turn.synthesis_done) {
    turn_.reset();
    give(PlayoutFinished{id});
  }
}

void World::carry_out(const Action& action) {
  if (const auto* finalize = std::get_if<FinalizeTranscript>(&action)) {
    transcriber_finalises(*finalize);
  } else if (const auto* ask = std::get_if<AskEndOfTurn>(&action)) {
    if (delays_.verdict) {
      in(Millis(60), [this, pause = ask->pause] { give(EndOfTurnVerdict{pause, *delays_.verdict}); });
    }
  } else if (const auto* begun = std::get_if<StartTurn>(&action)) {
    start(begun->turn, true);
  } else if (const auto* guess = std::get_if<SpeculateTurn>(&action)) {
    start(guess->turn, false);
  } else if (const auto* commit = std::get_if<CommitTurn>(&action)) {
    if (turn_ && turn_->id == commit->turn) {
      turn_->committed = true;
      for (const auto& run : std::exchange(turn_->on_commit, {})) in(Millis(0), run);
    }
  } else if (const auto* abandon = std::get_if<AbandonSpeculation>(&action)) {
    if (turn_ && turn_->id == abandon->turn) {
      turn_.reset();
      if (next_reply_ > 0) --next_reply_;  // the reply is still to be given
    }
  } else if (const auto* cut = std::get_if<Interrupt>(&action)) {
    if (turn_ && turn_->id == cut->turn) {
      const AgentTurn old = *turn_;
      turn_.reset();
      if (!old.started && cut->reason != InterruptReason::failed && next_reply_ > 0) --next_reply_;
      if (old.started) in(delays_.far_end, [this, old] { give(PlayoutStopped{old.id, old.played}); });
    }
  } else if (const auto* pause = std::get_if<PausePlayout>(&action)) {
    if (turn_ && turn_->id == pause->turn) turn_->held = true;
  } else if (const auto* resume = std::get_if<ResumePlayout>(&action)) {
    if (turn_ && turn_->id == resume->turn) turn_->held = false;
  } else if (const auto* filler = std::get_if<SayFiller>(&action)) {
    if (turn_ && turn_->id == filler->turn) {
      in(Millis(0), [this, id = filler->turn] {
        if (turn_ && turn_->id == id) speak("One moment.", true, Fault::none);
      });
    }
  } else if (const auto* over = std::get_if<FailOver>(&action)) {
    if (!turn_ || turn_->id != over->turn) return;
    turn_->synthesis_done = false;
    if (over->stage == Stage::speech) {
      ++turn_->voice;
      turn_->open_clauses = 0;
      turn_->audio = turn_->played;
      turn_->sound_at = Millis(0);
      cut_sounded(over->turn, turn_->played);
      turn_->script.voice = turn_->script.voice_again;
      turn_->script.voice_after = 0;
      in(Millis(0), [this, id = over->turn, voice = turn_->voice, text = over->unheard] {
        const auto alive = [&] { return turn_ && turn_->id == id && turn_->voice == voice; };
        if (!alive()) return;
        for (const auto& clause : sentences(text)) {
          if (alive()) speak(clause, false, turn_->script.voice);
        }
        if (alive()) synthesised();
      });
    } else {
      ++turn_->attempt;
      turn_->model_done = false;
      turn_->script.model = turn_->script.model_again;
      model_runs(delays_.model);
    }
  } else if (const auto* sorry = std::get_if<Apologise>(&action)) {
    const int attempt = turn_ ? turn_->attempt + 1 : 0;
    turn_.emplace();
    turn_->id = sorry->turn;
    turn_->attempt = attempt;
    turn_->committed = true;
    in(Millis(0), [this, id = sorry->turn, attempt] {
      if (!alive(id, attempt)) return;
      speak("Sorry, something went wrong.", false, Fault::none);
      if (alive(id, attempt)) announce_done();
    });
  } else if (std::holds_alternative<EndCall>(action)) {
    if (turn_ && turn_->started)
      in(delays_.far_end, [this, old = *turn_] { give(PlayoutStopped{old.id, old.played}); });
    turn_.reset();
    over_ = true;
  }
}

void World::run(Millis until) {
  using Floor = ConversationCore::Floor;
  Millis next_frame{0};
  while (failure_.empty()) {
    Millis next = next_frame;
    if (!queue_.empty()) next = std::min(next, queue_.top().at);
    const auto deadline = core_.next_deadline();
    if (deadline) {
      const auto due = std::chrono::ceil<Millis>(*deadline - zero_);
      next = std::min(next, due);
    }
    if (next > until || (over_ && queue_.empty())) break;
    now_ = std::max(now_, next);
    if (deadline && *deadline <= time(now_)) {
      give(Tick{});
    } else if (!queue_.empty() && queue_.top().at <= now_) {
      const Scheduled item = queue_.top();
      queue_.pop();
      item.run();
    } else if (next_frame <= now_) {
      const std::size_t before = audible_.size();
      play();
      const Floor floor = core_.floor();
      const bool owed = floor == Floor::agent_thinking || floor == Floor::agent_speaking;
      if (!owed || audible_.size() > before) dead_since_ = now_;
      worst_dead_air_ = std::max(worst_dead_air_, now_ - dead_since_);
      next_frame += frame;
    }
  }
  now_ = std::max(now_, until);
}

}  // namespace retell::engine::turn::world
