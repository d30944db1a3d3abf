#include "net/http_parser.hpp"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>

#include <algorithm>

namespace retell::net {

namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

// A text that grows as it comes. Beast's own takes the memory that Content-Length announces before the first byte is
// there: any server or client could claim a terabyte.
struct GrowingBody {
  using value_type = std::string;

  class reader {  // NOLINT(readability-identifier-naming): Beast's name
   public:
    template <bool is_request, class Fields>
    reader(http::header<is_request, Fields>&, std::string& body) : body_(body) {}
    static void init(const boost::optional<std::uint64_t>&, error_code& error) { error = {}; }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& error) {
      error = {};
      std::size_t count = 0;
      for (const auto buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
        count += buffer.size();
      }
      return count;
    }
    static void finish(error_code& error) { error = {}; }

   private:
    std::string& body_;
  };
};

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Headers copy_headers(const http::fields& fields) {
  Headers headers;
  for (const auto& field : fields)
    headers.add(std::string(view(field.name_string())), std::string(view(field.value())));
  return headers;
}

ParseState state_of(error_code error) {
  if (error == http::error::header_limit) return ParseState::header_too_long;
  if (error == http::error::body_limit) return ParseState::body_too_long;
  return ParseState::malformed;
}

// Feeds until the header is complete (then stops there, so that the caller may answer `Expect`), or the message is.
template <class Parser>
std::size_t feed_parser(Parser& parser, ParseState& state, std::string_view bytes) {
  if (state != ParseState::more && state != ParseState::header) return 0;
  if (state == ParseState::header) state = ParseState::more;
  std::size_t used = 0;
  while (used < bytes.size()) {
    const bool had_header = parser.is_header_done();
    error_code error;
    used += parser.put({bytes.data() + used, bytes.size() - used}, error);
    if (error == http::error::need_more) return used;
    if (error) {
      state = state_of(error);
      return used;
    }
    if (parser.is_done()) {
      state = ParseState::done;
      return used;
    }
    if (!had_header && parser.is_header_done()) {
      parser.eager(true);
      state = ParseState::header;
      return used;
    }
  }
  return used;
}

bool safe(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

void append_headers(std::string& out, const Headers& headers) {
  for (const auto& [name, value] : headers.all()) {
    if (!safe(name) || !safe(value)) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
}

}  // namespace

struct RequestParser::Impl {
  http::request_parser<GrowingBody> parser;
  ParseState state = ParseState::more;
};

RequestParser::RequestParser(std::size_t max_header, std::optional<std::size_t> max_body)
    : impl_(std::make_unique<Impl>()) {
  impl_->parser.header_limit(static_cast<std::uint32_t>(max_header));
  impl_->parser.body_limit(max_body ? boost::optional<std::uint64_t>(*max_body) : boost::none);
}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view bytes) { return feed_parser(impl_->parser, impl_->state, bytes); }
ParseState RequestParser::state() const { return impl_->state; }
bool RequestParser::started() const { return impl_->parser.got_some(); }
bool RequestParser::keep_alive() const { return impl_->parser.get().keep_alive(); }
bool RequestParser::http_1_0() const { return impl_->parser.get().version() < 11; }

std::string_view RequestParser::field(std::string_view name) const {
  return view(impl_->parser.get()[boost::beast::string_view(name.data(), name.size())]);
}

std::optional<std::uint64_t> RequestParser::content_length() const {
  const auto length = impl_->parser.content_length();
  return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
}

void RequestParser::limit_body(std::size_t most) { impl_->parser.body_limit(most); }

std::size_t RequestParser::body_size() const { return impl_->parser.get().body().size(); }

std::string RequestParser::take_body() {
  std::string body;
  body.swap(impl_->parser.get().body());
  return body;
}

HttpRequest RequestParser::head() const {
  const auto& message = impl_->parser.get();
  HttpRequest request;
  request.method = std::string(view(message.method_string()));
  request.target = std::string(view(message.target()));
  std::string_view target = request.target;
  if (const auto scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    const auto path = target.find_first_of("/?", scheme + 3);  // the absolute form that proxies send
    target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
  }
  target = target.substr(0, target.find('#'));
  const auto question = target.find('?');
  request.path = percent_decode(target.substr(0, question), false);
  if (question != std::string_view::npos) request.query = std::string(target.substr(question + 1));
  request.headers = copy_headers(message);
  return request;
}

HttpRequest RequestParser::take() {
  auto request = head();
  request.body = take_body();
  return request;
}

struct ResponseParser::Impl {
  http::response_parser<GrowingBody> parser;
  ParseState state = ParseState::more;
};

ResponseParser::ResponseParser(std::size_t max_header, std::size_t max_body, bool to_head)
    : impl_(std::make_unique<Impl>()) {
  impl_->parser.header_limit(static_cast<std::uint32_t>(max_header));
  impl_->parser.body_limit(max_body);
  impl_->parser.skip(to_head);
}

ResponseParser::~ResponseParser() = default;

std::size_t ResponseParser::feed(std::string_view bytes) { return feed_parser(impl_->parser, impl_->state, bytes); }

void ResponseParser::end_of_input() {
  if (impl_->state != ParseState::more && impl_->state != ParseState::header) return;
  error_code error = http::error::partial_message;
  if (impl_->parser.got_some()) impl_->parser.put_eof(error);
  impl_->state = error ? ParseState::malformed : ParseState::done;
}

ParseState ResponseParser::state() const { return impl_->state; }
bool ResponseParser::keep_alive() const { return impl_->parser.get().keep_alive(); }
unsigned ResponseParser::status() const { return impl_->parser.get().result_int(); }
Headers ResponseParser::headers() const { return copy_headers(impl_->parser.get()); }

std::string ResponseParser::take_body() {
  std::string body;
  body.swap(impl_->parser.get().body());
  return body;
}

std::string format_response_head(unsigned status, const Headers& headers, std::string_view extra) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  out.append(view(http::obsolete_reason(http::int_to_status(status)))).append("\r\n");
  append_headers(out, headers);
  out.append(extra).append("\r\n");
  return out;
}

std::string format_request_head(std::string_view method, std::string_view target, const Headers& headers,
                                std::string_view extra) {
  std::string out;
  out.reserve(512);
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\n").append(extra);
  append_headers(out, headers);
  out.append("\r\n");
  return out;
}

}  // namespace retell::net
