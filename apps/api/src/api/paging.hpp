// Pages cut from what lies in memory: lists that are short by nature.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "storage/stores/page.hpp"

namespace retell::api {

// `items` in descending order; `key` tells each one's pagination_key. A key that is not among them gives an empty page.
template <class T, class Key>
[[nodiscard]] storage::Page<T> slice(std::vector<T> items, const storage::PageQuery& query, Key key) {
  if (query.ascending) std::reverse(items.begin(), items.end());
  auto first = items.begin();
  if (!query.after.empty()) {
    first = std::find_if(first, items.end(), [&](const T& item) { return key(item) == query.after; });
    if (first != items.end()) ++first;
  }
  items.erase(items.begin(), first);
  return storage::cut_page(std::move(items), query.limit, key);
}

}  // namespace retell::api
