// A call from the page that the server serves: 16 kHz both ways over a WebSocket (page_messages.hpp has the protocol).
// Lives on the worker of its socket.
#pragma once
#include <functional>
#include <string>

#include "transports/socket_transport.hpp"

namespace retell::transports::browser {

class PageTransport final : public SocketTransport {
 public:
  PageTransport(net::WebSocket socket, const core::Executor& executor, SocketLimits limits, core::Logger log);

  // Runs the connection to its end. `handle` is called with the access token that the page brought; when it does not
  // know it, it calls refuse() and returns. Otherwise it returns when the call has ended.
  using Handle = std::function<core::Task<void>(const std::string& access_token, PageTransport& transport)>;
  [[nodiscard]] core::Task<void> serve(Handle handle);
  void refuse(std::string_view reason);  // closes with 4401, the reason shown by the page

  [[nodiscard]] int sample_rate() const override { return audio::wideband; }
  void start(Listener& listener) override;  // also tells the page that sound flows
  void send(const audio::AudioFrame& frame) override;
  void send_update(std::string_view json) override;

 private:
  void on_message(std::string_view data, bool binary) override;
  void write_mark(std::uint64_t id) override;
  void write_clear() override;

  std::string token_;
};

}  // namespace retell::transports::browser
