#include "services/version_choice.hpp"

#include <charconv>

#include "services/agent_version_service.hpp"

namespace retell::services {

core::Result<storage::VersionChoice> parse_version(std::optional<std::string_view> text) {
  using Kind = storage::VersionChoice::Kind;
  if (!text || text->empty() || *text == "latest") return storage::VersionChoice{};
  if (*text == "latest_published") return storage::VersionChoice{Kind::latest_published};
  std::int32_t number = 0;
  const auto* end = text->data() + text->size();
  const auto [last, problem] = std::from_chars(text->data(), end, number);
  if (problem == std::errc() && last == end && number >= 0) return storage::VersionChoice{Kind::exact, number};
  if (is_agent_tag(*text)) return storage::VersionChoice{Kind::tag, 0, std::string(*text)};
  return core::fail(core::ErrorCode::unprocessable, "Version " + std::string(*text) + " not found", "version");
}

std::string not_found_text(const std::string& record, const storage::VersionChoice& version, bool there) {
  using Kind = storage::VersionChoice::Kind;
  if (!there || version.kind == Kind::latest) return record + " not found";
  if (version.kind == Kind::latest_published) return record + " has no published version";
  if (version.kind == Kind::tag) return record + " has no version tagged " + version.name;
  return record + " has no version " + std::to_string(version.number);
}

std::string published_text(const std::string& engine, std::int32_t version) {
  return engine + ": version " + std::to_string(version) +
         " is published and cannot be changed; create a new version of an agent that uses it (create-agent-version), "
         "which gets a draft of its own";
}

}  // namespace retell::services
