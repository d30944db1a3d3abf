#include "engine/call_runtime.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/race.hpp"
#include "engine/call_phrases.hpp"
#include "engine/turn_settings.hpp"

namespace retell::engine {
namespace {

using namespace std::chrono_literals;

// After EndCall: how long the far end may take to play the rest and close.
constexpr auto hang_up_patience = 3s;
// And the tools that still run.
constexpr auto tools_may_take = 10s;
constexpr auto tools_may_take_in_haste = 2s;
// The engine's own last sentence, at shutdown.
constexpr auto farewell_takes = 3'500ms;

}  // namespace

CallSession::Impl::Impl(EngineContext context, CallPlan plan, CallEventSink sink, core::Logger log)
    : context_(context),
      plan_(std::move(plan)),
      sink_(std::move(sink)),
      log_(std::move(log)),
      tasks_(context_.worker.executor(), log_),
      core_(settings_of(plan_)),
      deadline_(context_.worker.executor()),
      changed_(context_.worker.executor()) {
  build_stages(plan_.sample_rate);
  warm();
}

CallSession::Impl::~Impl() {
  if (transport_ != nullptr) context_.clock.remove(*this);
}

void CallSession::Impl::build_stages(int sample_rate) {
  dialogue_.reset();
  speaking_.reset();  // before the playout that it speaks to
  const providers::Place place{context_.worker, context_.net};
  const auto report = [this](turn::Event event) { post(std::move(event)); };
  const auto failed_over = [this](std::string note) {
    log_.warn("failed over: {}", note);
    failovers_.push_back(std::move(note));
  };
  const auto vendor_failed = [this](const char* stage) {
    return [this, stage](std::string_view vendor) { sink_(VendorFailed{stage, std::string(vendor)}); };
  };
  playout_ = std::make_unique<Playout>(sample_rate, report, counters_);
  recorder_ =
      std::make_unique<Recorder>(context_.worker.executor(), context_.files, plan_.recording_path, sample_rate, log_);
  hearing_ = std::make_unique<Hearing>(Hearing::Parts{
      place, context_.registry, plan_.hearing, plan_.language, sample_rate, log_, report,
      [this](const std::string& text, bool final) { tell_live(Utterance::Role::user, text, final, core_.open_turn()); },
      failed_over, vendor_failed("stt"),
      [this](const core::Error& error) {
        detail_ = error.message;
        post(turn::HearingFailed{});
      }});
  speaking_ = std::make_unique<Speaking>(Speaking::Parts{place, context_.registry, plan_.speech, plan_.language,
                                                         sample_rate, log_, report, *playout_, context_.speech_cache,
                                                         failed_over, vendor_failed("tts")});
  dialogue_ = std::make_unique<Dialogue>(
      Dialogue::Parts{place, context_.registry, plan_, log_, tasks_, context_.allow_private_tools,
                      [this](turn::Event event) {
                        if (const auto* begun = std::get_if<turn::ToolStarted>(&event))
                          playout_->await_tool(begun->turn);
                        else if (const auto* over = std::get_if<turn::ToolFinished>(&event))
                          playout_->tool_done(over->turn);
                        post(std::move(event));
                      },
                      [this]() -> const turn::History& { return core_.history(); },
                      [this](const std::string& text, bool uninterruptible, bool cacheable) {
                        playout_->words_follow();
                        speaking_->say(text, false, uninterruptible, cacheable);
                        tell_live_agent(text);
                      },
                      [this] { speaking_->finish(); }, failed_over, vendor_failed("llm")});
}

void CallSession::Impl::warm() {
  hearing_->warm();
  speaking_->warm();
  dialogue_->prewarm();
  const auto& dialogue = plan_.dialogue;
  const bool may_begin = dialogue.start_speaker == StartSpeaker::agent || dialogue.begin_after_user_silence > 0ms;
  if (may_begin && dialogue.begin_message) speaking_->rehearse(dialogue_->clauses(*dialogue.begin_message));
}

core::Task<void> CallSession::Impl::run(MediaTransport& transport) {
  transport_ = &transport;
  if (transport.sample_rate() != plan_.sample_rate) build_stages(transport.sample_rate());
  started_ = std::chrono::system_clock::now();
  log_.info("call began: agent {} version {}, {} Hz", plan_.agent_id, plan_.agent_version, transport.sample_rate());
  sink_(CallStarted{started_});
  tasks_.spawn("recorder", recorder_->run());
  context_.clock.add(*this);
  transport.start(*this);
  post(turn::CallBegan{});
  hearing_->start();

  std::exception_ptr cancelled;
  try {
    while (!ended_) {
      changed_.expires_at(core::TimePoint::max());
      boost::system::error_code woken;
      co_await changed_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
    }
  } catch (...) {
    cancelled = std::current_exception();
  }
  // From here on the record gets closed whatever our owner does, and nothing outlives this call: each wait is bounded.
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  if (cancelled) {
    post(turn::Ended{EndReason::server_shutdown});
    pump();
  }
  co_await finish(!cancelled);
  if (cancelled) std::rethrow_exception(cancelled);
}

core::Task<void> CallSession::Impl::finish(bool politely) {
  speaking_->cancel(speaking_->turn());
  dialogue_->close();
  draining_.cancel();
  if (politely && !closed_) {
    transport_->hang_up();
    changed_.expires_after(hang_up_patience);
    while (!closed_ && std::chrono::steady_clock::now() < changed_.expiry()) {
      boost::system::error_code woken;
      co_await changed_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, woken));
      if (!woken) break;
    }
  }
  context_.clock.remove(*this);
  transport_ = nullptr;
  deadline_.cancel();
  hearing_.reset();
  speaking_.reset();
  recorder_->close();
  // A tool that still runs may end: what it did belongs into the transcript. When its time is up it is cancelled and
  // has ended, too, so that nothing refers to the stages any more.
  co_await core::with_timeout(tasks_.join(), politely ? tools_may_take : tools_may_take_in_haste, "closing the call");
  pump();  // what the tools reported last
  if (!recorder_->path().empty() && !recorder_->failed() && !audible_.empty()) {
    const auto measured = co_await context_.files.run(
        [path = recorder_->path(), turns = audible_] { return measure_recording(path, turns); });
    if (measured) {
      for (const auto& heard : *measured) {
        for (auto& latency : latencies_) {
          if (latency.turn == heard.turn) correct(latency, heard.heard_ms);
        }
      }
    } else {
      log_.warn("the recording cannot be measured: {}", measured.error().message);
    }
  }
  emit_ended();
}

void CallSession::Impl::emit_ended() {
  if (std::exchange(reported_, true)) return;
  CallEnded event;
  event.started = started_;
  event.ended = std::chrono::system_clock::now();
  event.reason = ended_.value_or(EndReason::error_unknown);
  event.detail = detail_;
  event.transcript = core_.history().utterances();
  event.latencies = latencies_;
  counters_.stale_events += core_.stale_events();
  event.media = counters_;
  if (!recorder_->failed()) event.recording_path = recorder_->path();
  event.failovers = failovers_;
  event.prompt_tokens = dialogue_->prompt_tokens();
  event.completion_tokens = dialogue_->completion_tokens();
  log_.info("call ended: {}, {} late frames, worst gap {:.0f} ms, {} bytes cleared by interruptions",
            disconnection_reason(event.reason), counters_.late_frames, counters_.worst_gap_ms, counters_.cleared_bytes);
  sink_(event);
}

void CallSession::Impl::end(EndReason reason) { post(turn::Ended{reason}); }

void CallSession::Impl::drain(std::chrono::milliseconds grace) {
  if (transport_ == nullptr) return end(EndReason::server_shutdown);  // nobody is there to hear a farewell
  // What the agent is saying may end first, as long as there is time for the farewell behind it.
  last_sentence_ = core_.floor() == turn::ConversationCore::Floor::agent_speaking;
  const auto sentence_may_take = grace > farewell_takes ? grace - farewell_takes : grace;
  if (!last_sentence_) post(turn::ShuttingDown{});
  draining_ = tasks_.spawn(
      "drain", [](Impl& self, std::chrono::milliseconds sentence, std::chrono::milliseconds rest) -> core::Task<void> {
        co_await core::sleep_for(sentence);
        if (std::exchange(self.last_sentence_, false) && rest > 0ms) self.post(turn::ShuttingDown{});
        co_await core::sleep_for(rest);
        self.end(EndReason::server_shutdown);
      }(*this, sentence_may_take, grace - sentence_may_take));
}

void CallSession::Impl::on_audio(const audio::AudioFrame& frame) {
  ++counters_.frames_in;
  if (ended_) return;
  const auto now = std::chrono::steady_clock::now();
  entered([&] {
    recorder_->caller(frame);
    hearing_->on_frame(frame, now);
  });
  context_.clock.serve_if_due(now);
}

void CallSession::Impl::on_mark(std::uint64_t id, bool cleared) {
  entered([&] { playout_->on_mark(id, cleared, std::chrono::steady_clock::now()); });
}

void CallSession::Impl::on_digit(char digit) {
  entered([&] { post(turn::Digit{digit}); });
}

void CallSession::Impl::on_closed(std::string_view error) {
  closed_ = true;
  if (!error.empty()) detail_ = error;
  if (!ended_) post(turn::Ended{error.empty() ? EndReason::user_hangup : EndReason::error_transport});
  changed_.cancel();
}

void CallSession::Impl::on_frame(core::TimePoint deadline, core::TimePoint now, std::uint32_t missed) {
  if (first_tick_ == core::TimePoint{}) first_tick_ = now;
  entered([&] {
    for (std::uint32_t i = 0; i < missed; ++i) recorder_->tick(playout_->missed_tick());
    recorder_->tick(playout_->tick(*transport_, deadline, now));
    if (due_ && *due_ <= now) post(turn::Tick{});
  });
}

// Never carried out from inside the stage that reports it: an interruption would pull its words from under it.
void CallSession::Impl::post(turn::Event event) {
  if (broken_) return;
  events_.push_back(std::move(event));
  if (pumping_ || inside_ || scheduled_) return;
  scheduled_ = true;
  boost::asio::post(context_.worker.executor(), [this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    scheduled_ = false;
    pump();
  });
}

// What comes from outside, a frame, a mark, the clock's tick; then the core, over all that came of it.
template <class F>
void CallSession::Impl::entered(F&& work) {
  inside_ = true;
  guarded(std::forward<F>(work));
  inside_ = false;
  if (!events_.empty()) pump();
}

// A bug in one call ends that call: its exception must reach neither the clock, which serves others, nor the loop.
template <class F>
void CallSession::Impl::guarded(F&& work) {
  try {
    work();
  } catch (const std::exception& error) {
    log_.error("the call is broken: {}", error.what());
    detail_ = error.what();
    broken_ = true;
    if (!ended_) ended_ = EndReason::error_unknown;
    changed_.cancel();
  }
}

void CallSession::Impl::pump() {
  if (pumping_ || broken_) return;  // events caused by actions wait for their turn
  pumping_ = true;
  guarded([this] {
    while (!events_.empty()) {
      const auto event = std::move(events_.front());
      events_.pop_front();
      actions_.clear();
      core_.handle(event, std::chrono::steady_clock::now(), actions_);
      auto actions = std::exchange(actions_, {});
      for (auto& action : actions) carry_out(action);
    }
  });
  pumping_ = false;
  due_ = core_.next_deadline();
  if (ended_) return;
  arm_deadline();
  if (transport_ != nullptr) playout_->kick(*transport_, std::chrono::steady_clock::now());
}

void CallSession::Impl::arm_deadline() {
  if (!due_) return;
  // The clock's tick sees to the later ones; a timer of our own only for what cannot wait for it.
  const auto now = std::chrono::steady_clock::now();
  if (*due_ - now > audio::frame_duration || deadline_.expiry() == *due_) return;
  deadline_.expires_at(*due_);
  // A wait that was over before it could be cancelled comes without an error, perhaps after the call is gone.
  deadline_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired() && !ended_) post(turn::Tick{});
  });
}

void CallSession::Impl::carry_out(turn::Action& action) {
  std::visit([this](const auto& specific) { on(specific); }, action);
}

void CallSession::Impl::on(const turn::FinalizeTranscript& action) { hearing_->finalize(action.pause); }
void CallSession::Impl::on(const turn::AskEndOfTurn& action) { hearing_->ask_end_of_turn(action.pause); }

void CallSession::Impl::on(const turn::StartTurn& action) {
  emit_transcript();
  speaking_->begin(action.turn);
  dialogue_->start(action);
}

void CallSession::Impl::on(const turn::SpeculateTurn& action) {
  speaking_->begin(action.turn);
  dialogue_->speculate(action);
}

void CallSession::Impl::on(const turn::CommitTurn& action) {
  emit_transcript();
  dialogue_->commit(action.turn);
}

void CallSession::Impl::on(const turn::AbandonSpeculation& action) {
  dialogue_->cancel(action.turn);
  speaking_->cancel(action.turn);
}

void CallSession::Impl::on(const turn::Interrupt& action) {
  playout_->interrupt(action.turn, *transport_, std::chrono::steady_clock::now());
  speaking_->cancel(action.turn);
  dialogue_->cancel(action.turn);
}

void CallSession::Impl::on(const turn::PausePlayout& action) { playout_->pause(action.turn); }
void CallSession::Impl::on(const turn::ResumePlayout& action) { playout_->resume(action.turn); }

void CallSession::Impl::on(const turn::SayFiller& action) {
  const auto words = filler(plan_.language, action.waiting_for);
  playout_->await_words(action.turn);
  speaking_->say(words, true, false, true);
  tell_live_agent(words);
}

void CallSession::Impl::on(const turn::FailOver& action) {
  switch (action.stage) {
    case turn::Stage::language:
      dialogue_->fail_over(action.turn);
      break;
    case turn::Stage::speech:
      speaking_->fail_over(action.turn, action.unheard);
      break;
    case turn::Stage::tool:
      dialogue_->give_up_tool(action.turn);
      break;
  }
}

void CallSession::Impl::on(const turn::Apologise& action) {
  const auto words = action.reason == EndReason::server_shutdown ? farewell(plan_.language) : apology(plan_.language);
  speaking_->begin(action.turn);
  speaking_->say(words, false, true, true);
  tell_live_agent(words);
  post(turn::ModelDone{action.turn, turn::AfterReply::listen});
  speaking_->finish();
}

void CallSession::Impl::on(const turn::Backchannel& action) { speaking_->murmur(action.word); }

void CallSession::Impl::on(const turn::TurnSettled&) {
  emit_transcript();
  if (std::exchange(last_sentence_, false)) post(turn::ShuttingDown{});
}

void CallSession::Impl::on(const turn::TurnTimed& action) {
  const auto latency = to_latency(action);
  if (action.audible) {
    const auto at = std::chrono::duration<double, std::milli>(*action.audible - first_tick_).count();
    audible_.push_back({action.turn, at});
  }
  if (latency.heard_ms < 0) return;  // an opening: nobody waited for it
  latencies_.push_back(latency);
  log_.debug("turn {}: heard after {:.0f} ms", latency.turn, latency.heard_ms);
  sink_(TurnMeasured{latency});
}

void CallSession::Impl::on(const turn::HandOver&) {
  // No agent of this version is given a transfer tool, so the model cannot ask for it.
  end(EndReason::agent_hangup);
}

void CallSession::Impl::on(const turn::EndCall& action) {
  if (ended_) return;
  ended_ = action.reason;
  // A call that is ended in the middle of a word falls silent; the words that were heard are still to be told.
  if (transport_ != nullptr) playout_->stop(*transport_, std::chrono::steady_clock::now());
  emit_transcript();
  changed_.cancel();
}

void CallSession::Impl::emit_transcript() {
  if (core_.history().revision() == told_revision_) return;
  told_revision_ = core_.history().revision();
  sink_(TranscriptUpdated{core_.history().utterances()});
}

void CallSession::Impl::tell_live_agent(const std::string& clause) {
  const auto turn = core_.open_turn();
  if (turn != std::exchange(live_turn_, turn)) live_text_.clear();
  if (!live_text_.empty()) live_text_ += ' ';
  live_text_ += clause;
  tell_live(Utterance::Role::agent, live_text_, false, turn);
}

void CallSession::Impl::tell_live(Utterance::Role role, const std::string& text, bool final, std::uint32_t turn) {
  sink_(LiveText{role, text, final, turn});
}

}  // namespace retell::engine
