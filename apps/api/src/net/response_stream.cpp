#include "net/response_stream.hpp"

namespace retell::net {

using core::ErrorCode;

namespace {
constexpr std::size_t max_answer_header = std::size_t{64} << 10;
}

ResponseStream::Impl::Impl(std::unique_ptr<Connection> connection, std::weak_ptr<ConnectionPool> pool, std::string key,
                           const ClientRequest& request)
    : connection_(std::move(connection)),
      pool_(std::move(pool)),
      key_(std::move(key)),
      first_byte_timeout_(request.first_byte_timeout),
      idle_timeout_(request.idle_timeout),
      max_body_(request.max_body),
      to_head_(request.method == "HEAD") {
  parser_.emplace(max_answer_header, max_body_, to_head_);
}

core::Task<core::Result<>> ResponseStream::Impl::more() {
  if (starved_ || connection_->input().empty()) {
    const auto count = co_await connection_->fill();
    if (!count) co_return tl::unexpected(count.error());
    if (*count == 0) {
      parser_->end_of_input();
      if (parser_->state() != ParseState::done) {
        co_return core::fail(ErrorCode::io, "the server closed the connection before its answer was complete");
      }
      co_return core::Result<>();
    }
    nothing_came_ = false;
    starved_ = false;
  }
  connection_->consume(parser_->feed(connection_->input()));
  switch (parser_->state()) {
    case ParseState::header_too_long:
      co_return core::fail(ErrorCode::too_large, "the answer's header is too long");
    case ParseState::body_too_long:
      co_return core::fail(ErrorCode::too_large, "the answer is larger than " + std::to_string(max_body_) + " bytes");
    case ParseState::malformed:
      co_return core::fail(ErrorCode::protocol, "the answer is not valid HTTP/1.1");
    case ParseState::more:
      // What the parser left must be seen again together with the bytes that follow.
      starved_ = !connection_->input().empty();
      break;
    case ParseState::header:
    case ParseState::done:
      break;
  }
  co_return core::Result<>();
}

core::Task<core::Result<>> ResponseStream::Impl::exchange(std::string head, const std::string& body) {
  connection_->expires_after(first_byte_timeout_);
  auto sent = co_await connection_->write(head, body);
  // A server may answer and close before it has read a body it does not want: its answer is what counts.
  for (;;) {
    auto step = co_await more();
    if (!step) co_return tl::unexpected(sent ? step.error() : sent.error());
    const auto state = parser_->state();
    if (state != ParseState::header && state != ParseState::done) continue;
    if (parser_->status() / 100 != 1 || parser_->status() == 101) break;
    parser_.emplace(max_answer_header, max_body_, to_head_);
  }
  status_ = parser_->status();
  headers_ = parser_->headers();
  connection_->expires_never();
  if (parser_->state() == ParseState::done && status_ != 101) release();
  co_return core::Result<>();
}

void ResponseStream::Impl::release() {
  auto connection = std::move(connection_);
  if (!parser_->keep_alive()) return;
  if (const auto pool = pool_.lock()) pool->give(key_, std::move(connection));
}

core::Task<core::Result<std::string>> ResponseStream::Impl::read() {
  for (;;) {
    auto part = parser_->take_body();
    if (!part.empty()) {
      body_read_ += part.size();
      if (body_read_ > max_body_) {
        connection_.reset();
        co_return core::fail(ErrorCode::too_large, "the answer is larger than " + std::to_string(max_body_) + " bytes");
      }
      co_return part;
    }
    if (parser_->state() == ParseState::done) co_return std::string();
    if (!connection_) co_return core::fail(ErrorCode::io, "the answer was broken off before");
    // Kept here while bytes are awaited: if this read is cancelled, the connection goes with it.
    auto& connection = *connection_;
    connection.expires_after(idle_timeout_);
    struct Drop {
      std::unique_ptr<Connection>& connection;
      bool armed = true;
      ~Drop() {
        if (armed) connection.reset();
      }
    } drop{connection_};
    auto step = co_await more();
    if (!step) co_return tl::unexpected(step.error());
    drop.armed = false;
    connection.expires_never();
    if (parser_->state() == ParseState::done) release();
  }
}

ResponseStream::ResponseStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ResponseStream::ResponseStream(ResponseStream&&) noexcept = default;
ResponseStream& ResponseStream::operator=(ResponseStream&&) noexcept = default;
ResponseStream::~ResponseStream() = default;
unsigned ResponseStream::status() const { return impl_->status(); }
const Headers& ResponseStream::headers() const { return impl_->headers(); }
core::Task<core::Result<std::string>> ResponseStream::read() { return impl_->read(); }

}  // namespace retell::net
