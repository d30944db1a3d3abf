// Voices: those of the configured vendors and of the operator's own list.
#include "api/multipart_form.hpp"
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

struct SearchVoices {
  std::string search_query;
  std::optional<domain::VoiceProvider> voice_provider = {};
};
BOOST_DESCRIBE_STRUCT(SearchVoices, (), (search_query, voice_provider))

struct AddVoice {
  std::string provider_voice_id;
  std::string voice_name;
  std::optional<std::string> public_user_id = {};
  std::optional<domain::VoiceProvider> voice_provider = {};
};
BOOST_DESCRIBE_STRUCT(AddVoice, (), (provider_voice_id, voice_name, public_user_id, voice_provider))

struct CloneVoice {
  std::vector<FileField> files;
  std::string voice_name;
  domain::VoiceProvider voice_provider = domain::VoiceProvider::platform;
};
BOOST_DESCRIBE_STRUCT(CloneVoice, (), (files, voice_name, voice_provider))

struct FoundVoices {
  std::vector<json::Object> voices;
};
BOOST_DESCRIBE_STRUCT(FoundVoices, (), (voices))

constexpr auto elsewhere =
    "Community voices are a vendor's marketplace and not offered here: name a voice of your vendor's account under "
    "[[voices]] in the configuration.";

core::Task<Outcome> search(Api&, const Request&, SearchVoices) { co_return not_offered(elsewhere); }
core::Task<Outcome> add(Api&, const Request&, AddVoice) { co_return not_offered(elsewhere); }

core::Task<Outcome> clone(Api&, const Request& request) {
  const auto form = co_await MultipartForm::parse(request);
  if (!form) co_return tl::unexpected(form.error());
  const auto fields = form->read<CloneVoice>();
  if (!fields) co_return tl::unexpected(fields.error());
  co_return not_offered(
      "Cloning voices is not offered here: clone it with your vendor and name it under [[voices]] in "
      "the configuration.");
}

constexpr Route table[] = {
    endpoint<&list, std::vector<domain::Voice>>("GET", "/list-voices", 200, "List voices"),
    endpoint<&get, domain::Voice>("GET", "/get-voice/{voice_id}", 200, "Get a voice"),
    endpoint<&search, FoundVoices>("POST", "/search-community-voice", 200,
                                   "Search community voices (not offered here)"),
    endpoint<&add, domain::Voice>("POST", "/add-community-voice", 200, "Add a community voice (not offered here)"),
    upload<&clone, CloneVoice, domain::Voice>("POST", "/clone-voice", 201, "Clone a voice (not offered here)"),
};

}  // namespace

std::span<const Route> voice_routes() { return table; }

}  // namespace retell::api
