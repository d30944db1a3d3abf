// Lists of calls, on every database, against a plain reading of what was asked: random calls, random filters, random
// pages, the same in every run.
#include <gtest/gtest.h>

#include <algorithm>

#include "storage/db/migrate.hpp"
#include "storage/stores/call_store.hpp"
#include "support/any_database.hpp"
#include "unit/storage/random_calls.hpp"

namespace retell::storage {
namespace {

using domain::Call;
using random_calls::all_filters;
using random_calls::any_call;
using random_calls::Dice;
using random_calls::Filter;
using test::run;

class CallPages : public test::AnyDatabase {
 protected:
  static constexpr int count = 300;
  static constexpr unsigned seed = 20'261'130;

  CallPages() {
    EXPECT_TRUE(run(migrate(*database_, embedded_migrations())));
    for (const auto* id : {"org_a", "org_b"}) {
      EXPECT_TRUE(execute("INSERT INTO organizations (id, name, created_at) VALUES ($1, $1, 0)", {id}));
    }
    for (int i = 0; i < count; ++i) {
      // Many of the same moment, and now and then one of somebody else's.
      add(i, static_cast<std::int64_t>(dice_.below(40)), dice_.one_in(10) ? "org_b" : "org_a");
    }
  }
  void add(int number, std::int64_t created_at, const char* owner) {
    StoredCall stored{.organization_id = owner, .call = any_call(dice_, number), .created_at = created_at};
    ASSERT_TRUE(run(CallStore(*database_).insert(stored)));
    if (stored.organization_id == "org_a") all_.push_back(std::move(stored));
  }
  void remove(std::size_t index) {
    ASSERT_TRUE(run(CallStore(*database_).remove("org_a", all_[index].call.call_id)).value());
    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  // The ids of those that fit, in the order of the list.
  [[nodiscard]] std::vector<std::string> meant(bool ascending, const std::function<bool(const Call&)>& fits) const {
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (const auto& one : all_) {
      if (fits(one.call)) found.emplace_back(one.created_at, one.call.call_id);
    }
    std::sort(found.begin(), found.end());
    if (!ascending) std::reverse(found.begin(), found.end());
    std::vector<std::string> ids;
    ids.reserve(found.size());
    for (auto& [when, id] : found) ids.push_back(std::move(id));
    return ids;
  }
  static std::vector<std::string> ids_of(const CallPage& page) {
    std::vector<std::string> ids;
    ids.reserve(page.items.size());
    for (const auto& item : page.items) ids.emplace_back(item.at("call_id").as_string());
    return ids;
  }
  // All pages of a query, one after the other; `between` runs after each.
  std::vector<std::string> walk(CallStore& store, CallQuery query, const std::function<void()>& between = [] {}) {
    std::vector<std::string> ids;
    for (int pages = 0; pages < 10 * count; ++pages) {
      const auto page = run(store.list("org_a", query));
      EXPECT_TRUE(page.has_value()) << page.error().message;
      if (!page) break;
      const auto found = ids_of(*page);
      EXPECT_LE(found.size(), static_cast<std::size_t>(query.page.limit));
      ids.insert(ids.end(), found.begin(), found.end());
      EXPECT_EQ(page->has_more, !page->next.empty());
      if (!page->has_more) return ids;
      query.page.after = page->next;
      between();
    }
    ADD_FAILURE() << "the pages never end";
    return ids;
  }
  static std::function<bool(const Call&)> both(const Filter& a, const Filter& b) {
    return [&a, &b](const Call& call) { return a.holds(call) && b.holds(call); };
  }

  Dice dice_{seed};
  std::vector<StoredCall> all_;  // of org_a
};

TEST_P(CallPages, hold_what_each_filter_means_each_call_once_in_both_orders) {
  CallStore store(*database_);
  int narrowed = 0;
  for (int round = 0; round < 20; ++round) {
    const auto filters = all_filters(dice_);
    for (const auto& filter : filters) {
      // Alone, and together with another group.
      const auto& other = dice_.of(filters);
      const bool alone = dice_.one_in(2) || other.group == filter.group;
      json::Object criteria{{filter.group, filter.criteria}};
      if (!alone) criteria[other.group] = other.criteria;
      const auto parsed = domain::ListFilter::parse(criteria);
      ASSERT_TRUE(parsed.has_value()) << json::dump(criteria) << ": " << parsed.error().message;
      CallQuery query{.filter = *parsed};
      query.page.ascending = dice_.one_in(2);
      const auto fits = alone ? filter.holds : both(filter, other);
      const auto expected = meant(query.page.ascending, fits);
      // A whole number of pages, or nearly.
      const auto part = static_cast<int>(expected.size() / (1 + dice_.below(8)));
      query.page.limit = std::max(1, part - 1 + static_cast<int>(dice_.below(3)));
      ASSERT_EQ(walk(store, query), expected)
          << json::dump(criteria) << (query.page.ascending ? " ascending" : " descending") << " by "
          << query.page.limit;
      narrowed += !expected.empty() && expected.size() < all_.size() ? 1 : 0;
    }
  }
  EXPECT_GT(narrowed, 200) << "most filters must have something to tell apart";
}

TEST_P(CallPages, skip_and_count_as_asked) {
  CallStore store(*database_);
  for (int round = 0; round < 60; ++round) {
    const auto filters = all_filters(dice_);
    const auto& filter = dice_.of(filters);
    CallQuery query{.filter = domain::ListFilter::parse(json::Object{{filter.group, filter.criteria}}).value()};
    query.page.ascending = dice_.one_in(2);
    query.page.limit = static_cast<int>(1 + dice_.below(50));
    query.skip = static_cast<int>(dice_.below(dice_.one_in(2) ? 10 : 400));
    query.include_total = dice_.one_in(2);
    auto expected = meant(query.page.ascending, filter.holds);
    const auto page = run(store.list("org_a", query)).value();
    EXPECT_EQ(page.total.has_value(), query.include_total);
    if (page.total) EXPECT_EQ(*page.total, static_cast<std::int64_t>(expected.size()));
    expected.erase(expected.begin(), expected.begin() + std::min<std::ptrdiff_t>(query.skip, std::ssize(expected)));
    EXPECT_EQ(page.has_more, std::ssize(expected) > query.page.limit);
    expected.resize(std::min(expected.size(), static_cast<std::size_t>(query.page.limit)));
    EXPECT_EQ(ids_of(page), expected) << json::dump(filter.criteria) << " skipping " << query.skip;
  }
}

TEST_P(CallPages, hold_what_stays_once_while_calls_come_and_go) {
  CallStore store(*database_);
  int next = count;
  for (int round = 0; round < 10; ++round) {
    CallQuery query;
    query.page.ascending = dice_.one_in(2);
    query.page.limit = static_cast<int>(5 + dice_.below(60));
    const auto everything = [](const Call&) { return true; };
    const auto before = meant(query.page.ascending, everything);
    auto seen = walk(store, query, [&] {
      remove(dice_.below(all_.size()));
      add(next++, static_cast<std::int64_t>(dice_.below(40)), "org_a");
    });
    const auto after = meant(query.page.ascending, everything);
    auto unique = seen;
    std::sort(unique.begin(), unique.end());
    EXPECT_EQ(std::adjacent_find(unique.begin(), unique.end()), unique.end()) << "a call was shown twice";
    // Those that were there all the time, in their order.
    std::vector<std::string> stayed;
    for (const auto& id : before) {
      if (std::count(after.begin(), after.end(), id) > 0) stayed.push_back(id);
    }
    std::erase_if(seen, [&](const auto& id) { return std::count(stayed.begin(), stayed.end(), id) == 0; });
    EXPECT_EQ(seen, stayed);
  }
}

TEST_P(CallPages, go_on_where_looking_through_many_calls_was_cut_short) {
  CallStore hasty(*database_, 7);  // calls for each page
  for (int round = 0; round < 20; ++round) {
    const auto filters = all_filters(dice_);
    const auto& filter = dice_.of(filters);
    CallQuery query{.filter = domain::ListFilter::parse(json::Object{{filter.group, filter.criteria}}).value()};
    query.page.ascending = dice_.one_in(2);
    query.page.limit = static_cast<int>(1 + dice_.below(10));
    EXPECT_EQ(walk(hasty, query), meant(query.page.ascending, filter.holds)) << json::dump(filter.criteria);
  }
}

RETELL_ON_EVERY_DATABASE(CallPages);

}  // namespace
}  // namespace retell::storage
