#include "providers/remote/deepgram_stt.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include "core/clock.hpp"
#include "providers/remote/deepgram_wire.hpp"
#include "providers/remote/event_outlet.hpp"
#include "providers/remote/vendor_socket.hpp"
#include "providers/remote/vendors.hpp"

namespace retell::providers::remote {

namespace {

using std::chrono::milliseconds;
using Options = std::shared_ptr<const DeepgramOptions>;

constexpr const char* finalize_message = R"({"type":"Finalize"})";
constexpr const char* keep_alive_message = R"({"type":"KeepAlive"})";
constexpr const char* close_message = R"({"type":"CloseStream"})";
constexpr std::size_t most_finalizes = 64;  // unanswered at a time

core::TimePoint now() { return std::chrono::steady_clock::now(); }

class DeepgramStream final : public SttStream {
 public:
  DeepgramStream(const Place& place, Options shared, const SttOptions& call, SttHandler handler)
      : shared_(std::move(shared)),
        sample_rate_(call.sample_rate),
        piece_bytes_(static_cast<std::size_t>(shared_->piece.count()) * static_cast<std::size_t>(call.sample_rate) /
                     1'000 * sizeof(std::int16_t)),
        outlet_(call.executor, std::move(handler)),
        last_sent_(now()),
        last_heard_(now()) {
    net::ClientWebSocketRequest request;
    request.url = deepgram_url(*shared_, call);
    request.headers.set("Authorization", "Token " + shared_->api_key);
    request.reach = net::Reach::any;
    request.connect_timeout = shared_->connect_timeout;
    VendorSocket::Handlers handlers;
    handlers.on_open = [this] { last_heard_ = now(); };
    handlers.on_message = [this](std::string_view data, bool binary) {
      if (!binary) on_message(data);
    };
    handlers.on_end = [this](std::uint16_t, core::Error error) { fail(std::move(error)); };
    handlers.on_tick = [this] { on_tick(); };
    const auto soonest = std::min({shared_->keep_alive, shared_->liveness, shared_->finalize_timeout});
    socket_.emplace(place, "Deepgram", std::move(request), std::move(handlers),
                    std::clamp(soonest / 4, milliseconds(5), milliseconds(500)));
  }

  ~DeepgramStream() override {
    if (socket_) socket_->leave(close_message);
  }

  void listen(SttHandler handler) { outlet_.listen(std::move(handler)); }

  void send(std::span<const std::int16_t> samples) override {
    if (!socket_) return;
    const auto* bytes = reinterpret_cast<const char*>(samples.data());  // little-endian, as linear16 is
    piece_.append(bytes, samples.size_bytes());
    if (piece_.size() >= piece_bytes_) flush();
  }

  void finalize(std::uint32_t token) override {
    if (!socket_ || finalizes_.size() == most_finalizes) return;
    flush();
    finalizes_.push_back({token, now() + shared_->finalize_timeout});
    say(finalize_message);
  }

 private:
  struct Finalize {
    std::uint32_t token;
    core::TimePoint deadline;
  };

  void flush() {
    if (piece_.empty()) return;
    const auto samples = piece_.size() / sizeof(std::int16_t);
    unheard_ += milliseconds(static_cast<std::int64_t>(samples) * 1'000 / sample_rate_);
    sent_samples_ += samples;
    last_sent_ = now();
    if (!socket_->send_binary(piece_)) overrun();
    piece_.clear();
  }

  void say(const char* message) {
    last_sent_ = now();
    if (!socket_->send_text(message)) overrun();
  }

  // Inside send() and finalize(), so the failure is told a moment later.
  void overrun() {
    if (std::exchange(overrun_, true)) return;
    outlet_.later([this] { fail({core::ErrorCode::unavailable, "Deepgram does not take the audio"}); });
  }

  void fail(core::Error error) {
    if (socket_) {
      socket_->drop();
      socket_.reset();
    }
    finalizes_.clear();
    outlet_.emit(SttError{std::move(error), true});
  }

  void on_message(std::string_view data) {
    last_heard_ = now();
    unheard_ = milliseconds(0);
    auto message = read_deepgram(data);
    if (!message) {
      fail(std::move(message.error()));
      return;
    }
    if (auto* failure = std::get_if<DeepgramFailure>(&*message)) {
      fail({core::ErrorCode::unavailable, "Deepgram failed: " + failure->words});
    } else if (auto* result = std::get_if<DeepgramResult>(&*message)) {
      on_result(std::move(*result));
    }
  }

  void on_result(DeepgramResult result) {
    const bool finalized = result.from_finalize;
    if (!segments_.take(result)) {
      // A late or repeated segment: its words have been told.
    } else if (result.is_final) {
      partial_.clear();
      if (!result.text.empty() && !outlet_.emit(SttFinal{std::move(result.text), std::move(result.words)})) {
        return;
      }
    } else if (result.text != partial_) {
      partial_ = result.text;
      if (!outlet_.emit(SttPartial{std::move(result.text)})) return;
    }
    if (finalized) answer_finalize();
  }

  void answer_finalize() {
    if (finalizes_.empty()) return;
    const auto token = finalizes_.front().token;
    finalizes_.pop_front();
    outlet_.emit(SttFinalized{token});
  }

  void on_tick() {
    const auto time = now();
    if (!finalizes_.empty() && time >= finalizes_.front().deadline) {
      // What was last guessed is the best there is; should Deepgram settle it later, that is old news.
      if (!partial_.empty()) {
        segments_.settle_until(static_cast<double>(sent_samples_) / sample_rate_);
        if (!outlet_.emit(SttFinal{std::exchange(partial_, {}), {}})) return;
      }
      const auto token = finalizes_.front().token;
      finalizes_.pop_front();
      if (!outlet_.emit(SttFinalized{token})) return;
    }
    if (!socket_) return;
    if (unheard_ >= shared_->liveness && time - last_heard_ >= shared_->liveness) {
      fail({core::ErrorCode::timeout,
            "Deepgram has not answered to " + std::to_string(unheard_.count()) + " ms of audio"});
      return;
    }
    if (socket_->open() && time - last_sent_ >= shared_->keep_alive) say(keep_alive_message);
  }

  Options shared_;
  int sample_rate_;
  std::size_t piece_bytes_;

  EventOutlet<SttEvent> outlet_;
  std::optional<VendorSocket> socket_;  // none once it has failed
  DeepgramSegments segments_;
  std::string piece_;    // audio not yet sent
  std::string partial_;  // the last one told
  std::deque<Finalize> finalizes_;
  std::uint64_t sent_samples_ = 0;
  milliseconds unheard_{0};  // audio sent since Deepgram last said anything
  core::TimePoint last_sent_;
  core::TimePoint last_heard_;
  bool overrun_ = false;
};

class Deepgram final : public Stt {
 public:
  Deepgram(const Place& place, Options shared, SttOptions options)
      : place_(place), shared_(std::move(shared)), options_(std::move(options)) {}
  [[nodiscard]] std::string_view name() const override { return "deepgram"; }

  void prewarm() override {
    if (waiting_) return;
    waiting_since_ = now();
    waiting_ = std::make_unique<DeepgramStream>(place_, shared_, options_, [this](const SttEvent& event) {
      if (const auto* error = std::get_if<SttError>(&event)) on_lost(error->error);
    });
  }

  // Connects at once when no connection waits, and keeps what is said meanwhile.
  [[nodiscard]] std::unique_ptr<SttStream> open(SttHandler handler) override {
    if (!waiting_) return std::make_unique<DeepgramStream>(place_, shared_, options_, std::move(handler));
    waiting_->listen(std::move(handler));
    return std::move(waiting_);
  }

 private:
  // Deepgram closes a stream that has heard nothing for half a minute, whatever is sent to keep it alive: another one
  // takes its place. One that did not even stand for a moment is not tried again before it is asked for.
  void on_lost(const core::Error& error) {
    const bool stood = now() - waiting_since_ >= shared_->keep_alive;
    waiting_.reset();
    if (stood) return prewarm();
    options_.log.warn("no connection waits at Deepgram: {}", error.message);
  }

  Place place_;
  Options shared_;
  SttOptions options_;
  std::unique_ptr<DeepgramStream> waiting_;  // connected ahead, for the next open()
  core::TimePoint waiting_since_;
};

}  // namespace

SttFactory deepgram_stt(DeepgramOptions options) {
  while (!options.base_url.empty() && options.base_url.back() == '/') options.base_url.pop_back();
  if (options.base_url.rfind("http", 0) == 0) options.base_url.replace(0, 4, "ws");  // https -> wss
  return [shared = std::make_shared<const DeepgramOptions>(std::move(options))](
             const Place& place, SttOptions call) -> core::Result<std::unique_ptr<Stt>> {
    if (shared->api_key.empty()) return core::fail(core::ErrorCode::unauthorized, "Deepgram needs an API key");
    if (call.sample_rate != 8'000 && call.sample_rate != 16'000) {
      return core::fail(core::ErrorCode::invalid, "Deepgram is given audio at 8000 or 16000 Hz");
    }
    return std::make_unique<Deepgram>(place, shared, std::move(call));
  };
}

void add_deepgram(Registry& registry, const Account& account) {
  DeepgramOptions options;
  options.api_key = account.api_key;
  if (!account.base_url.empty()) options.base_url = account.base_url;
  if (!account.model.empty()) options.model = account.model;
  registry.add_stt("deepgram", deepgram_stt(std::move(options)));
}

}  // namespace retell::providers::remote
