// CMU PocketSphinx: English without a download (the acoustic model is Debian's pocketsphinx-en-us). Less accurate than
// Whisper, a tenth of its cost. A decoder per thread, about 110 MB each. Loads on first use. Any thread.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "providers/local/transcriber.hpp"

struct ps_decoder_s;

namespace retell::providers::local {

class PocketSphinxEngine final : public Transcriber {
 public:
  explicit PocketSphinxEngine(std::size_t threads);
  ~PocketSphinxEngine() override;
  [[nodiscard]] std::string_view name() const override { return "pocketsphinx"; }
  [[nodiscard]] bool submit(TranscriptionJob job, Priority priority) override;
  [[nodiscard]] bool has_idle() const override { return threads_.has_idle(); }
  [[nodiscard]] std::size_t threads() const override { return threads_.size(); }

 private:
  struct Deleter {
    void operator()(ps_decoder_s* decoder) const;
  };
  [[nodiscard]] core::Result<std::string> decode(std::size_t thread, const TranscriptionJob& job);

  std::vector<std::unique_ptr<ps_decoder_s, Deleter>> decoders_;  // one a thread
  EngineThreads threads_;                                         // last: stopped before what its jobs use goes away
};

}  // namespace retell::providers::local
