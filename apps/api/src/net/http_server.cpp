#include "net/http_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <future>
#include <netdb.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include "net/descriptor.hpp"
#include "net/http_session.hpp"
#include "net/websocket_impl.hpp"

namespace retell::net {

namespace asio = core::asio;
using boost::system::error_code;
using core::ErrorCode;
using core::Task;

namespace {

constexpr int backlog = 4096;
constexpr auto retry_accept = std::chrono::milliseconds(100);  // when descriptors have run out
constexpr auto stop_slack = std::chrono::seconds(5);           // for cancelled sessions to end

// One place among max_connections, on a lane.
struct Place {
  explicit Place(std::shared_ptr<void> keep, HttpLane& on) : owner(std::move(keep)), lane(&on) { ++lane->connections; }
  Place(Place&& other) noexcept : owner(std::move(other.owner)), lane(std::exchange(other.lane, nullptr)) {}
  Place& operator=(Place&&) = delete;
  ~Place() {
    if (lane != nullptr) --lane->connections;
  }
  std::shared_ptr<void> owner;  // the server's inside, which holds the lane
  HttpLane* lane;
};

Task<void> serve_connection(Place place, Descriptor descriptor) {
  HttpSession session(*place.lane, descriptor.release());
  co_await session.run();
}

Task<void> serve_moved(Place place, MovedSocket socket) {
  auto& lane = *place.lane;
  co_await run_websocket(lane, std::make_unique<Connection>(lane.worker, std::move(socket.connection)),
                         std::move(socket.session), std::move(socket.path));
}

}  // namespace

class HttpServer::Impl final : public HttpLanes, public std::enable_shared_from_this<Impl> {
 public:
  Impl(core::WorkerPool& workers, HttpServerOptions options, HttpHandler handler, UpgradeHandler upgrade,
       core::Logger log)
      : options_(std::move(options)), handler_(std::move(handler)), upgrade_(std::move(upgrade)), log_(std::move(log)) {
    for (std::size_t i = 0; i < workers.size(); ++i) {
      lanes_.push_back(std::make_unique<HttpLane>(*this, workers.at(i), options_, handler_, upgrade_, log_));
    }
    acceptor_.emplace(workers.at(0).context());
    pause_.emplace(workers.at(0).context());
  }

  core::Result<std::uint16_t> start();
  void stop_accepting();
  void stop(std::chrono::milliseconds grace);
  [[nodiscard]] std::size_t connections() const;

  [[nodiscard]] bool has(const core::Worker& worker) const override { return lane_of(worker) != nullptr; }
  void hand_over(const core::Worker& to, MovedSocket socket) override;

 private:
  [[nodiscard]] HttpLane* lane_of(const core::Worker& worker) const;
  void wait();
  void accept_all();
  HttpLane& choose();
  void deal(int descriptor);
  static Task<void> wind_down(std::shared_ptr<Impl> self, HttpLane& lane, std::chrono::milliseconds grace);

  HttpServerOptions options_;
  HttpHandler handler_;
  UpgradeHandler upgrade_;
  core::Logger log_;
  std::vector<std::unique_ptr<HttpLane>> lanes_;
  std::optional<asio::ip::tcp::acceptor> acceptor_;  // on the first worker's thread once started
  std::optional<asio::steady_timer> pause_;
  std::size_t next_ = 0;
  std::atomic<bool> started_{false};
  std::atomic<bool> stopped_{false};
};

core::Result<std::uint16_t> HttpServer::Impl::start() {
  const auto where = options_.host + ":" + std::to_string(options_.port);
  error_code error;
  const auto address = asio::ip::make_address(options_.host == "localhost" ? "127.0.0.1" : options_.host, error);
  if (error) return core::fail(ErrorCode::invalid, "cannot listen on " + where + ": the host must be an IP address");
  const asio::ip::tcp::endpoint endpoint(address, options_.port);
  acceptor_->open(endpoint.protocol(), error);
  if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_->bind(endpoint, error);
  if (!error) acceptor_->listen(backlog, error);
  if (!error) acceptor_->native_non_blocking(true, error);
  if (error) {
    error_code ignored;
    acceptor_->close(ignored);
    return core::fail(ErrorCode::unavailable, "cannot listen on " + where + ": " + error.message());
  }
  const auto port = acceptor_->local_endpoint().port();
  started_ = true;
  asio::post(acceptor_->get_executor(), [self = shared_from_this()] { self->wait(); });
  return port;
}

void HttpServer::Impl::wait() {
  if (!acceptor_->is_open()) return;
  acceptor_->async_wait(asio::ip::tcp::acceptor::wait_read, [self = shared_from_this()](error_code error) {
    if (!error) self->accept_all();
  });
}

void HttpServer::Impl::accept_all() {
  while (acceptor_->is_open()) {
    const int descriptor = ::accept4(acceptor_->native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
      deal(descriptor);
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      log_.error("cannot accept connections: {}", std::strerror(errno));
      pause_->expires_after(retry_accept);
      pause_->async_wait([self = shared_from_this()](error_code error) {
        if (!error) self->accept_all();
      });
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    // Anything else concerns the one connection that was given up by its peer.
  }
  wait();
}

HttpLane& HttpServer::Impl::choose() {
  ++next_;
  auto* best = lanes_[next_ % lanes_.size()].get();
  for (std::size_t i = 1; i < lanes_.size(); ++i) {
    auto* lane = lanes_[(next_ + i) % lanes_.size()].get();
    const auto key = [](const HttpLane* l) { return std::pair(l->worker.load.load(), l->connections.load()); };
    if (key(lane) < key(best)) best = lane;
  }
  return *best;
}

void HttpServer::Impl::deal(int accepted) {
  Descriptor descriptor(accepted);
  if (connections() >= options_.max_connections) {
    log_.warn("refused a connection: {} are open", options_.max_connections);
    constexpr std::string_view full =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    (void)::send(descriptor.get(), full.data(), full.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  auto& lane = choose();
  asio::post(lane.worker.context(),
             [place = Place(shared_from_this(), lane), descriptor = std::move(descriptor)]() mutable {
               auto& on = *place.lane;
               if (on.stopping) return;
               on.group.spawn("http connection", serve_connection(std::move(place), std::move(descriptor)));
             });
}

HttpLane* HttpServer::Impl::lane_of(const core::Worker& worker) const {
  const auto found =
      std::find_if(lanes_.begin(), lanes_.end(), [&](const auto& lane) { return &lane->worker == &worker; });
  return found == lanes_.end() ? nullptr : found->get();
}

void HttpServer::Impl::hand_over(const core::Worker& to, MovedSocket socket) {
  auto& lane = *lane_of(to);
  asio::post(lane.worker.context(), [place = Place(shared_from_this(), lane), socket = std::move(socket)]() mutable {
    auto& on = *place.lane;
    if (on.stopping) return;
    on.group.spawn("moved websocket", serve_moved(std::move(place), std::move(socket)));
  });
}

void HttpServer::Impl::stop_accepting() {
  if (!started_) return;
  asio::post(acceptor_->get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->acceptor_->close(ignored);
    self->pause_->cancel();
  });
}

Task<void> HttpServer::Impl::wind_down(std::shared_ptr<Impl> self, HttpLane& lane, std::chrono::milliseconds grace) {
  lane.stopping = true;
  const std::vector<HttpSession*> sessions(lane.sessions.begin(), lane.sessions.end());
  for (auto* session : sessions) session->close_if_idle();
  // Clients know by this code that they may connect elsewhere.
  const std::vector<std::shared_ptr<WebSocket::Impl>> sockets(lane.websockets.begin(), lane.websockets.end());
  for (const auto& socket : sockets) socket->close(ws_close::going_away, going_down);
  const auto deadline = std::chrono::steady_clock::now() + grace;
  asio::steady_timer tick(lane.worker.context());
  while (lane.group.size() > 0 && std::chrono::steady_clock::now() < deadline) {
    tick.expires_after(std::chrono::milliseconds(5));
    co_await tick.async_wait(asio::use_awaitable);
  }
  lane.group.cancel();
  co_await lane.group.join();
}

void HttpServer::Impl::stop(std::chrono::milliseconds grace) {
  if (!started_ || stopped_.exchange(true)) return;
  stop_accepting();
  std::vector<std::future<void>> ends;
  for (auto& lane : lanes_) {
    auto promise = std::make_shared<std::promise<void>>();
    ends.push_back(promise->get_future());
    // Posted after the acceptor's own closing, so that no connection is dealt to this lane later on its thread.
    asio::co_spawn(lane->worker.context(), wind_down(shared_from_this(), *lane, grace),
                   [promise](const std::exception_ptr&) { promise->set_value(); });
  }
  const auto limit = std::chrono::steady_clock::now() + grace + stop_slack;
  for (auto& end : ends) {
    if (end.wait_until(limit) != std::future_status::ready) log_.error("a connection did not end when told to");
  }
}

std::size_t HttpServer::Impl::connections() const {
  std::size_t total = 0;
  for (const auto& lane : lanes_) total += lane->connections;
  return total;
}

HttpServer::HttpServer(core::WorkerPool& workers, HttpServerOptions options, HttpHandler handler,
                       UpgradeHandler upgrade, core::Logger log)
    : impl_(std::make_shared<Impl>(workers, std::move(options), std::move(handler), std::move(upgrade),
                                   std::move(log))) {}
HttpServer::~HttpServer() { impl_->stop(std::chrono::milliseconds(0)); }
core::Result<std::uint16_t> HttpServer::start() { return impl_->start(); }
void HttpServer::stop_accepting() { impl_->stop_accepting(); }
void HttpServer::stop(std::chrono::milliseconds grace) { impl_->stop(grace); }
std::size_t HttpServer::connections() const { return impl_->connections(); }

}  // namespace retell::net
