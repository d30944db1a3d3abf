// One page of a list, in the order of creation.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/db/database.hpp"

namespace retell::storage {

struct PageQuery {
  int limit = 50;  // 1..1000
  bool ascending = false;
  std::string after = {};  // pagination_key, or the id of the last item seen; empty: from the start
};

template <class T>
struct Page {
  std::vector<T> items;
  bool has_more = false;
  std::string next = {};  // pagination_key of the following page; empty when there is none
};

// The pagination_key of an item: its place in the order, which stays when the item itself is deleted.
[[nodiscard]] std::string page_key(std::int64_t created_at, const std::string& id);

// Whether `key` has the form of page_key().
[[nodiscard]] bool is_page_key(const std::string& key);

// "pagination_key: …", invalid.
[[nodiscard]] core::Error no_such_page();

// Whether there is a place to go on from after `query.after`: that it is a pagination_key, or the id of a row of this
// organisation, as older clients send it. Without one a list would seem to be at its end.
[[nodiscard]] core::Task<core::Result<>> check_place(Database& database, std::string organization_id, std::string after,
                                                     std::string table, std::string id_column);

// A page of what a query for one row more than `limit` found; `key` gives the pagination_key of an item.
template <class T, class Key>
[[nodiscard]] Page<T> cut_page(std::vector<T> items, int limit, Key key) {
  Page<T> page;
  page.has_more = items.size() > static_cast<std::size_t>(limit);
  if (page.has_more) {
    items.resize(static_cast<std::size_t>(limit));
    page.next = key(items.back());
  }
  page.items = std::move(items);
  return page;
}

// The end of a SELECT over a table with created_at and an id column. Adds the cursor and the order, and asks for one
// row more than the page holds. $1 is the organisation; $2 the cursor's id; the parameters are appended to `statement`.
void append_page(Statement& statement, const PageQuery& query, std::string_view table, std::string_view id_column);

}  // namespace retell::storage
