// How requests to customers' servers leave the program.
#pragma once
#include <functional>

#include "core/task.hpp"
#include "net/client.hpp"

namespace retell::services {

// Gives the answer with at most `max_body` bytes of its body. send_and_cut over a client of the caller's worker, or a
// test's own.
using HttpSend = std::function<core::Task<core::Result<net::HttpResponse>>(net::ClientRequest)>;

// Of a longer body the first `max_body` bytes are kept and the rest is never read: whatever a server sends, it costs no
// more than that. Redirects are not followed.
[[nodiscard]] core::Task<core::Result<net::HttpResponse>> send_and_cut(net::Client& client, net::ClientRequest request);

// The first bytes of an answer as text that a database can hold and a person can read.
[[nodiscard]] std::string printable(std::string_view bytes, std::size_t longest);

}  // namespace retell::services
