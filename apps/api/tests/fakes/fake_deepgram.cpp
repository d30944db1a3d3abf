#include "fakes/fake_deepgram.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "json/text.hpp"
#include "json/value.hpp"

namespace retell::fakes {

namespace {

using Fault = FakeDeepgram::Fault;

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::size_t at = 0;
  while (at < text.size()) {
    auto end = text.find(' ', at);
    if (end == std::string::npos) end = text.size();
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

std::string joined(const std::vector<std::string>& words, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < std::min(count, words.size()); ++i) text += (i == 0 ? "" : " ") + words[i];
  return text;
}

int mean_loudness(std::string_view bytes) {
  const auto count = bytes.size() / 2;
  if (count == 0) return 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::int16_t sample = 0;
    std::memcpy(&sample, bytes.data() + 2 * i, 2);
    sum += std::abs(static_cast<int>(sample));
  }
  return static_cast<int>(sum / static_cast<std::int64_t>(count));
}

}  // namespace

class FakeDeepgramSession {
 public:
  FakeDeepgramSession(FakeDeepgram& owner, net::WebSocket& socket, double sample_rate, Fault fault)
      : owner_(owner), socket_(socket), rate_(sample_rate), fault_(fault) {}

  void on_message(std::string_view data, bool binary) {
    if (binary) {
      on_audio(data);
      return;
    }
    if (data.find("KeepAlive") != std::string_view::npos) {
      ++owner_.keep_alives;
      if (fault_ == Fault::close_waiting && now_s_ == 0 && ++idle_keep_alives_ == 2) socket_.close(1011, "NET-0000");
    } else if (data.find("Finalize") != std::string_view::npos) {
      ++owner_.finalizes;
      if (fault_ != Fault::deaf && fault_ != Fault::no_finalize) settle(now_s_, true);
    } else if (data.find("CloseStream") != std::string_view::npos) {
      ++owner_.finished;
      if (fault_ == Fault::deaf) return;
      if (speaking_) settle(now_s_, false);
      socket_.send_text(R"({"type":"Metadata","transaction_key":"deprecated","request_id":"r","channels":1})");
      socket_.close(1000);
    }
  }

 private:
  void on_audio(std::string_view data) {
    const auto samples = static_cast<std::int64_t>(data.size() / 2);
    const auto first = owner_.samples.fetch_add(samples) == 0 || now_s_ == 0;
    const double length = static_cast<double>(samples) / rate_;
    now_s_ += length;
    if (first && fails()) return;
    if (fault_ == Fault::deaf) return;
    const auto* utterance = current();
    const bool by_position = utterance != nullptr && utterance->end_s > 0;
    if (by_position) {
      if (!speaking_ && now_s_ > utterance->start_s) begin(utterance->start_s);
      if (speaking_ && now_s_ >= utterance->end_s) {
        settle(utterance->end_s, false);
        return;
      }
    } else if (mean_loudness(data) >= owner_.options_.loud) {
      quiet_s_ = 0;
      if (!speaking_) begin(now_s_ - length);
    } else if (speaking_) {
      quiet_s_ += length;
      if (quiet_s_ >= owner_.options_.settle_s) {
        settle(now_s_, false);
        return;
      }
    }
    if (speaking_ && now_s_ - told_s_ >= owner_.options_.partial_every_s) {
      partial();
    } else if (!speaking_ && now_s_ - told_s_ >= 1.0) {
      result("", {}, settled_s_, now_s_, false, false);  // silence is reported about once a second
    }
  }

  bool fails() {
    switch (fault_) {
      case Fault::close_1008:
        socket_.close(1008, "DATA-0000");
        return true;
      case Fault::close_1011:
        socket_.close(1011, "NET-0001");
        return true;
      case Fault::garbage:
        socket_.send_text("{\"type\":\"Results\",");
        return true;
      case Fault::error_message:
        socket_.send_text(R"({"type":"Error","description":"the model is gone","message":"x","variant":"y"})");
        return true;
      default:
        return false;
    }
  }

  const FakeUtterance* current() const {
    const auto& all = owner_.options_.utterances;
    if (all.empty()) return nullptr;
    if (next_ < all.size()) return &all[next_];
    return owner_.options_.repeat ? &all[next_ % all.size()] : nullptr;
  }

  void begin(double at_s) {
    speaking_ = true;
    start_s_ = std::max(at_s, settled_s_);
    told_s_ = now_s_;
    quiet_s_ = 0;
    partials_ = 0;
  }

  void partial() {
    const auto* utterance = current();
    if (utterance == nullptr) return;
    const auto words = words_of(utterance->text);
    auto count = ++partials_;
    if (fault_ == Fault::shrinking && count % 2 == 0) count = 1;
    result(joined(words, count), {}, settled_s_, now_s_, false, false);
  }

  void settle(double at_s, bool from_finalize) {
    const auto* utterance = speaking_ ? current() : nullptr;
    std::string text;
    json::Array words;
    if (utterance != nullptr) {
      text = utterance->text;
      const auto list = words_of(text);
      const double each = (at_s - start_s_) / static_cast<double>(std::max<std::size_t>(list.size(), 1));
      double at = start_s_;
      for (const auto& word : list) {
        words.push_back(json::Object{
            {"word", word}, {"start", at}, {"end", at + each}, {"confidence", 0.99}, {"punctuated_word", word}});
        at += each;
      }
      ++next_;
    }
    speaking_ = false;
    const auto start = settled_s_;
    settled_s_ = at_s;
    const auto sent = result(text, words, start, at_s, true, from_finalize);
    if (text.empty()) return;
    if (fault_ == Fault::duplicate_final) socket_.send_text(sent);
    if (fault_ == Fault::late_final) late_ = sent;
  }

  std::string result(const std::string& text, const json::Array& words, double start_s, double end_s, bool is_final,
                     bool from_finalize) {
    told_s_ = now_s_;
    const json::Object alternative{{"transcript", text}, {"confidence", text.empty() ? 0.0 : 0.99}, {"words", words}};
    auto message = json::dump(json::Object{{"type", "Results"},
                                           {"channel_index", json::Array{0, 1}},
                                           {"duration", end_s - start_s},
                                           {"start", start_s},
                                           {"is_final", is_final},
                                           {"speech_final", is_final},
                                           {"channel", json::Object{{"alternatives", json::Array{alternative}}}},
                                           {"metadata", json::Object{{"request_id", "r"}}},
                                           {"from_finalize", from_finalize}});
    socket_.send_text(message);
    if (!late_.empty()) socket_.send_text(std::exchange(late_, {}));
    return message;
  }

  FakeDeepgram& owner_;
  net::WebSocket& socket_;
  double rate_;
  Fault fault_;
  std::size_t next_ = 0;  // utterance
  bool speaking_ = false;
  double now_s_ = 0;      // of audio received
  double start_s_ = 0;    // of the running utterance
  double settled_s_ = 0;  // end of the last final
  double told_s_ = 0;     // when a result was last sent
  double quiet_s_ = 0;
  std::size_t partials_ = 0;
  int idle_keep_alives_ = 0;
  std::string late_;
};

FakeDeepgram::FakeDeepgram(Options options)
    : options_(std::move(options)),
      server_(
          options_.threads,
          [](net::HttpRequest, core::Worker&) -> core::Task<net::HttpResponse> { co_return not_found(); },
          [this](net::HttpRequest request, core::Worker&) { return upgrade(std::move(request)); }) {}

core::Task<FakeDeepgram::Upgrade> FakeDeepgram::upgrade(net::HttpRequest request) {
  if (request.path != "/v1/listen") co_return not_found();
  if (options_.keep_urls) targets.add(request.target);
  const auto current = fault.next();
  if (current == Fault::no_handshake) co_await sleep_for_ever();
  if (current == Fault::refused) co_return json_response(429, R"({"err_code":"TOO_MANY_REQUESTS","err_msg":"busy"})");
  const auto key = request.headers.get("Authorization").value_or("");
  if (current == Fault::unauthorized || key != "Token " + options_.api_key) {
    co_return json_response(401, R"({"err_code":"INVALID_AUTH","err_msg":"Invalid credentials."})");
  }
  if (net::query_value(request.query, "encoding") != "linear16") {
    co_return json_response(400, R"({"err_code":"Bad Request","err_msg":"encoding"})");
  }
  const double rate = std::atof(net::query_value(request.query, "sample_rate").value_or("0").c_str());
  if (rate <= 0) co_return json_response(400, R"({"err_code":"Bad Request","err_msg":"sample_rate"})");
  ++streams;
  co_return net::WebSocketSession([this, rate, current](net::WebSocket socket, core::Worker&) {
    return [](FakeDeepgram& owner, net::WebSocket peer, double sample_rate, Fault now) -> core::Task<void> {
      if (now == Fault::half_open) co_await sleep_for_ever();
      FakeDeepgramSession session(owner, peer, sample_rate, now);
      co_await peer.run([&session](std::string_view data, bool binary) { session.on_message(data, binary); });
    }(*this, std::move(socket), rate, current);
  });
}

}  // namespace retell::fakes
