// Voices are not records of ours but what the configured vendors speak with: here it is seen which of those that the
// agents use there are none, and the report says how to get them.
#include <set>

#include "services/import/importer.hpp"

namespace retell::services::import {
namespace {

std::string advice(const json::Value& voice, const std::string& id) {
  const auto vendor = text(voice, "provider");
  const auto what = "\"" + text(voice, "voice_name") + "\" of " + (vendor.empty() ? "an unknown vendor" : vendor);
  return what + " is not on this server: add a [[voices]] table with id = \"" + id +
         "\" to retell.toml, or import with --voice " + id + "=<a voice of this server>";
}

}  // namespace

core::Task<core::Result<>> voices(Importer& importer) {
  std::set<std::string> used;
  for (const auto& agent : importer.agents) {
    for (const auto& version : agent.versions) {
      if (auto id = text(version, "voice_id"); !id.empty()) used.insert(std::move(id));
    }
  }
  for (const auto& id : used) {
    const auto named = importer.parts().voice_names.find(id);
    const auto& ours = named == importer.parts().voice_names.end() ? id : named->second;
    if (importer.parts().voices.find(ours)) {
      importer.left_alone("voice");
      continue;
    }
    const auto voice = co_await importer.source().get("/get-voice/" + net::percent_encode(id));
    core::Error error{core::ErrorCode::not_found, advice(voice ? *voice : json::Value(json::Object{}), id)};
    if (!voice && voice.error().code != core::ErrorCode::not_found) error = voice.error();
    if (auto go_on = importer.failed("voice", id, error); !go_on) co_return go_on;
  }
  co_return core::Result<>{};
}

}  // namespace retell::services::import
