#include "services/reference_check.hpp"

#include <map>

#include "json/errors.hpp"

namespace retell::services {
namespace {

using Names = domain::References::Names;

// `find` is asked once for each id, however often it is named.
template <class Find>
core::Task<core::Result<>> check_names(json::Problems& problems, Names names, std::string message, Find find) {
  std::map<std::string, bool> known;
  for (const auto& [field, id] : names) {
    if (!known.contains(id)) {
      const auto found = co_await find(id);
      if (!found) co_return tl::unexpected(found.error());
      known[id] = found->has_value();
    }
    if (!known[id]) problems.add(field, message);
  }
  co_return core::Result<>{};
}

template <class Find>
core::Task<core::Result<std::set<std::string>>> missing_of(std::set<std::string> ids, Find find) {
  std::set<std::string> missing;
  for (const auto& id : ids) {
    const auto found = co_await find(id);
    if (!found) co_return tl::unexpected(found.error());
    if (!found->has_value()) missing.insert(id);
  }
  co_return missing;
}

}  // namespace

core::Task<core::Result<domain::NamedThings>> ReferenceCheck::lost(std::string organization_id,
                                                                   domain::NamedThings named) {
  const auto component = [&](std::string id) { return components_.find(organization_id, std::move(id)); };
  const auto base = [&](std::string id) { return knowledge_bases_.find(organization_id, std::move(id)); };
  const auto agent = [&](std::string id) { return agents_.find_record(organization_id, std::move(id), {}); };
  auto components = co_await missing_of(std::move(named.components), component);
  if (!components) co_return tl::unexpected(components.error());
  auto bases = co_await missing_of(std::move(named.knowledge_bases), base);
  if (!bases) co_return tl::unexpected(bases.error());
  auto agents = co_await missing_of(std::move(named.agents), agent);
  if (!agents) co_return tl::unexpected(agents.error());
  co_return domain::NamedThings{std::move(*bases), std::move(*components), std::move(*agents)};
}

core::Task<core::Result<>> ReferenceCheck::check(std::string organization_id, domain::References references) {
  json::Problems problems;
  const auto component = [&](std::string id) { return components_.find(organization_id, std::move(id)); };
  auto done = co_await check_names(problems, std::move(references.shared_components),
                                   "names no component of this account", component);
  if (!done) co_return done;
  const auto base = [&](std::string id) { return knowledge_bases_.find(organization_id, std::move(id)); };
  done = co_await check_names(problems, std::move(references.knowledge_bases),
                              "names no knowledge base of this account", base);
  if (!done) co_return done;
  const auto agent = [&](std::string id) { return agents_.find_record(organization_id, std::move(id), {}); };
  done = co_await check_names(problems, std::move(references.agents), "names no agent of this account", agent);
  if (!done) co_return done;
  if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error());
  co_return core::Result<>{};
}

}  // namespace retell::services
