// Resources that are one JSON document each, every kind in a table of the same form (migrations/0011).
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/task.hpp"
#include "json/value.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/page.hpp"

namespace retell::storage {

struct Document {
  std::string id;
  std::string lookup = {};  // what it is found by besides its id; "" when by nothing
  json::Object body = {};
  std::int64_t created_at = 0;   // epoch ms
  std::int64_t modified_at = 0;  // epoch ms
  std::int64_t revision = 0;     // the store's own
  // Of chats alone.
  std::optional<std::int64_t> expires_at = {};  // when it is to be deleted
  std::optional<std::int64_t> closes_at = {};   // when it ends by itself
};

struct DocumentKey {
  std::string organization_id;
  std::string id;
};

// The kinds there are.
enum class DocumentKind : std::uint8_t {
  flow_component,
  knowledge_base,
  test_case,
  chat,
  contact,  // no two of an organisation have the same lookup
  asset,
  job_report
};

class DocumentStore {
 public:
  DocumentStore(Database& database, DocumentKind kind);

  [[nodiscard]] core::Task<core::Result<std::optional<Document>>> find(std::string organization_id, std::string id);
  // The newest with this lookup.
  [[nodiscard]] core::Task<core::Result<std::optional<Document>>> find_by(std::string organization_id,
                                                                          std::string lookup);
  // Pages of all, or of those with a lookup.
  [[nodiscard]] core::Task<core::Result<Page<Document>>> list(std::string organization_id, PageQuery query,
                                                              std::optional<std::string> lookup = {});
  // All that `fits` takes, by pages of the store; `skip` and `limit` count those alone.
  using Test = std::function<bool(const Document&)>;
  struct Search {
    PageQuery page = {};
    int skip = 0;
    bool include_total = false;
    std::optional<std::string> lookup = {};
    Test fits = {};
  };
  struct Found {
    Page<Document> page;
    std::optional<std::int64_t> total = {};
  };
  [[nodiscard]] core::Task<core::Result<Found>> search(std::string organization_id, Search search);

  [[nodiscard]] core::Task<core::Result<>> insert(std::string organization_id, Document document);
  // Finds, changes and writes it back; again from the start when another change came between. `how` may refuse.
  // Nothing for an unknown id; conflict when others are always quicker.
  using Change = std::function<core::Result<>(Document&)>;
  [[nodiscard]] core::Task<core::Result<std::optional<Document>>> change(std::string organization_id, std::string id,
                                                                         Change how);
  // The same, with what is to be stored together with the change. Not for kinds whose lookup is unique.
  using ChangeWith = std::function<core::Result<std::vector<Statement>>(Document&)>;
  [[nodiscard]] core::Task<core::Result<std::optional<Document>>> change_with(std::string organization_id,
                                                                              std::string id, ChangeWith how);
  [[nodiscard]] core::Task<core::Result<bool>> remove(std::string organization_id, std::string id);

  // Chats whose time has come, across organisations, in the order of ids: to be deleted, and to be ended.
  [[nodiscard]] core::Task<core::Result<std::vector<DocumentKey>>> expired(std::int64_t now_ms, std::string after_id,
                                                                           int limit);
  [[nodiscard]] core::Task<core::Result<std::vector<DocumentKey>>> closing(std::int64_t now_ms, std::string after_id,
                                                                           int limit);

  // For transactions over several resources.
  [[nodiscard]] Statement insertion(const std::string& organization_id, const Document& document) const;
  // For kinds whose lookup is unique: replaces the body of the one that is there.
  [[nodiscard]] Statement upsertion(const std::string& organization_id, const Document& document) const;
  [[nodiscard]] Statement removal(const std::string& organization_id, const std::string& id) const;

 private:
  [[nodiscard]] std::string select() const;
  [[nodiscard]] Statement replacement(const std::string& organization_id, const Document& document) const;
  [[nodiscard]] core::Task<core::Result<std::vector<DocumentKey>>> due(std::string column, std::int64_t now_ms,
                                                                       std::string after_id, int limit);

  Database& database_;
  std::string table_;
  bool timed_;  // has expires_at and closes_at
};

}  // namespace retell::storage
