// The call's voice: clauses in, audio to the playout out. One synthesiser stream a turn; leading silence trimmed; fixed
// phrases from a cache; a dead vendor is replaced for the rest of the call. On the call's worker.
#pragma once
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "engine/call_plan.hpp"
#include "engine/playout.hpp"
#include "engine/rehearsal.hpp"
#include "engine/speech_cache.hpp"
#include "engine/turn/events.hpp"
#include "providers/registry.hpp"
#include "text/speech_normaliser.hpp"

namespace retell::engine {

class Speaking {
 public:
  using Report = std::function<void(turn::Event)>;
  struct Parts {
    providers::Place place;
    const providers::Registry& registry;
    const SpeechPlan& plan;
    std::string language;
    int sample_rate = 8000;
    core::Logger log;
    Report report;
    Playout& playout;
    SpeechCache& cache;
    std::function<void(std::string note)> failed_over;
    std::function<void(std::string_view vendor)> vendor_failed;
  };

  explicit Speaking(Parts parts);

  void warm();  // connects the voice, unless that has been done
  // Has fixed texts spoken ahead, in the order in which say() will bring them as cacheable clauses. Before any turn.
  void rehearse(const std::vector<std::string>& texts);

  void begin(turn::TurnId turn);  // a new turn; an older one is cancelled
  // Speaks a clause of the current turn and announces it to the core. `cacheable`: a fixed text.
  void say(const std::string& text, bool filler, bool uninterruptible, bool cacheable);
  void finish();                                                  // no more clauses in this turn
  void cancel(turn::TurnId turn);                                 // an interruption
  void fail_over(turn::TurnId turn, const std::string& unheard);  // the next vendor speaks the rest
  void murmur(const std::string& word);                           // a back-channel

  [[nodiscard]] turn::TurnId turn() const { return turn_; }

 private:
  struct Clause {
    turn::ClauseId id = 0;
    std::string text;                   // as announced
    std::string cache_key;              // empty: not cached
    std::vector<std::int16_t> samples;  // gathered for the cache
    std::size_t trimmed = 0;
    std::size_t delivered = 0;  // samples
    bool begun = false;         // audible sound has come
    bool done = false;
  };

  void make_vendor();
  [[nodiscard]] std::string cache_key(const std::string& text) const;
  void open();
  void retire();
  // Takes over what has come of a clause that is being rehearsed; false when it is not.
  [[nodiscard]] bool join_rehearsal(const std::string& key);
  void await_audio(core::Millis limit);
  void on_event(providers::TtsEvent event);
  void on_audio(Clause& clause, std::span<const std::int16_t> samples);
  void deliver(Clause& clause, std::span<const std::int16_t> samples);
  void done(Clause& clause);
  void fail(const core::Error& error);
  void end_if_all_delivered();
  [[nodiscard]] Clause* clause_of(std::uint32_t chunk);
  [[nodiscard]] core::Millis to_ms(std::size_t samples) const;

  Parts parts_;
  text::SpeechNormaliser normaliser_;
  std::unique_ptr<providers::Tts> vendor_;
  std::unique_ptr<providers::TtsStream> stream_;
  Rehearsal rehearsal_;
  std::size_t vendor_index_ = 0;
  std::uint64_t generation_ = 0;  // of stream_
  std::uint64_t rehearsed_ = 0;   // the generation that is the rehearsal's own stream; 0: none

  turn::TurnId turn_ = 0;
  turn::ClauseId next_clause_ = 1;
  std::deque<Clause> clauses_;                     // of the turn; a deque keeps references valid
  std::map<std::uint32_t, std::size_t> by_chunk_;  // the stream's chunks to clauses_
  std::uint32_t next_chunk_ = 0;
  std::size_t delivered_ = 0;  // clauses wholly handed to the playout, in order
  bool finished_ = false;
  bool stream_finished_ = false;

  std::unique_ptr<providers::TtsStream> murmuring_;
  std::vector<std::int16_t> murmur_samples_;

  boost::asio::steady_timer waiting_;                           // for the stream's next audio
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a retired stream looks whether this still exists
};

}  // namespace retell::engine
