// What an agent will say first, synthesised while the call rings. Clauses that are whole go to the cache; a turn that
// begins earlier takes over the stream, with what has come of it. A failure only means that the turn asks anew. On the
// call's worker.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/log.hpp"
#include "engine/speech_cache.hpp"
#include "providers/tts.hpp"

namespace retell::engine {

class Rehearsal {
 public:
  struct Parts {
    core::Executor executor;
    core::Logger log;
    SpeechCache& cache;
    int sample_rate = 8'000;
  };
  struct Clause {
    std::string key;     // in the cache
    std::string spoken;  // normalised text
  };

  explicit Rehearsal(Parts parts) : parts_(std::move(parts)) {}
  ~Rehearsal();
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;

  // Has those spoken that are neither here nor cached nor being made for another call. Nothing while a stream is open.
  void begin(providers::Tts& voice, const std::vector<Clause>& clauses);
  // A clause that is whole; null when it is not.
  [[nodiscard]] SpeechCache::Samples find(const std::string& key) const;

  [[nodiscard]] bool under_way(const std::string& key) const;  // asked for, not yet whole
  // Gives the stream away. Its further events go to `handler`, and `next_chunk` is the number of its next chunk.
  [[nodiscard]] std::unique_ptr<providers::TtsStream> take(providers::TtsHandler handler, std::uint32_t& next_chunk);
  // After take(): the number of a clause in that stream, and once what has come of it, for the same handler.
  [[nodiscard]] std::optional<std::uint32_t> chunk_of(const std::string& key) const;
  void replay(std::uint32_t chunk);

 private:
  struct Take {
    std::string key;
    SpeechCache::Making making;
    std::vector<std::int16_t> samples;
    std::vector<providers::SpokenWord> words;
    bool done = false;
  };
  void on_event(providers::TtsEvent event);
  void finished(Take& take);
  void let_go();

  Parts parts_;
  std::unique_ptr<providers::TtsStream> stream_;
  std::uint64_t generation_ = 0;  // of stream_; a dying one is not listened to
  std::vector<Take> takes_;       // by the stream's chunk number
  std::map<std::string, SpeechCache::Samples> whole_;
  providers::TtsHandler taker_;                                 // since take()
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a dying stream looks whether this still exists
};

}  // namespace retell::engine
