// Pages cut from what lies in memory: lists that are short by nature.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "storage/stores/page.hpp"

namespace retell::api {

// `items` in descending order of what `key` tells of each. The key of an item that is gone since goes on where it would
// stand, as `before(a, b)` says of two keys in the order of the list; invalid for one that `is_key` does not take.
template <class T, class Key, class IsKey, class Before>
[[nodiscard]] core::Result<storage::Page<T>> slice(std::vector<T> items, const storage::PageQuery& query, Key key,
                                                   IsKey is_key, Before before) {
  if (query.ascending) std::reverse(items.begin(), items.end());
  auto first = items.begin();
  if (!query.after.empty()) {
    first = std::find_if(first, items.end(), [&](const T& item) { return key(item) == query.after; });
    if (first != items.end()) {
      ++first;
    } else {
      if (!is_key(query.after)) return tl::unexpected<core::Error>(storage::no_such_page());
      first = std::find_if(items.begin(), items.end(), [&](const T& item) {
        return query.ascending ? before(key(item), query.after) : before(query.after, key(item));
      });
    }
  }
  items.erase(items.begin(), first);
  return storage::cut_page(std::move(items), query.limit, key);
}

}  // namespace retell::api
