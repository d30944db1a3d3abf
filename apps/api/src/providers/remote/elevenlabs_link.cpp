#include "providers/remote/elevenlabs_link.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace retell::providers::remote {

using std::chrono::milliseconds;

namespace {

core::TimePoint now() { return std::chrono::steady_clock::now(); }

}  // namespace

ElevenLabsLink::ElevenLabsLink(const Place& place, std::shared_ptr<const ElevenLabsOptions> vendor, TtsOptions call)
    : place_(place), vendor_(std::move(vendor)), call_(std::move(call)) {}

ElevenLabsLink::~ElevenLabsLink() { *alive_ = false; }

void ElevenLabsLink::connect() {
  if (socket_) return;
  net::ClientWebSocketRequest request;
  request.url = elevenlabs_url(*vendor_, call_);
  request.headers.set("xi-api-key", vendor_->api_key);
  request.reach = net::Reach::any;
  request.connect_timeout = vendor_->connect_timeout;
  request.options.max_message = std::size_t{4} << 20;  // some seconds of audio may come in one message
  VendorSocket::Handlers handlers;
  handlers.on_message = [this](std::string_view data, bool binary) {
    if (!binary) on_message(data);
  };
  handlers.on_end = [this](std::uint16_t, core::Error error) { lose(std::move(error)); };
  handlers.on_tick = [this] { tell(speakers(), [](Speaker& speaker) { speaker.on_tick(); }); };
  connected_at_ = now();
  const auto soonest = std::min(vendor_->first_audio_timeout, vendor_->liveness);
  socket_.emplace(place_, "ElevenLabs", std::move(request), std::move(handlers),
                  std::clamp(soonest / 8, milliseconds(5), milliseconds(250)));
}

bool ElevenLabsLink::speak(Speaker& speaker, std::uint32_t chunk, std::string_view text) {
  if (contexts_.empty()) waited_ = socket_ && socket_->open();
  connect();
  const auto context = "c" + std::to_string(next_context_++);
  contexts_.emplace(context, Context{&speaker, chunk});
  return socket_->send_text(elevenlabs_begin(context, call_)) && socket_->send_text(elevenlabs_text(context, text)) &&
         socket_->send_text(elevenlabs_close(context));
}

void ElevenLabsLink::leave(Speaker& speaker) {
  std::replace(telling_.begin(), telling_.end(), &speaker, static_cast<Speaker*>(nullptr));
  bool left_behind = false;
  bool others = false;
  for (auto& [id, context] : contexts_) {
    if (context.speaker == &speaker) {
      context.speaker = nullptr;
      left_behind = true;
    } else if (context.speaker != nullptr) {
      others = true;
    }
  }
  if (left_behind && !others) replace();
}

void ElevenLabsLink::replace() {
  contexts_.clear();
  socket_.reset();  // closes in the background
  connect();
}

void ElevenLabsLink::on_message(std::string_view data) {
  auto message = read_elevenlabs(data);
  if (!message) {
    lose(std::move(message.error()));
    return;
  }
  if (!message->failure.empty()) {
    lose({core::ErrorCode::unavailable, "ElevenLabs failed: " + message->failure});
    return;
  }
  const auto found = contexts_.find(message->context);
  if (found == contexts_.end()) return;  // of a stream before, or the vendor's own
  const auto context = found->second;
  if (message->is_final) contexts_.erase(found);
  if (context.speaker != nullptr) context.speaker->on_piece(context.chunk, std::move(*message));
}

void ElevenLabsLink::lose(core::Error error) {
  const bool stale = waited_;
  auto concerned = speakers();
  contexts_.clear();
  socket_.reset();
  if (concerned.empty()) {
    // Idle for too long, most likely: the next turn shall find a connection again. One that did not even stand for a
    // moment was refused.
    if (now() - connected_at_ >= vendor_->liveness) return connect();
    call_.log.warn("no connection waits at ElevenLabs: {}", error.message);
    return;
  }
  tell(std::move(concerned), [&](Speaker& speaker) { speaker.on_lost(error, stale); });
}

std::vector<ElevenLabsLink::Speaker*> ElevenLabsLink::speakers() const {
  std::vector<Speaker*> all;
  for (const auto& [id, context] : contexts_) {
    if (context.speaker != nullptr && std::find(all.begin(), all.end(), context.speaker) == all.end()) {
      all.push_back(context.speaker);
    }
  }
  return all;
}

// A call may end any stream, and with the last one this link.
void ElevenLabsLink::tell(std::vector<Speaker*> speakers, const std::function<void(Speaker&)>& call) {
  const auto alive = alive_;
  telling_ = std::move(speakers);
  while (!telling_.empty()) {
    auto* speaker = telling_.back();
    telling_.pop_back();
    if (speaker == nullptr) continue;
    call(*speaker);
    if (!*alive) return;
  }
}

}  // namespace retell::providers::remote
