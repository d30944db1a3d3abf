#include "net/http_session.hpp"

#include <boost/json/serialize.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <ctime>
#include <utility>
#include <variant>

#include "net/websocket_handshake.hpp"
#include "net/websocket_impl.hpp"

namespace retell::net {

namespace {

constexpr auto linger_limit = std::chrono::seconds(1);
// For a client that writes the body of a refused request to its end before it reads why it was refused.
constexpr auto refused_linger_limit = std::chrono::seconds(2);
constexpr std::size_t spooled_at_once = std::size_t{1} << 20;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

bool has_no_body(unsigned status) { return status / 100 == 1 || status == 204 || status == 304; }

}  // namespace

const std::string& DateLine::now() {
  const auto second = std::time(nullptr);
  if (second == second_) return text_;
  second_ = second;
  std::tm parts{};
  ::gmtime_r(&second, &parts);
  std::array<char, 48> text{};
  text_.assign(text.data(), std::strftime(text.data(), text.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts));
  return text_;
}

HttpResponse error_response(unsigned status, std::string_view message) {
  HttpResponse response;
  response.status = status;
  response.headers.add("Content-Type", "application/json");
  response.body = "{\"status\":\"error\",\"message\":" + boost::json::serialize(message) + "}";
  return response;
}

HttpSession::HttpSession(HttpLane& lane, int descriptor)
    : lane_(lane),
      connection_(std::make_unique<Connection>(lane.worker, descriptor)),
      remote_address_(connection_->peer_ip()) {
  lane_.sessions.insert(this);
}

HttpSession::~HttpSession() { lane_.sessions.erase(this); }

void HttpSession::close_if_idle() {
  if (idle_ && connection_) connection_->close();
}

core::Task<void> HttpSession::run() {
  for (;;) {
    body_file_.reset();
    RequestParser parser(lane_.options.max_header, std::nullopt);
    if (!co_await read_request(parser)) co_return;
    if (co_await serve(parser) == Next::end) co_return;
    first_ = false;
  }
}

// Reads one request whole; false when the connection is to end, everything owed to the peer having been sent.
core::Task<bool> HttpSession::read_request(RequestParser& parser) {
  const auto& options = lane_.options;
  connection_->expires_after(first_ ? options.header_timeout : options.idle_timeout);
  bool waited_header = first_;
  for (;;) {
    if (const auto input = connection_->input(); !input.empty()) {
      idle_ = false;
      connection_->consume(parser.feed(input));
      if (body_file_ && !co_await spool(parser)) co_return false;
      if (!waited_header && parser.state() == ParseState::more) {
        waited_header = true;  // the idle time is over: a whole header is due
        connection_->expires_after(options.header_timeout);
      }
    }
    switch (parser.state()) {
      case ParseState::done:
        co_return true;
      case ParseState::header:
        waited_header = true;
        if (!co_await admit(parser)) co_return false;
        connection_->expires_after(options.body_timeout);
        if (parser.field("Expect").empty() || !connection_->input().empty()) break;
        if (!co_await connection_->write(continue_line)) co_return false;
        break;
      case ParseState::header_too_long:
        co_await refuse(431, "the request's header is larger than " + std::to_string(options.max_header) + " bytes");
        co_return false;
      case ParseState::body_too_long:
        co_await refuse(413, "the request's body is larger than " + std::to_string(options.max_body) + " bytes");
        co_return false;
      case ParseState::malformed:
        co_await refuse(400, "the request is not valid HTTP/1.1");
        co_return false;
      case ParseState::more:
        break;
    }
    if (parser.state() == ParseState::header && !connection_->input().empty()) continue;
    idle_ = !parser.started();
    if (idle_ && lane_.stopping) co_return false;
    const auto count = co_await connection_->fill();
    if (!count || *count == 0) co_return false;
  }
}

core::Task<bool> HttpSession::admit(RequestParser& parser) {
  const auto& options = lane_.options;
  const auto length = parser.content_length();
  if (!length) parser.limit_body(options.max_body);
  if (!length || *length <= options.max_body) co_return true;
  connection_->expires_never();
  if (options.large_bodies == nullptr) {
    co_await refuse(413, "the request's body is larger than " + std::to_string(options.max_body) + " bytes");
    co_return false;
  }
  auto head = parser.head();
  head.remote_address = remote_address_;
  auto refusal = co_await ask_admission(std::move(head), *length);
  if (refusal) {
    co_await refuse(std::move(*refusal));
    co_return false;
  }
  auto file = co_await options.large_bodies->make();
  if (!file) {
    lane_.log.warn("a large body is refused: {}", file.error().message);
    const bool busy = file.error().code == core::ErrorCode::rate_limited;
    auto response = error_response(busy ? 429 : 503, busy ? file.error().message : "the upload cannot be kept now");
    response.headers.add("Retry-After", "10");
    co_await refuse(std::move(response));
    co_return false;
  }
  body_file_ = std::move(*file);
  body_until_ = std::chrono::steady_clock::now() + options.large_body_timeout;
  co_return true;
}

core::Task<std::optional<HttpResponse>> HttpSession::ask_admission(HttpRequest head, std::uint64_t length) {
  const auto path = head.path;
  try {
    co_return co_await lane_.options.admit(std::move(head), length, lane_.worker);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    lane_.log.error("request {} failed: {}", path, error.what());
  } catch (const std::exception& error) {
    lane_.log.error("request {} failed: {}", path, error.what());
  }
  co_return error_response(500, "internal error");
}

core::Task<bool> HttpSession::spool(RequestParser& parser) {
  if (parser.state() != ParseState::done && parser.body_size() < spooled_at_once) co_return true;
  connection_->expires_never();  // the disk's time is not the client's
  const auto kept = co_await body_file_->append(parser.take_body());
  if (!kept) {
    lane_.log.error("{}", kept.error().message);
    co_await refuse(503, "the upload cannot be kept now");
    co_return false;
  }
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(body_until_ - std::chrono::steady_clock::now());
  connection_->expires_after(std::clamp(left, std::chrono::milliseconds(0), lane_.options.body_timeout));
  co_return true;
}

core::Task<HttpSession::Next> HttpSession::serve(RequestParser& parser) {
  const bool http_1_0 = parser.http_1_0();
  const bool wants_more = parser.keep_alive();
  auto request = parser.take();
  request.remote_address = remote_address_;
  request.body_file = std::move(body_file_);
  connection_->expires_never();
  if (lane_.upgrade && is_websocket_upgrade(request)) {
    co_await upgrade(std::move(request));
    co_return Next::end;
  }
  const bool head_only = request.method == "HEAD";
  auto response = co_await handle(std::move(request));
  const bool keep = wants_more && !lane_.stopping && !has_token(response.headers, "Connection", "close");
  if (!co_await respond(std::move(response), head_only, keep, http_1_0)) co_return Next::end;
  if (keep) co_return Next::another;
  connection_->expires_after(linger_limit);
  co_await connection_->linger();
  co_return Next::end;
}

core::Task<HttpResponse> HttpSession::handle(HttpRequest request) {
  const auto path = request.path;
  try {
    co_return co_await lane_.handler(std::move(request), lane_.worker);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    lane_.log.error("request {} failed: {}", path, error.what());
  } catch (const std::exception& error) {
    lane_.log.error("request {} failed: {}", path, error.what());
  } catch (...) {
    lane_.log.error("request {} failed with an unknown exception", path);
  }
  co_return error_response(500, "internal error");
}

core::Task<bool> HttpSession::respond(HttpResponse response, bool head_only, bool keep_alive, bool http_1_0) {
  const auto length = response.stream ? response.stream->length : response.body.size();
  std::string extra = lane_.date.now();
  if (!has_no_body(response.status)) extra += "Content-Length: " + std::to_string(length) + "\r\n";
  if (!keep_alive) extra += "Connection: close\r\n";
  if (keep_alive && http_1_0) extra += "Connection: keep-alive\r\n";
  for (const auto* ours : {"Content-Length", "Transfer-Encoding", "Connection"}) response.headers.remove(ours);
  auto head = format_response_head(response.status, response.headers, extra);
  connection_->expires_after(lane_.options.body_timeout);
  if (head_only || has_no_body(response.status)) co_return (co_await connection_->write(head)).has_value();
  if (response.stream) co_return co_await send_stream(*response.stream, std::move(head));
  co_return (co_await connection_->write(head, response.body)).has_value();
}

core::Task<bool> HttpSession::send_stream(const HttpResponse::Stream& stream, std::string head) {
  auto left = stream.length;
  if (!co_await connection_->write(head)) co_return false;
  while (left > 0) {
    connection_->expires_never();  // the reader has its own limits
    auto part = co_await stream.reader();
    if (!part || part->empty()) {
      lane_.log.warn("a streamed answer ended {} bytes early: {}", left, part ? "no more data" : part.error().message);
      co_return false;
    }
    const auto use = std::min<std::uint64_t>(left, part->size());
    connection_->expires_after(lane_.options.body_timeout);
    if (!co_await connection_->write(std::string_view(*part).substr(0, use))) co_return false;
    left -= use;
  }
  co_return true;
}

core::Task<void> HttpSession::refuse(unsigned status, std::string_view message) {
  co_await refuse(error_response(status, message));
}

core::Task<void> HttpSession::refuse(HttpResponse response) {
  if (!co_await respond(std::move(response), false, false, false)) co_return;
  connection_->expires_after(refused_linger_limit);
  co_await connection_->linger();
}

core::Task<void> HttpSession::upgrade(HttpRequest request) {
  if (const auto fault = upgrade_fault(request)) {
    auto response = error_response(fault->status, fault->message);
    if (fault->status == 426) response.headers.add("Sec-WebSocket-Version", "13");
    co_await respond(std::move(response), false, false, false);
    co_return;
  }
  const auto path = request.path;
  const auto accept = websocket_accept(request.headers.get("Sec-WebSocket-Key").value_or(""));
  const auto protocols = request.headers.get("Sec-WebSocket-Protocol").value_or("");
  const auto protocol = std::string(protocols.substr(0, protocols.find(',')));
  UpgradeOutcome verdict = error_response(500, "internal error");
  try {
    verdict = co_await lane_.upgrade(std::move(request), lane_.worker);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    lane_.log.error("upgrade {} failed: {}", path, error.what());
  } catch (const std::exception& error) {
    lane_.log.error("upgrade {} failed: {}", path, error.what());
  }
  if (auto* refusal = std::get_if<HttpResponse>(&verdict)) {
    if (!co_await respond(std::move(*refusal), false, false, false)) co_return;
    connection_->expires_after(linger_limit);
    co_await connection_->linger();
    co_return;
  }
  Headers headers{{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept}};
  if (!protocol.empty()) headers.add("Sec-WebSocket-Protocol", protocol);
  connection_->expires_after(lane_.options.header_timeout);
  const auto head = format_response_head(101, headers, {});
  if (!co_await connection_->write(head)) co_return;
  auto& [session, runs_on] = std::get<WebSocketUpgrade>(verdict);
  if (runs_on == nullptr || runs_on == &lane_.worker || !lane_.lanes.has(*runs_on)) {
    co_await run_websocket(lane_, std::move(connection_), std::move(session), path);
    co_return;
  }
  if (auto detached = connection_->detach()) {
    lane_.lanes.hand_over(*runs_on, {std::move(*detached), std::move(session), path});
  } else {
    lane_.log.error("WebSocket {} could not be moved to worker {}", path, runs_on->index());
  }
}

core::Task<void> run_websocket(HttpLane& lane, std::unique_ptr<Connection> connection, WebSocketSession session,
                               std::string path) {
  auto impl =
      std::make_shared<WebSocket::Impl>(lane.worker, std::move(connection), WsRole::server, lane.options.websocket);
  // Known to the lane for as long as the session lives, so that a server that stops can take its leave.
  struct Known {
    HttpLane& lane;
    std::shared_ptr<WebSocket::Impl> socket;
    Known(HttpLane& on, std::shared_ptr<WebSocket::Impl> one) : lane(on), socket(std::move(one)) {
      lane.websockets.insert(socket);
    }
    ~Known() { lane.websockets.erase(socket); }
    Known(const Known&) = delete;
    Known& operator=(const Known&) = delete;
  };
  const Known known(lane, impl);
  // The server began to stop while the client was being answered: it has told those that were known by then.
  if (lane.stopping) impl->close(ws_close::going_away, going_down);
  try {
    co_await session(WebSocket(std::move(impl)), lane.worker);
  } catch (const boost::system::system_error& error) {
    if (error.code() == boost::asio::error::operation_aborted) throw;
    lane.log.error("WebSocket {} failed: {}", path, error.what());
  } catch (const std::exception& error) {
    lane.log.error("WebSocket {} failed: {}", path, error.what());
  }
}

}  // namespace retell::net
