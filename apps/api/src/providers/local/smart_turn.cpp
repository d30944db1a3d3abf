#include "providers/local/smart_turn.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>

#include "audio/resampler.hpp"
#include "providers/local/cpu.hpp"

namespace retell::providers::local {
namespace {

constexpr std::size_t window_s = 8;  // what the model was trained on
constexpr std::size_t window = window_s * static_cast<std::size_t>(audio::wideband);
constexpr std::size_t waiting = 4;  // questions; an answer that comes late is worth nothing

}  // namespace

SmartTurnEngine::SmartTurnEngine(std::filesystem::path model, std::size_t threads)
    : model_(std::move(model)), threads_("smart-turn", threads, waiting) {}

SmartTurnEngine::~SmartTurnEngine() { threads_.stop(); }

core::Result<> SmartTurnEngine::load() {
  std::call_once(loading_, [this] {
    auto session = load_onnx(model_, 1);
    if (session) {
      session_ = std::move(*session);
    } else {
      loaded_ = tl::unexpected(session.error());
    }
  });
  return loaded_;
}

core::Result<> SmartTurnEngine::warm_up() {
  const std::vector<std::int16_t> silence(window);
  const auto judged = judge(silence, audio::wideband);
  return judged ? core::Result<>() : tl::unexpected(judged.error());
}

core::Result<float> SmartTurnEngine::judge(std::span<const std::int16_t> audio, int rate) {
  if (auto ready = load(); !ready) return tl::unexpected(ready.error());
  std::vector<std::int16_t> wide;
  if (rate != audio::wideband) {
    auto resampled = audio::resampled(audio, rate, audio::wideband);
    if (!resampled) return tl::unexpected(resampled.error());
    wide = std::move(*resampled);
    audio = wide;
  }
  // The utterance stands at the end of the window, silence before it.
  const auto heard = audio.last(std::min(audio.size(), window));
  std::vector<float> wave(window, 0.0F);
  std::transform(heard.begin(), heard.end(), wave.end() - static_cast<std::ptrdiff_t>(heard.size()),
                 [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
  const auto features = mel_.compute(wave, true);
  const auto frames = static_cast<std::int64_t>(window / mel_hop);
  const auto out =
      session_->run({{"input_features", {1, static_cast<std::int64_t>(mel_bands), frames}, std::span(features)}});
  if (!out) return tl::unexpected(out.error());
  if (out->empty()) return core::fail(core::ErrorCode::internal, "Smart Turn gave no answer");
  return out->front();
}

struct SmartTurn::Question {
  std::atomic<bool> dropped{false};
  std::function<void(float)> answer;  // touched on the executor only
};

SmartTurn::SmartTurn(SmartTurnEngine& engine, core::Executor executor)
    : engine_(engine), executor_(std::move(executor)) {}

SmartTurn::~SmartTurn() { forget(); }

void SmartTurn::forget() {
  if (!open_) return;
  open_->dropped.store(true);
  open_->answer = nullptr;
  open_.reset();
}

void SmartTurn::ask(std::span<const std::int16_t> audio, int rate, std::function<void(float probability)> answer) {
  forget();
  open_ = std::make_shared<Question>();
  open_->answer = std::move(answer);
  const auto most = static_cast<std::size_t>(rate) * window_s;
  const auto heard = audio.last(std::min(audio.size(), most));
  // When the queue is full the question is dropped: the asker has its own deadline.
  (void)engine_.threads().submit([&engine = engine_, executor = executor_, question = open_, rate,
                                  copy = std::vector<std::int16_t>(heard.begin(), heard.end())](std::size_t) {
    if (question->dropped.load()) return;
    const auto probability = engine.judge(copy, rate);
    if (!probability) return;
    boost::asio::post(executor, [question, value = *probability] {
      if (auto reply = std::exchange(question->answer, nullptr)) reply(value);
    });
  });
}

}  // namespace retell::providers::local
