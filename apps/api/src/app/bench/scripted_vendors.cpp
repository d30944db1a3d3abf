#include "benchmarks/scripted_vendors.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <span>
#include <variant>

#include "audio/frame.hpp"
#include "core/race.hpp"
#include "crypto/encoding.hpp"

namespace retell::benchmarks {

namespace {

using core::Task;
using std::chrono::milliseconds;

// Partials never show the last word, so an answer begun on a guess is thrown away and each turn goes the whole way.
constexpr std::string_view guessed = "i would like to book a table for two people tomorrow";
constexpr std::string_view heard = "i would like to book a table for two people tomorrow evening.";
constexpr std::string_view answer =
    "Of course, I can book that table for you, by the window, at eight. Is there anything else?";
constexpr double voiced_rms = 300;  // of 16 bits; the line is silent otherwise
constexpr int rate = 8'000;
constexpr milliseconds piece{500};          // of audio in one message of the synthesiser
constexpr milliseconds between_pieces{50};  // ten times as fast as speech
constexpr milliseconds per_character{60};

core::TimePoint now() { return std::chrono::steady_clock::now(); }

std::size_t call_number(std::string_view text) {
  const auto at = text.find("bench-");
  std::size_t number = 0;
  if (at != std::string_view::npos) std::from_chars(text.data() + at + 6, text.data() + text.size(), number);
  return number;
}

std::string transcript_message(double start, double end, std::string_view text, bool is_final, bool finalized) {
  return fmt::format(
      R"({{"type":"Results","channel_index":[0,1],"duration":{:.3f},"start":{:.3f},"is_final":{},"speech_final":false,)"
      R"("from_finalize":{},"channel":{{"alternatives":[{{"transcript":"{}","confidence":0.99,"words":[]}}]}}}})",
      end - start, start, is_final, finalized, text);
}

// Silence at its beginning would be taken away, and the piece would not be what it says.
std::span<const std::int16_t> loudest_piece(std::span<const std::int16_t> voice) {
  const auto size = std::min(voice.size(), static_cast<std::size_t>(rate * piece.count() / 1000));
  std::size_t best = 0;
  float level = 0;
  for (std::size_t at = 0; at + size <= voice.size(); at += size / 10 + 1) {
    if (const auto here = audio::rms(voice.subspan(at, size)); here > level) {
      level = here;
      best = at;
    }
  }
  return voice.subspan(best, size);
}

}  // namespace

struct ScriptedVendors::State {
  VendorTimes times;
  std::string piece_base64;
  std::vector<VendorTrace> traces;

  VendorTrace& trace(std::size_t call) {
    if (traces.size() <= call) traces.resize(call + 1);
    return traces[call];
  }
};

namespace {

using State = std::shared_ptr<ScriptedVendors::State>;

// Partials while there is voice, everything settled on Finalize.
class Transcriber {
 public:
  Transcriber(State state, std::size_t call, net::WebSocket& socket, core::TaskGroup& group)
      : state_(std::move(state)), call_(call), socket_(socket), group_(group) {}

  void on_audio(std::string_view data) {
    double sum = 0;
    for (std::size_t i = 0; i + 1 < data.size(); i += 2) {
      std::int16_t sample = 0;
      std::memcpy(&sample, data.data() + i, 2);
      sum += static_cast<double>(sample) * sample;
    }
    const auto samples = data.size() / 2;
    position_s_ += static_cast<double>(samples) / rate;
    if (samples > 0 && std::sqrt(sum / static_cast<double>(samples)) > voiced_rms) {
      voiced_s_ += static_cast<double>(samples) / rate;
    }
    const auto words = std::min(guessed.size(), static_cast<std::size_t>(voiced_s_ * 20));
    if (position_s_ - told_s_ < 0.5) return;
    told_s_ = position_s_;
    const auto cut = words == guessed.size() ? words : guessed.rfind(' ', words);
    const auto text = voiced_s_ < 0.3 || cut == std::string_view::npos ? std::string_view{} : guessed.substr(0, cut);
    socket_.send_text(transcript_message(settled_s_, position_s_, text, false, false));
  }

  void finalize() { group_.spawn("finalize", answer_finalize()); }

 private:
  Task<void> answer_finalize() {
    co_await core::sleep_for(state_->times.transcript);
    const auto text = voiced_s_ < 0.3 ? std::string_view{} : heard;
    socket_.send_text(transcript_message(settled_s_, position_s_, text, true, true));
    state_->trace(call_).transcript_sent = now();
    settled_s_ = position_s_;
    voiced_s_ = 0;
  }

  State state_;
  std::size_t call_;
  net::WebSocket& socket_;
  core::TaskGroup& group_;
  double position_s_ = 0;
  double settled_s_ = 0;
  double told_s_ = 0;
  double voiced_s_ = 0;
};

// Each context gets its audio, evenly spoken, in pieces faster than speech.
Task<void> synthesise(State state, std::size_t call, net::WebSocket& socket, std::string context, std::string text) {
  auto& asked = state->trace(call);
  const bool first = asked.speech_asked < asked.model_asked;
  if (first) asked.speech_asked = now();
  co_await core::sleep_for(state->times.first_audio);
  const auto per_piece = static_cast<std::size_t>(piece / per_character);
  for (std::size_t at = 0; at < text.size(); at += per_piece) {
    std::string characters;
    std::string starts;
    std::string durations;
    for (std::size_t i = at; i < std::min(text.size(), at + per_piece); ++i) {
      const auto* separator = i == at ? "" : ",";
      characters += fmt::format("{}\"{}\"", separator, text[i] == '"' ? ' ' : text[i]);
      starts += fmt::format("{}{}", separator, (i - at) * static_cast<std::size_t>(per_character.count()));
      durations += fmt::format("{}{}", separator, per_character.count());
    }
    socket.send_text(fmt::format(
        R"({{"audio":"{}","contextId":"{}","alignment":{{"chars":[{}],"charStartTimesMs":[{}],"charDurationsMs":[{}]}}}})",
        state->piece_base64, context, characters, starts, durations));
    if (first && at == 0) state->trace(call).audio_sent = now();
    co_await core::sleep_for(between_pieces);
  }
  socket.send_text(fmt::format(R"({{"contextId":"{}","isFinal":true}})", context));
}

Task<void> serve_speech(State state, std::size_t call, net::WebSocket socket, core::Worker& worker) {
  core::TaskGroup group(worker.executor());
  std::map<std::string, std::string> texts;
  co_await socket.run([&](std::string_view data, bool) {
    boost::system::error_code bad;
    const auto parsed = boost::json::parse({data.data(), data.size()}, bad);
    if (bad || !parsed.is_object()) return;
    const auto& object = parsed.get_object();
    const auto* context = object.if_contains("context_id");
    if (context == nullptr) return;
    const std::string id(context->as_string());
    if (const auto* text = object.if_contains("text")) texts[id] += std::string(text->as_string());
    if (!object.contains("flush")) return;
    group.spawn("speech", synthesise(state, call, socket, id, std::exchange(texts[id], {})));
  });
  group.cancel();
  co_await group.join();
}

Task<void> serve_transcript(State state, std::size_t call, net::WebSocket socket, core::Worker& worker) {
  core::TaskGroup group(worker.executor());
  Transcriber transcriber(state, call, socket, group);
  co_await socket.run([&](std::string_view data, bool binary) {
    if (binary) {
      transcriber.on_audio(data);
    } else if (data.find("Finalize") != std::string_view::npos) {
      transcriber.finalize();
    } else if (data.find("CloseStream") != std::string_view::npos) {
      socket.close();
    }
  });
  group.cancel();
  co_await group.join();
}

Task<net::HttpResponse> complete(State state, net::HttpRequest request) {
  const auto call = call_number(request.body);
  state->trace(call).model_asked = now();
  co_await core::sleep_for(state->times.first_token);
  // The answer's length is known, so that it is sent whole, as fast models nearly do.
  std::string body;
  for (std::size_t at = 0; at < answer.size(); at += 24) {
    body += fmt::format("data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
                        answer.substr(at, 24));
  }
  body += "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
  state->trace(call).token_sent = now();
  co_return net::HttpResponse{.headers = {{"Content-Type", "text/event-stream"}}, .body = std::move(body)};
}

Task<net::UpgradeOutcome> upgrade(State state, net::HttpRequest request) {
  const auto call = call_number(request.target);
  const bool listens = request.path == "/v1/listen";
  co_return net::WebSocketSession([state, call, listens](net::WebSocket socket, core::Worker& worker) {
    return listens ? serve_transcript(state, call, std::move(socket), worker)
                   : serve_speech(state, call, std::move(socket), worker);
  });
}

}  // namespace

ScriptedVendors::ScriptedVendors(core::WorkerPool& workers, VendorTimes times, const std::vector<std::int16_t>& voice)
    : state_(std::make_shared<State>()) {
  state_->times = times;
  const auto sound = loudest_piece(voice);
  state_->piece_base64 = crypto::to_base64({reinterpret_cast<const char*>(sound.data()), sound.size_bytes()});
  server_ = std::make_unique<net::HttpServer>(
      workers, net::HttpServerOptions{.port = 0},
      [state = state_](net::HttpRequest request, core::Worker&) { return complete(state, std::move(request)); },
      [state = state_](net::HttpRequest request, core::Worker&) { return upgrade(state, std::move(request)); },
      core::Logger{});
}

ScriptedVendors::~ScriptedVendors() = default;

std::uint16_t ScriptedVendors::start() { return server_->start().value(); }

const VendorTrace& ScriptedVendors::trace(std::size_t call) const { return state_->trace(call); }

}  // namespace retell::benchmarks
