#include "providers/remote/elevenlabs_tts.hpp"

#include <algorithm>
#include <cctype>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>

#include "core/clock.hpp"
#include "providers/remote/elevenlabs_link.hpp"
#include "providers/remote/event_outlet.hpp"
#include "providers/remote/vendors.hpp"

namespace retell::providers::remote {

namespace {

using Options = std::shared_ptr<const ElevenLabsOptions>;

constexpr std::size_t most_chunks = 256;      // waiting in one stream
constexpr std::size_t longest_chunk_s = 120;  // of audio; more is a broken vendor

core::TimePoint now() { return std::chrono::steady_clock::now(); }

// Whether a voice can make anything of it: a letter or digit of any script. Of what is not ASCII, the marks of
// Latin-1 (U+00A0 to U+00BF) and general punctuation (U+2000 to U+206F) are not.
bool speakable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      if (std::isalnum(byte) != 0) return true;
      continue;
    }
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    const bool latin_mark = byte == 0xC2;
    const bool punctuation = byte == 0xE2 && (next == 0x80 || next == 0x81);
    if (!latin_mark && !punctuation) return true;
    i += latin_mark ? 1 : 2;
  }
  return false;
}

class ElevenLabsStream final : public TtsStream, private ElevenLabsLink::Speaker {
 public:
  ElevenLabsStream(std::shared_ptr<ElevenLabsLink> link, Options vendor, const TtsOptions& call, TtsHandler handler)
      : link_(std::move(link)),
        vendor_(std::move(vendor)),
        sample_rate_(static_cast<std::size_t>(call.sample_rate)),
        outlet_(call.executor, std::move(handler)) {
    link_->connect();
  }
  ~ElevenLabsStream() override { link_->leave(*this); }

  void speak(std::uint32_t chunk, std::string text) override {
    if (dead_) return;
    if (chunks_.size() == most_chunks) {
      fail_later({core::ErrorCode::unavailable, "too much text is waiting for ElevenLabs"});
      return;
    }
    Chunk next;
    next.number = chunk;
    next.text = std::move(text);
    next.audible = speakable(next.text);
    chunks_.push_back(std::move(next));
    if (!chunks_.back().audible) outlet_.later([this] { advance(); });
    ask();
  }

  void finish() override {
    finished_ = true;
    outlet_.later([this] { advance(); });
  }

 private:
  struct Chunk {
    std::uint32_t number = 0;
    std::string text;
    bool audible = true;  // false: punctuation alone, which is not sent
    bool asked = false;
    bool complete = false;
    WordTimer words;
    std::string odd;  // half a sample, until its other half comes
    std::size_t samples = 0;
    std::vector<std::int16_t> kept_audio;  // until the chunks before it are done
    std::vector<SpokenWord> kept_words;
    core::TimePoint last_sign;  // asked, or the last piece, or its turn came
  };

  void ask() {
    std::size_t under_way = 0;
    for (auto& chunk : chunks_) {
      if (!chunk.audible || chunk.complete) continue;
      if (++under_way > vendor_->ahead) return;
      if (chunk.asked) continue;
      chunk.asked = true;
      chunk.last_sign = now();
      if (!link_->speak(*this, chunk.number, chunk.text)) {
        fail_later({core::ErrorCode::unavailable, "ElevenLabs does not take the text"});
        return;
      }
    }
  }

  void on_piece(std::uint32_t number, ElevenLabsMessage message) override {
    const auto at = std::find_if(chunks_.begin(), chunks_.end(), [&](const auto& c) { return c.number == number; });
    if (dead_ || at == chunks_.end()) return;
    auto& chunk = *at;
    chunk.last_sign = now();
    const bool is_head = at == chunks_.begin();
    auto words = chunk.words.add(message.characters, static_cast<int>(chunk.samples * 1'000 / sample_rate_));
    if (message.is_final) {
      chunk.complete = true;
      for (auto& word : chunk.words.finish()) words.push_back(std::move(word));
    }
    auto audio = take_samples(chunk, message.audio);
    chunk.samples += audio.size();
    if (chunk.samples > longest_chunk_s * sample_rate_) {
      fail({core::ErrorCode::protocol, "ElevenLabs sends audio without end"});
      return;
    }
    if (!is_head) {
      chunk.kept_audio.insert(chunk.kept_audio.end(), audio.begin(), audio.end());
      chunk.kept_words.insert(chunk.kept_words.end(), std::move_iterator(words.begin()),
                              std::move_iterator(words.end()));
      return;
    }
    if (!deliver(number, std::move(words), audio)) return;
    if (message.is_final) advance();
  }

  static std::vector<std::int16_t> take_samples(Chunk& chunk, const std::string& bytes) {
    std::string whole = std::exchange(chunk.odd, {});
    whole += bytes;
    std::vector<std::int16_t> samples(whole.size() / 2);
    if (!samples.empty()) std::memcpy(samples.data(), whole.data(), samples.size() * 2);
    if (whole.size() % 2 != 0) chunk.odd = whole.back();
    return samples;
  }

  // False when the handler has destroyed this stream.
  bool deliver(std::uint32_t number, std::vector<SpokenWord> words, std::span<const std::int16_t> audio) {
    if (!words.empty() && !outlet_.emit(TtsWords{number, std::move(words)})) return false;
    return audio.empty() || outlet_.emit(TtsAudio{number, audio});
  }

  // Reports the chunks at the front that are complete, then what the new first one has gathered meanwhile.
  void advance() {
    while (!dead_ && !chunks_.empty()) {
      auto& chunk = chunks_.front();
      if (chunk.audible && !chunk.complete) return;
      if (chunk.audible && chunk.samples == 0) {
        fail({core::ErrorCode::protocol, "ElevenLabs sent no audio for a text"});
        return;
      }
      const auto number = chunk.number;
      chunks_.pop_front();
      if (!outlet_.emit(TtsChunkDone{number})) return;
      if (!turn_to_next()) return;
    }
    if (dead_ || !finished_ || std::exchange(told_done_, true)) return;
    outlet_.emit(TtsDone{});
  }

  bool turn_to_next() {
    ask();
    if (chunks_.empty()) return true;
    auto& next = chunks_.front();
    if (next.asked) next.last_sign = now();
    const auto audio = std::exchange(next.kept_audio, {});
    return deliver(next.number, std::exchange(next.kept_words, {}), audio);
  }

  void on_tick() override {
    if (dead_ || chunks_.empty()) return;
    const auto& chunk = chunks_.front();
    if (!chunk.asked || chunk.complete) return;
    const auto limit = chunk.samples == 0 ? vendor_->first_audio_timeout : vendor_->liveness;
    if (now() - chunk.last_sign < limit) return;
    fail({core::ErrorCode::timeout, "ElevenLabs sent no " + std::string(chunk.samples == 0 ? "audio" : "more audio") +
                                        " for " + std::to_string(limit.count()) + " ms"});
  }

  void on_lost(core::Error error, bool stale) override {
    if (dead_ || chunks_.empty()) return;
    if (!stale || retried_ || chunks_.front().samples > 0) {
      fail(std::move(error));
      return;
    }
    retried_ = true;  // the vendor had let go of a socket that was not used for a while
    for (auto& chunk : chunks_) {
      if (chunk.complete) continue;
      Chunk again;
      again.number = chunk.number;
      again.text = std::move(chunk.text);
      again.audible = chunk.audible;
      chunk = std::move(again);
    }
    ask();
  }

  void fail(core::Error error) {
    dead_ = true;
    link_->leave(*this);
    chunks_.clear();
    outlet_.emit(TtsError{std::move(error)});
  }

  void fail_later(core::Error error) {
    outlet_.later([this, error = std::move(error)]() mutable {
      if (!dead_) fail(std::move(error));
    });
  }

  std::shared_ptr<ElevenLabsLink> link_;  // the call's; shared with its other streams
  Options vendor_;
  std::size_t sample_rate_;

  EventOutlet<TtsEvent> outlet_;
  std::deque<Chunk> chunks_;  // in the order asked; the first is being delivered
  bool finished_ = false;     // no more text comes
  bool told_done_ = false;
  bool retried_ = false;
  bool dead_ = false;
};

class ElevenLabs final : public Tts {
 public:
  ElevenLabs(const Place& place, Options vendor, TtsOptions options)
      : vendor_(std::move(vendor)),
        options_(std::move(options)),
        link_(std::make_shared<ElevenLabsLink>(place, vendor_, options_)) {}
  [[nodiscard]] std::string_view name() const override { return "elevenlabs"; }
  void prewarm() override { link_->connect(); }
  [[nodiscard]] std::unique_ptr<TtsStream> open(TtsHandler handler) override {
    return std::make_unique<ElevenLabsStream>(link_, vendor_, options_, std::move(handler));
  }

 private:
  Options vendor_;
  TtsOptions options_;
  std::shared_ptr<ElevenLabsLink> link_;
};

}  // namespace

TtsFactory elevenlabs_tts(ElevenLabsOptions options) {
  while (!options.base_url.empty() && options.base_url.back() == '/') options.base_url.pop_back();
  if (options.base_url.rfind("http", 0) == 0) options.base_url.replace(0, 4, "ws");  // https -> wss
  return [shared = std::make_shared<const ElevenLabsOptions>(std::move(options))](
             const Place& place, TtsOptions call) -> core::Result<std::unique_ptr<Tts>> {
    if (shared->api_key.empty()) return core::fail(core::ErrorCode::unauthorized, "ElevenLabs needs an API key");
    if (call.sample_rate != 8'000 && call.sample_rate != 16'000) {
      return core::fail(core::ErrorCode::invalid, "ElevenLabs delivers audio at 8000 or 16000 Hz here");
    }
    return std::make_unique<ElevenLabs>(place, shared, std::move(call));
  };
}

void add_elevenlabs(Registry& registry, const Account& account) {
  ElevenLabsOptions options;
  options.api_key = account.api_key;
  if (!account.base_url.empty()) options.base_url = account.base_url;
  if (!account.model.empty()) options.model = account.model;
  registry.add_tts("elevenlabs", elevenlabs_tts(std::move(options)));
}

}  // namespace retell::providers::remote
