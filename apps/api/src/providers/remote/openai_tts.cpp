#include "providers/remote/openai_tts.hpp"

#include <cstring>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "audio/resampler.hpp"
#include "core/mailbox.hpp"
#include "core/race.hpp"
#include "json/text.hpp"
#include "providers/remote/event_outlet.hpp"
#include "providers/remote/vendor_error.hpp"
#include "providers/remote/vendors.hpp"

namespace retell::providers::remote {

namespace {

using Options = std::shared_ptr<const OpenAiTtsOptions>;

constexpr int vendor_rate = 24'000;  // of response_format "pcm"
constexpr std::size_t most_chunks = 256;
constexpr int most_attempts = 3;
constexpr std::chrono::milliseconds first_pause{100};  // before the second attempt; doubled for each further one
constexpr std::size_t most_error_bytes = std::size_t{16} << 10;

std::chrono::milliseconds until(core::TimePoint deadline) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
}

// What a stream's coroutine works on; the stream lets go of it by taking the outlet away.
class Speech {
 public:
  Speech(net::Client& net, Options vendor, TtsOptions call, TtsHandler handler)
      : net_(net),
        vendor_(std::move(vendor)),
        call_(std::move(call)),
        outlet_(std::in_place, call_.executor, std::move(handler)),
        texts_(call_.executor, most_chunks, core::Overflow::reject) {}

  void abandon() { outlet_.reset(); }
  void speak(std::uint32_t chunk, std::string text) {
    if (texts_.push({chunk, std::move(text)}) || !outlet_) return;
    outlet_->later([this] { emit(TtsError{{core::ErrorCode::unavailable, "too much text is waiting"}}); });
  }
  void finish() { texts_.close(); }

  static core::Task<void> run(std::shared_ptr<Speech> self) {
    while (auto text = co_await self->texts_.pop()) {
      if (auto failure = co_await self->say(text->first, text->second)) {
        self->texts_.close();
        self->emit(TtsError{std::move(*failure)});
        co_return;
      }
      if (!self->emit(TtsChunkDone{text->first})) co_return;
    }
    self->emit(TtsDone{});
  }

 private:
  bool emit(TtsEvent event) { return outlet_ && outlet_->emit(std::move(event)) && outlet_; }

  core::Task<std::optional<core::Error>> say(std::uint32_t chunk, const std::string& text) {
    auto resampler = audio::Resampler::create(vendor_rate, call_.sample_rate);
    if (!resampler) co_return resampler.error();
    auto answer = co_await ask(text);
    if (!answer) co_return answer.error();
    std::string bytes;
    std::vector<std::int16_t> samples;
    std::vector<std::int16_t> resampled;
    std::size_t received = 0;
    for (bool last = false; !last;) {
      auto part = co_await answer->read();
      if (!part) co_return core::Error{part.error().code, vendor_->name + ": " + part.error().message};
      last = part->empty();
      bytes += *part;
      samples.resize(bytes.size() / 2);
      if (!samples.empty()) std::memcpy(samples.data(), bytes.data(), samples.size() * 2);
      bytes.erase(0, samples.size() * 2);
      resampled.clear();
      resampler->process(samples, resampled);
      received += samples.size();
      if (last && received > 0) resampler->flush(resampled);
      if (resampled.empty()) continue;
      if (!emit(TtsAudio{chunk, resampled})) co_return std::nullopt;
    }
    if (received == 0) co_return core::Error{core::ErrorCode::protocol, vendor_->name + " sent no audio"};
    co_return std::nullopt;
  }

  // The answer whose body is the audio. Refusals that may pass are tried again while there is time for the first audio.
  core::Task<core::Result<net::ResponseStream>> ask(const std::string& text) {
    const auto deadline = std::chrono::steady_clock::now() + vendor_->first_audio_timeout;
    auto pause = first_pause;
    for (int attempt = 1;; ++attempt, pause *= 2) {
      auto answer = co_await core::with_timeout(net_.open(request(text)), until(deadline), "speech");
      if (!answer) co_return core::fail(answer.error().code, vendor_->name + ": " + answer.error().message);
      if (answer->status() == 200) co_return answer;
      auto refusal = co_await core::with_timeout(refusal_of(*answer), until(deadline), "an error's text");
      if (!refusal) refusal = error_of_status(vendor_->name, answer->status(), {});
      const auto wait = retry_after(answer->headers()).value_or(pause);
      const bool again = worth_retrying(answer->status()) && attempt < most_attempts && until(deadline) > wait;
      if (!again) co_return tl::unexpected(std::move(*refusal));
      co_await core::sleep_for(wait);
    }
  }

  core::Task<core::Error> refusal_of(net::ResponseStream& answer) {
    std::string body;
    while (body.size() < most_error_bytes) {
      auto part = co_await answer.read();
      if (!part || part->empty()) break;
      body += *part;
    }
    co_return error_of_status(vendor_->name, answer.status(), body);
  }

  [[nodiscard]] net::ClientRequest request(const std::string& text) const {
    net::ClientRequest http;
    http.method = "POST";
    http.url = vendor_->base_url + "/audio/speech";
    http.headers.set("Content-Type", "application/json");
    if (!vendor_->api_key.empty()) http.headers.set("Authorization", "Bearer " + vendor_->api_key);
    http.body = json::dump(json::Object{{"model", call_.model.empty() ? vendor_->model : call_.model},
                                        {"input", text},
                                        {"voice", call_.voice.empty() ? vendor_->voice : call_.voice},
                                        {"response_format", "pcm"},
                                        {"speed", call_.speed}});
    http.reach = net::Reach::any;
    http.connect_timeout = vendor_->connect_timeout;
    http.first_byte_timeout = vendor_->first_audio_timeout;
    http.idle_timeout = vendor_->liveness;
    return http;
  }

  net::Client& net_;
  Options vendor_;
  TtsOptions call_;
  std::optional<EventOutlet<TtsEvent>> outlet_;  // none once the stream has gone
  core::Mailbox<std::pair<std::uint32_t, std::string>> texts_;
};

class OpenAiTtsStream final : public TtsStream {
 public:
  OpenAiTtsStream(core::Worker& worker, std::shared_ptr<Speech> speech)
      : speech_(std::move(speech)), task_(worker.background().spawn("speech", Speech::run(speech_))) {}
  ~OpenAiTtsStream() override {
    speech_->abandon();
    task_.cancel();
  }
  void speak(std::uint32_t chunk, std::string text) override { speech_->speak(chunk, std::move(text)); }
  void finish() override { speech_->finish(); }

 private:
  std::shared_ptr<Speech> speech_;
  core::TaskHandle task_;
};

class OpenAiTts final : public Tts {
 public:
  OpenAiTts(const Place& place, Options vendor, TtsOptions options)
      : place_(place), vendor_(std::move(vendor)), options_(std::move(options)) {}
  [[nodiscard]] std::string_view name() const override { return vendor_->name; }
  ~OpenAiTts() override { warming_.cancel(); }
  OpenAiTts(const OpenAiTts&) = delete;
  OpenAiTts& operator=(const OpenAiTts&) = delete;

  void prewarm() override {
    if (warming_.done()) {
      warming_ = place_.worker.background().spawn("warm connection", warm(place_.net, vendor_->base_url, options_.log));
    }
  }
  [[nodiscard]] std::unique_ptr<TtsStream> open(TtsHandler handler) override {
    auto speech = std::make_shared<Speech>(place_.net, vendor_, options_, std::move(handler));
    return std::make_unique<OpenAiTtsStream>(place_.worker, std::move(speech));
  }

 private:
  static core::Task<void> warm(net::Client& net, std::string url, core::Logger log) {
    const auto ready = co_await net.warm(std::move(url), net::Reach::any);
    if (!ready) log.warn("the voice cannot be reached: {}", ready.error().message);
  }

  Place place_;
  Options vendor_;
  TtsOptions options_;
  core::TaskHandle warming_;
};

}  // namespace

TtsFactory openai_tts(OpenAiTtsOptions options) {
  while (!options.base_url.empty() && options.base_url.back() == '/') options.base_url.pop_back();
  return [shared = std::make_shared<const OpenAiTtsOptions>(std::move(options))](
             const Place& place, TtsOptions call) -> core::Result<std::unique_ptr<Tts>> {
    return std::make_unique<OpenAiTts>(place, shared, std::move(call));
  };
}

void add_openai_tts(Registry& registry, const Account& account) {
  OpenAiTtsOptions options;
  options.api_key = account.api_key;
  if (!account.base_url.empty()) options.base_url = account.base_url;
  // account.model is the one that thinks; a voice names its own.
  registry.add_tts("openai", openai_tts(std::move(options)));
}

}  // namespace retell::providers::remote
