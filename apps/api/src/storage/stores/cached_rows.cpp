#include "storage/stores/cached_rows.hpp"

#include "json/text.hpp"
#include "storage/cache/cache.hpp"

namespace retell::storage {
namespace {

// How long a change may go unseen by processes that share a cache which the changing one could not reach.
constexpr std::chrono::seconds lifetime{30};
constexpr std::size_t largest = std::size_t{1} << 20U;  // larger ones are left to the database

std::string to_text(const Rows& rows) {
  json::Array all;
  for (const auto& row : rows) {
    json::Array cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (const auto whole = row.maybe_integer(i))
        cells.emplace_back(*whole);
      else if (auto text = row.maybe_text(i))
        cells.emplace_back(*text);
      else
        cells.emplace_back(nullptr);
    }
    all.emplace_back(std::move(cells));
  }
  return json::dump(all);
}

// Nothing when it is not what to_text() writes.
std::optional<Rows> from_text(const std::string& text) {
  const auto document = json::parse(text, {.bytes = 2 * largest});
  if (!document || !document->is_array()) return std::nullopt;
  Rows rows;
  for (const auto& row : document->get_array()) {
    if (!row.is_array()) return std::nullopt;
    std::vector<Cell> cells;
    for (const auto& cell : row.get_array()) {
      if (cell.is_string())
        cells.emplace_back(std::string(cell.get_string()));
      else if (cell.is_int64())
        cells.emplace_back(std::int64_t{cell.get_int64()});
      else
        cells.emplace_back(nullptr);
    }
    rows.emplace_back(std::move(cells));
  }
  return rows;
}

}  // namespace

core::Task<core::Result<Rows>> cached_query(Database& database, CachePlace place, Statement statement) {
  auto* cache = database.cache();
  if (cache == nullptr) co_return co_await database.query(std::move(statement));
  const auto known = co_await cache->get(place.group, place.name);
  if (known.value) {
    if (auto rows = from_text(*known.value)) co_return std::move(*rows);
  }
  auto rows = co_await database.query(std::move(statement));
  if (!rows || rows->empty()) co_return rows;
  auto text = to_text(*rows);
  if (text.size() <= largest) {
    cache->set(std::move(place.group), std::move(place.name), std::move(text), lifetime, known.token);
  }
  co_return rows;
}

std::string agent_group(const std::string& organization_id, const std::string& agent_id) {
  return "agent:" + organization_id + ":" + agent_id;
}

std::string engine_group(const EngineTable& table, const std::string& organization_id, const std::string& id) {
  return std::string(table.cache_kind) + ":" + organization_id + ":" + id;
}

std::string number_group(const std::string& phone_number) { return "number:" + phone_number; }

std::string cache_name(const VersionChoice& version) {
  switch (version.kind) {
    case VersionChoice::Kind::latest:
      return "latest";
    case VersionChoice::Kind::latest_published:
      return "latest_published";
    case VersionChoice::Kind::tag:
      return "tag:" + version.name;
    case VersionChoice::Kind::exact:
      break;
  }
  return std::to_string(version.number);
}

}  // namespace retell::storage
