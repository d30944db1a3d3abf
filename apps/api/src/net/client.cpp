#include "net/client.hpp"

#include <openssl/evp.h>

#include "net/connector.hpp"
#include "net/http_parser.hpp"
#include "net/response_stream.hpp"
#include "net/websocket_handshake.hpp"
#include "net/websocket_impl.hpp"

namespace retell::net {

using core::ErrorCode;
using core::Result;
using core::Task;

namespace {

std::string pool_key(const Url& url, Reach reach) {
  return (url.tls ? "https://" : "http://") + url.host_header() + (reach == Reach::any ? " any" : " public");
}

std::string basic_credentials(const Url& url) {
  std::string text(4 * ((url.user_info.size() + 2) / 3) + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(url.user_info.data()), static_cast<int>(url.user_info.size()));
  text.pop_back();
  return "Basic " + text;
}

// Host and, where the URL carries credentials, Authorization; the caller's own headers win.
std::string standard_headers(const Url& url, const Headers& headers) {
  std::string text;
  if (!headers.has("Host")) text += "Host: " + url.host_header() + "\r\n";
  if (!url.user_info.empty() && !headers.has("Authorization")) {
    text += "Authorization: " + basic_credentials(url) + "\r\n";
  }
  return text;
}

std::string request_head(const Url& url, const ClientRequest& request) {
  auto extra = standard_headers(url, request.headers);
  const bool has_content =
      !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (has_content && !request.headers.has("Content-Length")) {
    extra += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  }
  if (!request.headers.has("Accept")) extra += "Accept: */*\r\n";
  return format_request_head(request.method, url.target, request.headers, extra);
}

bool closes_its_connection(const Headers& headers) { return headers.get("Connection") == "close"; }

ErrorCode refusal_code(unsigned status) {
  switch (status) {
    case 401:
      return ErrorCode::unauthorized;
    case 403:
      return ErrorCode::forbidden;
    case 404:
      return ErrorCode::not_found;
    case 429:
      return ErrorCode::rate_limited;
    default:
      return status >= 500 ? ErrorCode::unavailable : ErrorCode::protocol;
  }
}

}  // namespace

class Client::Impl {
 public:
  Impl(core::Worker& worker, const ClientOptions& options, const core::Logger& log)
      : worker_(worker), connector_(worker, options, log), pool_(std::make_shared<ConnectionPool>(worker, options)) {}
  ~Impl() { pool_->close(); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  [[nodiscard]] Task<Result<ResponseStream>> open(ClientRequest request);
  [[nodiscard]] Task<Result<WebSocket>> connect(ClientWebSocketRequest request);
  [[nodiscard]] Task<Result<>> warm(std::string url, Reach reach);
  [[nodiscard]] core::Worker& worker() const { return worker_; }

 private:
  core::Worker& worker_;
  Connector connector_;
  std::shared_ptr<ConnectionPool> pool_;
};

Task<Result<ResponseStream>> Client::Impl::open(ClientRequest request) {
  auto url = parse_url(request.url);
  if (!url) co_return tl::unexpected(url.error());
  const auto key = pool_key(*url, request.reach);
  const auto head = request_head(*url, request);
  const bool once = closes_its_connection(request.headers);
  if (auto connection = once ? nullptr : pool_->take(key)) {
    auto stream = std::make_unique<ResponseStream::Impl>(std::move(connection), pool_, key, request);
    auto answered = co_await stream->exchange(head, request.body);
    if (answered) co_return ResponseStream(std::move(stream));
    if (!stream->nothing_came() || answered.error().code == ErrorCode::timeout) {
      co_return tl::unexpected(answered.error());
    }
  }
  auto opened = co_await connector_.open(*url, request.reach, request.connect_timeout);
  if (!opened) {
    if (once && opened.error().code != ErrorCode::forbidden) opened.error().code = ErrorCode::unavailable;
    co_return tl::unexpected(opened.error());
  }
  auto stream = std::make_unique<ResponseStream::Impl>(std::move(*opened), pool_, key, request);
  auto answered = co_await stream->exchange(head, request.body);
  if (!answered) co_return tl::unexpected(answered.error());
  co_return ResponseStream(std::move(stream));
}

Task<Result<WebSocket>> Client::Impl::connect(ClientWebSocketRequest request) {
  auto url = parse_url(request.url);
  if (!url) co_return tl::unexpected(url.error());
  const auto deadline = std::chrono::steady_clock::now() + request.connect_timeout;
  auto opened = co_await connector_.open(*url, request.reach, request.connect_timeout);
  if (!opened) co_return tl::unexpected(opened.error());
  auto connection = std::move(*opened);
  connection->expires_after(
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()));
  const auto key = websocket_key();
  const auto extra =
      standard_headers(*url, request.headers) +
      "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n";
  const auto head = format_request_head("GET", url->target, request.headers, extra);
  if (auto sent = co_await connection->write(head); !sent) co_return tl::unexpected(sent.error());
  ResponseParser parser(std::size_t{64} << 10, std::size_t{64} << 10, false);
  while (parser.state() == ParseState::more) {
    const auto count = co_await connection->fill();
    if (!count) co_return tl::unexpected(count.error());
    if (*count == 0) co_return core::fail(ErrorCode::io, url->host + " closed the connection during the handshake");
    connection->consume(parser.feed(connection->input()));
  }
  if (parser.state() != ParseState::header && parser.state() != ParseState::done) {
    co_return core::fail(ErrorCode::protocol, url->host + " did not answer in HTTP");
  }
  if (parser.status() != 101) {
    co_return core::fail(refusal_code(parser.status()),
                         url->host + " refused the WebSocket with status " + std::to_string(parser.status()));
  }
  const auto headers = parser.headers();
  if (headers.get("Sec-WebSocket-Accept").value_or("") != websocket_accept(key)) {
    co_return core::fail(ErrorCode::protocol, url->host + " answered the WebSocket handshake wrongly");
  }
  co_return WebSocket(
      std::make_shared<WebSocket::Impl>(worker_, std::move(connection), WsRole::client, request.options));
}

Task<Result<>> Client::Impl::warm(std::string text, Reach reach) {
  auto url = parse_url(text);
  if (!url) co_return tl::unexpected(url.error());
  const auto key = pool_key(*url, reach);
  auto connection = pool_->take(key);
  if (!connection) {
    auto opened = co_await connector_.open(*url, reach, ClientRequest{}.connect_timeout);
    if (!opened) co_return tl::unexpected(opened.error());
    connection = std::move(*opened);
  }
  pool_->give(key, std::move(connection));
  co_return Result<>();
}

Client::Client(core::Worker& worker, const ClientOptions& options, const core::Logger& log)
    : impl_(std::make_unique<Impl>(worker, options, log)) {}
Client::~Client() = default;

Task<Result<HttpResponse>> Client::send(ClientRequest request) {
  auto stream = co_await impl_->open(std::move(request));
  if (!stream) co_return tl::unexpected(stream.error());
  HttpResponse response{.status = stream->status(), .headers = stream->headers()};
  for (;;) {
    auto part = co_await stream->read();
    if (!part) co_return tl::unexpected(part.error());
    if (part->empty()) co_return response;
    response.body += *part;
  }
}

Task<Result<ResponseStream>> Client::open(ClientRequest request) { return impl_->open(std::move(request)); }
Task<Result<WebSocket>> Client::connect(ClientWebSocketRequest request) { return impl_->connect(std::move(request)); }
Task<Result<>> Client::warm(std::string url, Reach reach) { return impl_->warm(std::move(url), reach); }
core::Worker& Client::worker() const { return impl_->worker(); }

}  // namespace retell::net
