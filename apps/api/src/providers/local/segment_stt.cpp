#include "providers/local/segment_stt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "audio/resampler.hpp"
#include "audio/vad/vad_stream.hpp"
#include "providers/local/delivery.hpp"
#include "providers/local/speech_span.hpp"
#include "providers/local/transcript_text.hpp"

namespace retell::providers::local {
namespace {

constexpr std::size_t per_ms = 16;                  // samples at 16 kHz
constexpr std::size_t look_back = 300 * per_ms;     // kept before the first speech
constexpr std::size_t pause = 160 * per_ms;         // after this much silence the end may have come: decode
constexpr std::size_t partial_step = 700 * per_ms;  // new audio between partials
constexpr std::size_t first_partial = 500 * per_ms;
constexpr std::size_t settle_length = 14'000 * per_ms;  // a longer segment is settled at the next pause
constexpr std::size_t settle_pause = 500 * per_ms;
constexpr std::size_t most = 27'000 * per_ms;  // Whisper hears 30 s; cut there, pause or not
constexpr float voiced = 0.5F;                 // Silero's own threshold
constexpr int least_voiced = 2;                // windows of 32 ms in a segment: less is a click
constexpr int streams_per_thread = 8;          // beyond it finals would queue for seconds

std::string prompt_of(const std::vector<std::string>& keywords) {
  std::string out;
  for (const auto& word : keywords) {
    if (out.size() > 400) break;  // the prompt shares the decoder's context
    out += (out.empty() ? "" : ", ") + word;
  }
  return out;
}

class Stream final : public SttStream {
 public:
  Stream(Transcriber& engine, const SttOptions& options, bool needs_voice, SttHandler handler)
      : engine_(engine),
        delivery_(options.executor, std::move(handler)),
        language_(language_code(options.language)),
        prompt_(prompt_of(options.keywords)),
        resampler_(audio::Resampler::create(options.sample_rate, audio::wideband)),
        framer_(options.sample_rate) {
    if (needs_voice) vad_.emplace(options.sample_rate);
    const int open = engine_.streams.fetch_add(1) + 1;
    if (open > static_cast<int>(engine_.threads()) * streams_per_thread) {
      give_up({core::ErrorCode::unavailable, fmt::format("the local transcriber serves {} calls already", open - 1)});
    } else if (!resampler_) {
      give_up(resampler_.error());
    }
  }
  ~Stream() override {
    abandon();
    engine_.streams.fetch_sub(1);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void send(std::span<const std::int16_t> samples) override {
    if (dead_) return;
    if (vad_) {
      framer_.push(samples, [this](const audio::AudioFrame& frame) {
        const auto update = vad_->push(frame);
        if (update.judged && update.probability >= voiced) ++voiced_;
      });
    }
    const auto before = audio_.size();
    resampler_->process(samples, audio_);
    span_.push(std::span(audio_).subspan(before));
    if (!span_.any() && audio_.size() > 2 * look_back) drop(audio_.size() - look_back);
    consider();
  }

  void finalize(std::uint32_t token) override {
    if (dead_) return;
    finals_.push_back({audio_.size(), token});
    settle();
  }

 private:
  struct Final {
    std::size_t end = 0;  // of the segment, in audio_
    std::optional<std::uint32_t> token;
  };
  struct Flight {
    std::size_t end = 0;  // how much of audio_ it hears
    std::shared_ptr<std::atomic<bool>> abandon;
  };

  // Everything up to `end` that sounded like speech has been decoded.
  [[nodiscard]] bool covers(std::size_t heard, std::size_t end) const { return heard >= std::min(end, span_.end()); }

  [[nodiscard]] bool has_voice() const { return !vad_ || voiced_ >= least_voiced; }

  // While the caller speaks, and at every pause.
  void consider() {
    if (!finals_.empty() || !span_.any()) return;
    if (!has_voice()) {
      // Loud, but nobody's voice: its end is the end of it.
      if (span_.silence() >= settle_pause) drop(audio_.size() - std::min(audio_.size(), look_back));
      return;
    }
    if (audio_.size() >= most || (audio_.size() >= settle_length && span_.silence() >= settle_pause)) {
      finals_.push_back({audio_.size(), std::nullopt});
      return settle();
    }
    const bool pausing = span_.silence() >= pause;
    if (flight_) {
      // A partial under way when the pause begins has not heard the last words.
      if (!pausing || covers(flight_->end, audio_.size())) return;
      abandon();
    }
    const bool done = covers(decoded_, audio_.size());
    if (pausing && !done) return decode(audio_.size(), Priority::caller_waits);
    const bool due =
        decoded_ == 0 ? audio_.size() >= span_.start() + first_partial : audio_.size() >= decoded_ + partial_step;
    if (!pausing && !done && due && engine_.has_idle()) decode(audio_.size(), Priority::in_passing);
  }

  // Towards the oldest final that is owed.
  void settle() {
    while (!finals_.empty()) {
      const auto [end, token] = finals_.front();
      const bool speech = span_.any() && span_.start() < end && has_voice();
      if (speech && !covers(decoded_, end)) {
        if (flight_ && covers(flight_->end, end)) return;  // it is on its way
        abandon();
        return decode(end, Priority::caller_waits);
      }
      abandon();
      delivery_.post(SttFinal{std::exchange(text_, {}), {}});
      if (token) delivery_.post(SttFinalized{*token});
      finals_.pop_front();
      drop(end);
      for (auto& later : finals_) later.end -= end;
    }
  }

  void decode(std::size_t end, Priority priority) {
    TranscriptionJob job;
    // From a little before the first speech: silence costs encoder time and invites inventions.
    const auto start = span_.start() - std::min(span_.start(), look_back);
    job.samples.reserve(end - start);
    for (std::size_t i = start; i < end; ++i) job.samples.push_back(static_cast<float>(audio_[i]) / 32768.0F);
    job.language = language_;
    job.prompt = prompt_;
    job.abandon = std::make_shared<std::atomic<bool>>(false);
    job.done = [this, line = delivery_.line(), abandon = job.abandon, end](core::Result<std::string> text) {
      Line<SttEvent>::run(line, [this, abandon, end, text = std::move(text)]() mutable {
        if (!abandon->load()) decoded(end, std::move(text));
      });
    };
    flight_ = Flight{end, job.abandon};
    if (!engine_.submit(std::move(job), priority)) {
      flight_.reset();
      if (priority == Priority::caller_waits && !finals_.empty()) {
        give_up({core::ErrorCode::unavailable, "the local transcriber's queue is full"});
      }
    }
  }

  void decoded(std::size_t end, core::Result<std::string> text) {
    flight_.reset();
    if (!text) return give_up(text.error());
    decoded_ = end;
    if (text_ != *text) {
      text_ = std::move(*text);
      if (finals_.empty()) delivery_.post(SttPartial{text_});
    }
    settle();
    consider();
  }

  void abandon() {
    if (flight_) flight_->abandon->store(true);
    flight_.reset();
  }

  void drop(std::size_t samples) {
    audio_.erase(audio_.begin(), audio_.begin() + static_cast<std::ptrdiff_t>(samples));
    span_.drop(samples);
    decoded_ = 0;
    if (!span_.any()) voiced_ = 0;
  }

  void give_up(core::Error error) {
    dead_ = true;
    abandon();
    delivery_.post(SttError{std::move(error), true});
  }

  Transcriber& engine_;
  Delivery<SttEvent> delivery_;
  std::string language_;
  std::string prompt_;
  core::Result<audio::Resampler> resampler_;
  std::vector<std::int16_t> audio_;  // the running segment at 16 kHz
  SpeechSpan span_;
  audio::Framer framer_;
  std::optional<audio::VadStream> vad_;
  int voiced_ = 0;           // windows with voice in the segment
  std::string text_;         // of the newest decode
  std::size_t decoded_ = 0;  // how much of audio_ it heard
  std::optional<Flight> flight_;
  std::deque<Final> finals_;  // owed, oldest first
  bool dead_ = false;
};

}  // namespace

SegmentStt::SegmentStt(Transcriber& engine, SttOptions options, bool needs_voice)
    : engine_(engine), options_(std::move(options)), needs_voice_(needs_voice) {}

std::unique_ptr<SttStream> SegmentStt::open(SttHandler handler) {
  return std::make_unique<Stream>(engine_, options_, needs_voice_, std::move(handler));
}

}  // namespace retell::providers::local
