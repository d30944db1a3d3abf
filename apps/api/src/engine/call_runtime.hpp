// The inside of a CallSession: drives the pure conversation core with what the stages report and carries out what it
// asks for. Everything happens on the call's worker.
#pragma once
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/task_group.hpp"
#include "engine/call_session.hpp"
#include "engine/dialogue.hpp"
#include "engine/hearing.hpp"
#include "engine/latency.hpp"
#include "engine/playout.hpp"
#include "engine/recorder.hpp"
#include "engine/speaking.hpp"
#include "engine/turn/conversation_core.hpp"

namespace retell::engine {

class CallSession::Impl final : public MediaTransport::Listener, public MediaClock::Subscriber {
 public:
  Impl(EngineContext context, CallPlan plan, CallEventSink sink, core::Logger log);
  ~Impl() override;

  void warm();
  core::Task<void> run(MediaTransport& transport);
  void end(EndReason reason);
  void drain(std::chrono::milliseconds grace);
  [[nodiscard]] const CallPlan& plan() const { return plan_; }

  // MediaTransport::Listener
  void on_audio(const audio::AudioFrame& frame) override;
  void on_mark(std::uint64_t id, bool cleared) override;
  void on_digit(char digit) override;
  void on_closed(std::string_view error) override;

  // MediaClock::Subscriber
  void on_frame(core::TimePoint deadline, core::TimePoint now, std::uint32_t missed) override;

 private:
  void build_stages(int sample_rate);
  void post(turn::Event event);
  void pump();
  template <class F>
  void entered(F&& work);
  template <class F>
  void guarded(F&& work);
  void carry_out(turn::Action& action);
  void on(const turn::FinalizeTranscript& action);
  void on(const turn::AskEndOfTurn& action);
  void on(const turn::StartTurn& action);
  void on(const turn::SpeculateTurn& action);
  void on(const turn::CommitTurn& action);
  void on(const turn::AbandonSpeculation& action);
  void on(const turn::Interrupt& action);
  void on(const turn::PausePlayout& action);
  void on(const turn::ResumePlayout& action);
  void on(const turn::SayFiller& action);
  void on(const turn::FailOver& action);
  void on(const turn::Apologise& action);
  void on(const turn::Backchannel& action);
  void on(const turn::TurnSettled& action);
  void on(const turn::TurnTimed& action);
  void on(const turn::HandOver& action);
  void on(const turn::EndCall& action);
  void arm_deadline();
  void emit_transcript();
  void tell_live(Utterance::Role role, const std::string& text, bool final, std::uint32_t turn);
  void tell_live_agent(const std::string& clause);
  [[nodiscard]] core::Task<void> finish(bool politely);  // `politely`: wait for the far end's goodbye
  void emit_ended();

  // given
  EngineContext context_;
  CallPlan plan_;
  CallEventSink sink_;
  core::Logger log_;
  MediaTransport* transport_ = nullptr;

  // owned
  MediaCounters counters_;
  core::TaskGroup tasks_;  // recorder, tools
  turn::ConversationCore core_;
  std::unique_ptr<Playout> playout_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Hearing> hearing_;
  std::unique_ptr<Speaking> speaking_;
  std::unique_ptr<Dialogue> dialogue_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer changed_;  // a condition for run(): the call ended, or the far end closed

  // state
  std::deque<turn::Event> events_;
  turn::Actions actions_;
  std::optional<core::TimePoint> due_;  // when the core must look again, as of its last event
  bool pumping_ = false;                // the core and its actions run
  bool inside_ = false;                 // a stage runs; the core will, right behind it
  bool scheduled_ = false;              // the core will run soon
  std::uint64_t told_revision_ = 0;
  turn::TurnId live_turn_ = 0;  // of live_text_
  std::string live_text_;       // what the agent's turn has said so far
  core::WallTime started_{};
  core::TimePoint first_tick_{};
  std::optional<EndReason> ended_;
  std::string detail_;
  bool closed_ = false;
  bool broken_ = false;         // by an exception: no event is handled any more
  bool last_sentence_ = false;  // drain(): the farewell follows what the agent is saying
  core::TaskHandle draining_;
  bool reported_ = false;
  std::vector<TurnLatency> latencies_;
  std::vector<AudibleTurn> audible_;
  std::vector<std::string> failovers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // what waits on timers looks whether this still exists
};

}  // namespace retell::engine
