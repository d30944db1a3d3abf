#include "services/http_send.hpp"

namespace retell::services {

core::Task<core::Result<net::HttpResponse>> send_and_cut(net::Client& client, net::ClientRequest request) {
  const auto kept = request.max_body;
  request.max_body = std::size_t{1} << 40U;  // no error of the client's: we stop reading by ourselves
  auto stream = co_await client.open(std::move(request));
  if (!stream) co_return tl::unexpected(stream.error());
  net::HttpResponse response;
  response.status = stream->status();
  response.headers = stream->headers();
  while (response.body.size() < kept) {
    auto part = co_await stream->read();
    if (!part) co_return tl::unexpected(part.error());
    if (part->empty()) break;
    response.body += *part;
  }
  if (response.body.size() > kept) response.body.resize(kept);
  co_return response;
}

std::string printable(std::string_view bytes, std::size_t longest) {
  std::string out;
  for (const char c : bytes.substr(0, longest)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte >= 0x20 && byte < 0x7f) || c == '\n' || c == '\t';
    // UTF-8 that is cut or wrong would have to be mended; a question mark says enough.
    out.push_back(plain ? c : (byte >= 0x80 ? '?' : ' '));
  }
  return out;
}

}  // namespace retell::services
