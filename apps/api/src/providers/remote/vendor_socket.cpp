#include "providers/remote/vendor_socket.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <optional>
#include <utility>

namespace retell::providers::remote {

namespace asio = core::asio;

namespace {

constexpr std::size_t most_waiting = std::size_t{512} << 10;  // bytes before the connection is open: 16 s of audio

std::string ending(std::string_view vendor, const net::WebSocketClose& how) {
  std::string text = std::string(vendor) + " closed the connection (" + std::to_string(how.code);
  if (!how.reason.empty()) text += ", " + how.reason;
  return text + ")";
}

core::ErrorCode code_of(std::uint16_t close_code) {
  if (close_code == 1008) return core::ErrorCode::rate_limited;  // how these vendors refuse by quota or policy
  if (close_code == 1002 || close_code == 1003 || close_code == 1007 || close_code == 1009) {
    return core::ErrorCode::protocol;
  }
  return core::ErrorCode::unavailable;
}

}  // namespace

struct VendorSocket::State {
  struct Waiting {
    std::string message;
    bool binary;
  };

  State(const Place& place, std::string_view name, Handlers h, std::chrono::milliseconds every)
      : net(place.net), vendor(name), handlers(std::move(h)), ticker(place.worker.executor()), tick(every) {}

  net::Client& net;
  std::string_view vendor;
  std::optional<Handlers> handlers;  // none once the owner has let go
  asio::steady_timer ticker;
  std::chrono::milliseconds tick;
  std::optional<net::WebSocket> socket;
  std::deque<Waiting> waiting;
  std::size_t waiting_bytes = 0;
  bool ended = false;
  bool leaving = false;
  core::TaskHandle task;

  bool send(std::string_view message, bool binary) {
    if (ended || leaving) return false;
    if (socket) return binary ? socket->send_binary(message) : socket->send_text(message);
    if (waiting_bytes + message.size() > most_waiting) return false;
    waiting_bytes += message.size();
    waiting.push_back({std::string(message), binary});
    return true;
  }

  // Calls one handler; it stays alive during the call even if the owner lets go in it.
  template <class Call>
  void tell(Call call) {
    if (!handlers) return;
    auto kept = std::move(*handlers);
    handlers.emplace();
    call(kept);
    if (handlers) *handlers = std::move(kept);
  }

  static void arm(const std::shared_ptr<State>& state) {
    if (!state->handlers || !state->handlers->on_tick) return;
    state->ticker.expires_after(state->tick);
    state->ticker.async_wait([weak = std::weak_ptr(state)](boost::system::error_code error) {
      const auto self = weak.lock();
      if (error || !self || self->ended || !self->handlers) return;
      self->tell([](Handlers& h) { h.on_tick(); });
      if (!self->ended) arm(self);
    });
  }

  static core::Task<void> run(std::shared_ptr<State> state, net::ClientWebSocketRequest request) {
    auto connected = co_await state->net.connect(std::move(request));
    if (!connected) {
      state->finish(
          0, {connected.error().code, std::string(state->vendor) + " cannot be reached: " + connected.error().message});
      co_return;
    }
    if (state->leaving && state->waiting.empty()) co_return;  // nobody is interested any more
    state->socket.emplace(std::move(*connected));
    for (const auto& message : state->waiting) {
      if (message.binary)
        state->socket->send_binary(message.message);
      else
        state->socket->send_text(message.message);
    }
    state->waiting.clear();
    if (state->leaving) state->socket->close();
    state->tell([](Handlers& h) {
      if (h.on_open) h.on_open();
    });
    const auto how = co_await state->socket->run([&state](std::string_view data, bool binary) {
      state->tell([&](Handlers& h) { h.on_message(data, binary); });
    });
    state->finish(how.code, {code_of(how.code), ending(state->vendor, how)});
  }

  void finish(std::uint16_t code, core::Error error) {
    ended = true;
    ticker.cancel();
    tell([&](Handlers& h) { h.on_end(code, std::move(error)); });
    handlers.reset();
  }

  void let_go() {
    handlers.reset();
    ticker.cancel();
  }
};

VendorSocket::VendorSocket(const Place& place, std::string_view vendor, net::ClientWebSocketRequest request,
                           Handlers handlers, std::chrono::milliseconds tick)
    : state_(std::make_shared<State>(place, vendor, std::move(handlers), tick)) {
  State::arm(state_);
  state_->task = place.worker.background().spawn("vendor socket", State::run(state_, std::move(request)));
}

VendorSocket::~VendorSocket() { leave({}); }

bool VendorSocket::send_text(std::string_view message) { return state_->send(message, false); }
bool VendorSocket::send_binary(std::string_view message) { return state_->send(message, true); }

void VendorSocket::leave(std::string_view last_words) {
  if (state_->leaving || state_->ended) {
    state_->let_go();
    return;
  }
  state_->let_go();
  if (!state_->socket) {
    // Still connecting: what waits would only be paid for, not used.
    state_->leaving = true;
    state_->waiting.clear();
    state_->task.cancel();
    return;
  }
  if (!last_words.empty()) state_->socket->send_text(last_words);
  state_->leaving = true;
  state_->socket->close();
}

void VendorSocket::drop() {
  state_->let_go();
  state_->leaving = true;
  state_->task.cancel();
}

bool VendorSocket::open() const { return state_->socket && !state_->ended && state_->socket->open(); }

}  // namespace retell::providers::remote
