// Rows of a query, by way of the cache. Internal to storage/stores.
#pragma once
#include <string>
#include <string_view>

#include "core/task.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/engine_store.hpp"

namespace retell::storage {

// Where a query's rows are kept in the cache.
struct CachePlace {
  std::string group;
  std::string name;
  bool keep_empty = false;  // an answer without rows is kept, too
};

// Asks the database only when its cache has nothing.
[[nodiscard]] core::Task<core::Result<Rows>> cached_query(Database& database, CachePlace place, Statement statement);
// The same rows as a text, for who remembers what was made of it (core::Memo): the same rows are always the same text.
[[nodiscard]] core::Task<core::Result<std::string>> cached_text(Database& database, CachePlace place,
                                                                Statement statement);
// io when the text is none of cached_text()'s: another version of this program shares the cache.
[[nodiscard]] core::Result<Rows> read_cached(std::string_view text);

// The names of groups.
[[nodiscard]] std::string agent_group(const std::string& organization_id, const std::string& agent_id);
[[nodiscard]] std::string engine_group(const EngineTable& table, const std::string& organization_id,
                                       const std::string& id);
[[nodiscard]] std::string number_group(const std::string& phone_number);

// The name of an agent's or engine's version within its group.
[[nodiscard]] std::string cache_name(const VersionChoice& version);

}  // namespace retell::storage
