// Voices.
#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

core::Task<Outcome> list(Api& api, const Request&) {
  json::Array all;
  for (const auto& voice : api.voices.all()) all.push_back(json::write(voice.voice));
  co_return json_reply(200, std::move(all));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  const auto voice = api.voices.find(request.parameter(0));
  if (!voice) co_return tl::unexpected(voice.error());
  co_return json_reply(200, json::write(voice->voice));
}

constexpr Route table[] = {
    {"GET", "/list-voices", &list},
    {"GET", "/get-voice/{voice_id}", &get},
};

}  // namespace

std::span<const Route> voice_routes() { return table; }

}  // namespace retell::api
