#include "fakes/fake_elevenlabs.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>
#include <vector>

#include "core/mailbox.hpp"
#include "core/race.hpp"
#include "crypto/encoding.hpp"
#include "json/text.hpp"
#include "json/value.hpp"

namespace retell::fakes {

namespace {

using std::chrono::milliseconds;
using Fault = FakeElevenLabs::Fault;

std::string text_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

bool flag_at(const json::Object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->get_bool();
}

// The characters of UTF-8 text, one string each.
std::vector<std::string> characters_of(const std::string& text) {
  std::vector<std::string> characters;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) == 0x80U && !characters.empty())
      characters.back() += c;
    else
      characters.emplace_back(1, c);
  }
  return characters;
}

}  // namespace

class FakeElevenLabsSession {
 public:
  FakeElevenLabsSession(FakeElevenLabs& owner, net::WebSocket& socket, const core::Executor& executor, int sample_rate,
                        Fault fault)
      : owner_(owner),
        socket_(socket),
        rate_(sample_rate),
        fault_(fault),
        jobs_(executor, 64, core::Overflow::reject) {}

  void on_message(std::string_view data) {
    const auto parsed = json::parse(data);
    if (!parsed || !parsed->is_object()) {
      socket_.close(1003, "not JSON");
      return;
    }
    const auto& message = parsed->get_object();
    const auto id = text_at(message, "context_id");
    if (flag_at(message, "close_context")) {
      jobs_.push({id, {}, true});
      return;
    }
    if (waiting_.try_emplace(id).second) {
      ++owner_.contexts;
      if (const auto* settings = message.if_contains("voice_settings"); settings && owner_.options_.keep_texts) {
        owner_.settings.add(json::dump(*settings));
      }
      if (waiting_.size() > owner_.options_.most_contexts || fault_ == Fault::close_1008) {
        socket_.close(1008, "Maximum simultaneous contexts exceeded (5)");
        return;
      }
    }
    const auto text = text_at(message, "text");
    if (text != " ") waiting_[id] += text;
    if (flag_at(message, "flush")) {
      auto& gathered = waiting_[id];
      if (owner_.options_.keep_texts) owner_.texts.add(gathered);
      jobs_.push({id, std::exchange(gathered, {}), false});
    }
  }

  core::Task<void> speak() {
    if (fault_ == Fault::deaf) co_await sleep_for_ever();
    while (auto job = co_await jobs_.pop()) {
      if (fault_ == Fault::swapped) {
        swapped_.push_back(std::move(*job));
        if (swapped_.size() < 4) continue;
        std::rotate(swapped_.begin(), swapped_.begin() + 2, swapped_.end());
        for (auto& held : std::exchange(swapped_, {})) co_await serve(std::move(held));
        fault_ = Fault::none;
        continue;
      }
      co_await serve(std::move(*job));
    }
  }

 private:
  struct Job {
    std::string context;
    std::string text;
    bool close = false;
  };

  core::Task<void> serve(Job job) {
    if (job.close) {
      waiting_.erase(job.context);
      socket_.send_text(json::dump(json::Object{{"audio", nullptr}, {"isFinal", true}, {"contextId", job.context}}));
      if (owner_.drop_idle && waiting_.empty()) socket_.close(1000, "idle");
      co_return;
    }
    const auto wait =
        owner_.options_.first_piece_delay + (fault_ == Fault::slow_first_byte ? owner_.options_.slow : milliseconds(0));
    if (wait.count() > 0) co_await core::sleep_for(wait);
    if (fault_ == Fault::garbage) socket_.send_text("{\"audio\":");
    if (fault_ == Fault::error_message) {
      socket_.send_text(R"({"error":"quota_exceeded","message":"no characters left","code":1008})");
    }
    if (fault_ == Fault::zero_audio) co_return;
    if (fault_ == Fault::stray_context) piece("c999", {"x"}, 0, 1);
    const auto characters = characters_of(job.text.substr(0, job.text.find_last_not_of(' ') + 1));
    const auto each = static_cast<std::size_t>(owner_.options_.milliseconds_per_character);
    const auto in_piece = std::max<std::size_t>(
        1, static_cast<std::size_t>(owner_.options_.piece.count()) / std::max<std::size_t>(each, 1));
    for (std::size_t at = 0; at < characters.size(); at += in_piece) {
      const auto end = std::min(at + in_piece, characters.size());
      piece(job.context, characters, at, end);
      if (fault_ == Fault::mid_stream_close) socket_.close(1011, "internal");
      if (fault_ == Fault::mid_stream_stall || fault_ == Fault::mid_stream_close) co_await sleep_for_ever();
    }
  }

  void piece(const std::string& context, const std::vector<std::string>& characters, std::size_t begin,
             std::size_t end) {
    const auto each = static_cast<std::size_t>(owner_.options_.milliseconds_per_character);
    const auto samples = (end - begin) * each * static_cast<std::size_t>(rate_) / 1'000;
    json::Object message{{"audio", crypto::to_base64(sound(samples))}, {"isFinal", false}, {"contextId", context}};
    if (fault_ != Fault::no_alignment) {
      json::Array chars;
      json::Array starts;
      json::Array durations;
      for (std::size_t i = begin; i < end; ++i) {
        chars.emplace_back(characters[i]);
        starts.emplace_back((i - begin) * each);
        durations.emplace_back(each);
      }
      message["alignment"] = json::Object{{"chars", std::move(chars)},
                                          {"charStartTimesMs", std::move(starts)},
                                          {"charDurationsMs", std::move(durations)}};
    }
    socket_.send_text(json::dump(message));
  }

  // The tone is computed once; every piece is a part of it.
  std::string sound(std::size_t samples) {
    if (tone_.size() < samples * 2) tone_ = tone(rate_, samples);
    return tone_.substr(0, samples * 2);
  }

  FakeElevenLabs& owner_;
  net::WebSocket& socket_;
  int rate_;
  Fault fault_;
  core::Mailbox<Job> jobs_;
  std::vector<Job> swapped_;
  std::map<std::string, std::string> waiting_;  // text not yet flushed, of every open context
  std::string tone_;
};

FakeElevenLabs::FakeElevenLabs(Options options)
    : options_(std::move(options)),
      server_(
          options_.threads,
          [](net::HttpRequest, core::Worker&) -> core::Task<net::HttpResponse> { co_return not_found(); },
          [this](net::HttpRequest request, core::Worker&) { return upgrade(std::move(request)); }) {}

core::Task<FakeElevenLabs::Upgrade> FakeElevenLabs::upgrade(net::HttpRequest request) {
  if (!request.path.starts_with("/v1/text-to-speech/") || !request.path.ends_with("/multi-stream-input")) {
    co_return not_found();
  }
  if (options_.keep_texts) targets.add(request.target);
  const auto current = fault.next();
  if (current == Fault::no_handshake) co_await sleep_for_ever();
  if (current == Fault::refused) co_return json_response(429, R"({"detail":{"message":"too many"}})");
  if (current == Fault::unauthorized || request.headers.get("xi-api-key").value_or("") != options_.api_key) {
    co_return json_response(401, R"({"detail":{"status":"invalid_api_key","message":"Invalid API key"}})");
  }
  const auto format = net::query_value(request.query, "output_format").value_or("");
  const int rate = format.starts_with("pcm_") ? std::atoi(format.c_str() + 4) : 0;
  if (rate <= 0) co_return json_response(422, R"({"detail":{"message":"output_format"}})");
  ++sockets;
  co_return net::WebSocketSession([this, rate, current](net::WebSocket socket, core::Worker& worker) {
    return [](FakeElevenLabs& owner, net::WebSocket peer, core::Executor executor, int sample_rate,
              Fault now) -> core::Task<void> {
      if (now == Fault::half_open) co_await sleep_for_ever();
      FakeElevenLabsSession session(owner, peer, executor, sample_rate, now);
      core::TaskGroup group(executor);
      group.spawn("fake voice", session.speak());
      co_await peer.run([&session](std::string_view data, bool binary) {
        if (!binary) session.on_message(data);
      });
      ++owner.closed;
      group.cancel();
      co_await group.join();
    }(*this, std::move(socket), worker.executor(), rate, current);
  });
}

}  // namespace retell::fakes
