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

}  // namespace retell::services
