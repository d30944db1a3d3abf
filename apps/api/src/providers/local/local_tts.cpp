#include "providers/local/local_tts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include "audio/resampler.hpp"
#include "providers/local/delivery.hpp"

namespace retell::providers::local {
namespace {

constexpr std::size_t most_chunks = 256;  // waiting, of one stream
constexpr std::int16_t audible = 200;     // about -44 dBFS: where the first word begins
constexpr std::size_t piece_ms = 200;     // of audio in one event

// What the stream and its jobs share. The queue is the only thing both touch.
class Speech : public std::enable_shared_from_this<Speech> {
 public:
  Speech(Synthesizer& synthesizer, EngineThreads& threads, TtsOptions options, std::shared_ptr<Line<TtsEvent>> line)
      : synthesizer_(synthesizer), threads_(threads), options_(std::move(options)), line_(std::move(line)) {}

  // False when the stream may not take more.
  [[nodiscard]] bool add(std::uint32_t chunk, std::string text) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= most_chunks) return false;
      waiting_.push_back({chunk, std::move(text)});
      if (busy_) return true;
      busy_ = true;
    }
    return next();
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    if (!busy_) done();
  }

 private:
  struct Chunk {
    std::uint32_t number = 0;
    std::string text;
  };

  // One job a chunk, so that streams take turns on the engine's threads.
  [[nodiscard]] bool next() {
    return threads_.submit([self = shared_from_this()](std::size_t thread) { self->speak_one(thread); });
  }

  void speak_one(std::size_t thread) {
    std::optional<Chunk> chunk;
    {
      const std::lock_guard lock(mutex_);
      chunk = std::move(waiting_.front());
      waiting_.pop_front();
    }
    if (line_->cut()) return;
    if (auto spoken = speak(thread, *chunk); !spoken) {
      if (!line_->cut()) fail(spoken.error());
      return;  // busy_ stays: nothing more is started
    }
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty()) {
        busy_ = false;
        if (finished_) done();
        return;
      }
    }
    if (!next()) fail({core::ErrorCode::unavailable, "the local voice's queue is full"});
  }

  core::Result<> speak(std::size_t thread, const Chunk& chunk) {
    std::size_t sent = 0;         // samples of the chunk delivered
    std::size_t first_sound = 0;  // where they become and cease to be audible
    std::size_t last_sound = 0;
    bool sounded = false;
    std::vector<std::int16_t> out;
    const auto flush = [&](std::size_t keep) {
      while (out.size() > keep) {
        const auto count = std::min(out.size(), piece_samples());
        std::vector<std::int16_t> piece(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
        out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count));
        for (std::size_t i = 0; i < piece.size(); ++i) {
          if (piece[i] < audible && piece[i] > -audible) continue;
          if (!std::exchange(sounded, true)) first_sound = sent + i;
          last_sound = sent + i;
        }
        sent += piece.size();
        Line<TtsEvent>::deliver(
            line_, [number = chunk.number, piece = std::move(piece)]() -> TtsEvent { return TtsAudio{number, piece}; });
      }
    };
    const SynthesisRequest request{chunk.text, options_.voice, options_.language, options_.speed, options_.temperature};
    auto made = synthesizer_.synthesize(thread, request, [&](std::span<const std::int16_t> samples, int rate) {
      if (line_->cut() || threads_.stopping()) return false;
      if (!resampler_ || resampler_->from() != rate) {
        auto created = audio::Resampler::create(rate, options_.sample_rate);
        if (!created) return false;
        resampler_.emplace(std::move(*created));
      }
      resampler_->process(samples, out);
      flush(0);
      return true;
    });
    if (!made) return made;
    if (resampler_) resampler_->flush(out);
    flush(0);
    const auto ms = [&](std::size_t samples) {
      return static_cast<int>(samples * 1000 / static_cast<std::size_t>(options_.sample_rate));
    };
    auto words = estimate_words(chunk.text, ms(first_sound), ms(last_sound));
    if (!words.empty()) {
      Line<TtsEvent>::deliver(line_, [number = chunk.number, words = std::move(words)]() mutable -> TtsEvent {
        return TtsWords{number, std::move(words)};
      });
    }
    Line<TtsEvent>::deliver(line_, [number = chunk.number]() -> TtsEvent { return TtsChunkDone{number}; });
    return {};
  }

  void done() {
    Line<TtsEvent>::deliver(line_, []() -> TtsEvent { return TtsDone{}; });
  }
  void fail(core::Error error) {
    Line<TtsEvent>::deliver(line_,
                            [error = std::move(error)]() mutable -> TtsEvent { return TtsError{std::move(error)}; });
  }
  [[nodiscard]] std::size_t piece_samples() const {
    return static_cast<std::size_t>(options_.sample_rate) * piece_ms / 1000;
  }

  Synthesizer& synthesizer_;
  EngineThreads& threads_;
  const TtsOptions options_;
  const std::shared_ptr<Line<TtsEvent>> line_;
  std::optional<audio::Resampler> resampler_;  // used by the one job that runs

  std::mutex mutex_;
  std::deque<Chunk> waiting_;
  bool busy_ = false;
  bool finished_ = false;
};

class Stream final : public TtsStream {
 public:
  Stream(Synthesizer& synthesizer, EngineThreads& threads, const TtsOptions& options, TtsHandler handler)
      : delivery_(options.executor, std::move(handler)),
        speech_(std::make_shared<Speech>(synthesizer, threads, options, delivery_.line())) {}

  void speak(std::uint32_t chunk, std::string text) override {
    if (!speech_->add(chunk, std::move(text))) {
      delivery_.post(TtsError{{core::ErrorCode::unavailable, "the local voice's queue is full"}});
    }
  }
  void finish() override { speech_->finish(); }

 private:
  Delivery<TtsEvent> delivery_;
  std::shared_ptr<Speech> speech_;
};

}  // namespace

LocalTts::LocalTts(Synthesizer& synthesizer, EngineThreads& threads, TtsOptions options)
    : synthesizer_(synthesizer), threads_(threads), options_(std::move(options)) {}

std::unique_ptr<TtsStream> LocalTts::open(TtsHandler handler) {
  return std::make_unique<Stream>(synthesizer_, threads_, options_, std::move(handler));
}

std::vector<SpokenWord> estimate_words(std::string_view text, int start_ms, int end_ms) {
  constexpr double gap = 1.0;    // between words, in letters
  constexpr double comma = 3.0;  // after , ; :
  constexpr double stop = 6.0;   // after . ! ? inside the chunk
  struct Part {
    std::string_view word;
    double letters = 0;
    double after = 0;
  };
  std::vector<Part> parts;
  double total = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto begin = text.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) break;
    const auto end = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    Part part{text.substr(begin, end - begin), 0, gap};
    for (const char c : part.word) {
      if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) part.letters += 1;  // one a character of UTF-8
    }
    const char last = part.word.back();
    if (last == ',' || last == ';' || last == ':') part.after = comma;
    if (last == '.' || last == '!' || last == '?') part.after = stop;
    parts.push_back(part);
    total += part.letters + part.after;
    at = end;
  }
  std::vector<SpokenWord> words;
  if (parts.empty() || end_ms <= start_ms) return words;
  total -= parts.back().after;
  const double unit = (end_ms - start_ms) / total;
  double position = start_ms;
  for (const auto& part : parts) {
    words.push_back(
        {std::string(part.word), static_cast<int>(position), static_cast<int>(position + part.letters * unit)});
    position += (part.letters + part.after) * unit;
  }
  return words;
}

}  // namespace retell::providers::local
