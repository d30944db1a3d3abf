// Recordings: a signed link that plays anywhere, or the key of the call's owner. Ranges, so that players can seek.
#include "api/object_reply.hpp"
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

core::Task<core::Result<>> check_access(Api& api, const Request& request, std::string file) {
  const auto expires = request.query("expires").value_or("");
  const auto signature = request.query("signature").value_or("");
  if (api.recordings.opens(file, expires, signature)) co_return core::Result<>{};
  constexpr std::string_view extension = ".wav";
  if (request.organization().empty() || !file.ends_with(extension)) {
    co_return core::fail(core::ErrorCode::forbidden, "The link is not valid or has expired.");
  }
  const auto call = co_await api.calls.get(request.organization(), file.substr(0, file.size() - extension.size()));
  if (!call) co_return tl::unexpected(call.error());
  co_return core::Result<>{};
}

core::Task<Outcome> download(Api& api, const Request& request) {
  const auto& file = request.parameter(0);
  const auto allowed = co_await check_access(api, request, file);
  if (!allowed) co_return tl::unexpected(allowed.error());
  auto elsewhere = co_await api.recordings.elsewhere(file);
  if (elsewhere && *elsewhere) co_return onward_reply(std::move(**elsewhere));
  const auto size = co_await api.recordings.size(file);
  if (!size) co_return tl::unexpected(size.error());
  auto response = object_reply(request, *size, [&recordings = api.recordings, file](auto offset, auto length) {
    return recordings.read(file, offset, length);
  });
  response.headers.set("Content-Type", "audio/wav");
  response.headers.set("Cache-Control", "private, max-age=3600");
  co_return response;
}

constexpr Route table[] = {
    endpoint<&download>("GET", "/recordings/{file}", 200, "The sound of a call", {.auth = Auth::optional}),
};

}  // namespace

std::span<const Route> recording_routes() { return table; }

}  // namespace retell::api
