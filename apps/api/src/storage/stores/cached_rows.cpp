#include "storage/stores/cached_rows.hpp"

#include <charconv>

#include "storage/cache/cache.hpp"

namespace retell::storage {
namespace {

// How long a change may go unseen by processes that share a cache which the changing one could not reach.
constexpr std::chrono::seconds lifetime{30};
constexpr std::size_t largest = std::size_t{1} << 20U;  // larger ones are left to the database

// Each cell is its kind, a number (of an integer its value, of a text its length) and a colon, then a text's bytes;
// each row is preceded by 'r' and its number of cells.
void append_number(std::string& out, char kind, std::int64_t number) {
  out.push_back(kind);
  out.append(std::to_string(number)).push_back(':');
}

std::string to_text(const Rows& rows) {
  std::string out;
  for (const auto& row : rows) {
    append_number(out, 'r', static_cast<std::int64_t>(row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (const auto whole = row.maybe_integer(i)) {
        append_number(out, 'i', *whole);
      } else if (const auto text = row.maybe_text(i)) {
        append_number(out, 's', static_cast<std::int64_t>(text->size()));
        out.append(*text);
      } else {
        append_number(out, 'n', 0);
      }
    }
  }
  return out;
}

struct Token {
  char kind;
  std::int64_t number;
};

std::optional<Token> next_token(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  Token token{text.front(), 0};
  const auto* end = text.data() + text.size();
  const auto [last, problem] = std::from_chars(text.data() + 1, end, token.number);
  if (problem != std::errc() || last == end || *last != ':') return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(last - text.data()) + 1);
  return token;
}

tl::unexpected<core::Error> unreadable() {
  return core::fail(core::ErrorCode::io, "the cache holds rows of another form");
}

}  // namespace

core::Result<Rows> read_cached(std::string_view text) {
  constexpr std::int64_t most_cells = 100;
  Rows rows;
  while (!text.empty()) {
    const auto row = next_token(text);
    if (!row || row->kind != 'r' || row->number < 0 || row->number > most_cells) return unreadable();
    std::vector<Cell> cells;
    for (std::int64_t i = 0; i < row->number; ++i) {
      const auto cell = next_token(text);
      if (!cell) return unreadable();
      if (cell->kind == 'i') {
        cells.emplace_back(cell->number);
      } else if (cell->kind == 'n') {
        cells.emplace_back(nullptr);
      } else if (cell->kind == 's' && cell->number >= 0 && static_cast<std::size_t>(cell->number) <= text.size()) {
        cells.emplace_back(std::string(text.substr(0, static_cast<std::size_t>(cell->number))));
        text.remove_prefix(static_cast<std::size_t>(cell->number));
      } else {
        return unreadable();
      }
    }
    rows.emplace_back(std::move(cells));
  }
  return rows;
}

core::Task<core::Result<Rows>> cached_query(Database& database, CachePlace place, Statement statement) {
  if (database.cache() == nullptr) co_return co_await database.query(std::move(statement));
  const auto text = co_await cached_text(database, std::move(place), statement);
  if (!text) co_return tl::unexpected(text.error());
  if (auto rows = read_cached(*text)) co_return rows;
  co_return co_await database.query(std::move(statement));
}

core::Task<core::Result<std::string>> cached_text(Database& database, CachePlace place, Statement statement) {
  auto* cache = database.cache();
  CacheLookup known;
  if (cache != nullptr) known = co_await cache->get(place.group, place.name);
  if (known.value) co_return std::move(*known.value);
  const auto rows = co_await database.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  auto text = to_text(*rows);
  if (cache != nullptr && (!rows->empty() || place.keep_empty) && text.size() <= largest) {
    cache->set(std::move(place.group), std::move(place.name), text, lifetime, std::move(known.token));
  }
  co_return text;
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
