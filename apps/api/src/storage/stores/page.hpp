// One page of a list, in the order of creation.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "storage/db/database.hpp"

namespace retell::storage {

struct PageQuery {
  int limit = 50;  // 1..1000
  bool ascending = false;
  std::string after = {};  // pagination_key: the id of the last item seen; empty: from the start
};

template <class T>
struct Page {
  std::vector<T> items;
  bool has_more = false;
  std::string next = {};  // pagination_key of the following page; empty when there is none
};

// The end of a SELECT over a table with created_at and an id column. Adds the cursor and the order, and asks for one
// row more than the page holds. $1 is the organisation; $2 the cursor's id; the parameters are appended to `statement`.
void append_page(Statement& statement, const PageQuery& query, std::string_view table, std::string_view id_column);

}  // namespace retell::storage
