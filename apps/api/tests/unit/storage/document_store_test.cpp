// Properties of lists and filters over documents made at random.
#include "storage/stores/document_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "domain/list_filter.hpp"
#include "json/text.hpp"
#include "storage/db/migrate.hpp"
#include "storage/stores/organization_store.hpp"
#include "support/any_database.hpp"

namespace retell::storage {
namespace {

using test::run;

class Documents : public test::AnyDatabase {
 protected:
  Documents() {
    EXPECT_TRUE(run(migrate(*database_, embedded_migrations())));
    for (const auto* id : {"org_a", "org_b"}) {
      EXPECT_TRUE(run(OrganizationStore(*database_).insert({id, "Name", "", 1})));
    }
  }
  // Documents made in few moments, so that many share one.
  std::vector<Document> fill(int count) {
    std::vector<Document> all;
    for (int i = 0; i < count; ++i) {
      Document document{.id = "id_" + std::to_string(random_() % 1'000'000) + "_" + std::to_string(i)};
      document.lookup = "group" + std::to_string(random_() % 3);
      document.created_at = static_cast<std::int64_t>(random_() % 7);
      document.body["value"] = static_cast<std::int64_t>(random_() % 10);
      EXPECT_TRUE(run(store_.insert("org_a", document)));
      all.push_back(std::move(document));
    }
    return all;
  }
  static void sort(std::vector<Document>& all, bool ascending) {
    std::sort(all.begin(), all.end(), [&](const Document& a, const Document& b) {
      const bool less = std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
      return ascending ? less : std::tie(b.created_at, b.id) < std::tie(a.created_at, a.id);
    });
  }
  static std::vector<std::string> ids(const std::vector<Document>& all) {
    std::vector<std::string> out;
    for (const auto& document : all) out.push_back(document.id);
    return out;
  }

  DocumentStore store_{*database_, DocumentKind::test_case};
  std::mt19937 random_{20261126};  // NOLINT: the same every time
};

TEST_P(Documents, pages_of_any_size_make_up_the_whole_list) {
  auto all = fill(60);
  for (int round = 0; round < 12; ++round) {
    const bool ascending = round % 2 == 0;
    PageQuery query{.limit = 1 + static_cast<int>(random_() % 25), .ascending = ascending};
    const auto group = round % 3 == 0 ? std::nullopt : std::optional("group" + std::to_string(round % 3));
    std::vector<Document> wanted;
    for (const auto& one : all) {
      if (!group || one.lookup == *group) wanted.push_back(one);
    }
    sort(wanted, ascending);
    std::vector<std::string> seen;
    for (bool more = true; more;) {
      const auto page = run(store_.list("org_a", query, group)).value();
      EXPECT_LE(page.items.size(), static_cast<std::size_t>(query.limit));
      EXPECT_EQ(page.has_more, !page.next.empty());
      for (const auto& item : page.items) seen.push_back(item.id);
      more = page.has_more;
      query.after = page.next;
    }
    EXPECT_EQ(seen, ids(wanted));
  }
  EXPECT_TRUE(run(store_.list("org_b", {})).value().items.empty());
}

TEST_P(Documents, a_list_goes_on_where_it_stopped_although_all_that_was_seen_is_deleted) {
  auto all = fill(40);
  sort(all, false);
  std::vector<std::string> seen;
  PageQuery query{.limit = 7};
  for (bool more = true; more;) {
    const auto page = run(store_.list("org_a", query)).value();
    for (const auto& item : page.items) {
      seen.push_back(item.id);
      EXPECT_TRUE(run(store_.remove("org_a", item.id)).value());
    }
    more = page.has_more;
    query.after = page.next;
  }
  EXPECT_EQ(seen, ids(all));
}

TEST_P(Documents, older_keys_are_the_last_items_id) {
  auto all = fill(20);
  sort(all, false);
  const auto page = run(store_.list("org_a", {.limit = 5, .after = all[4].id})).value();
  EXPECT_EQ(ids(page.items), ids({all.begin() + 5, all.begin() + 10}));
}

TEST_P(Documents, searches_agree_with_testing_each_and_count_them) {
  auto all = fill(60);
  for (int round = 0; round < 20; ++round) {
    const bool ascending = round % 2 == 0;
    const auto limit = static_cast<std::int64_t>(random_() % 10);
    const auto fits = [limit](const Document& one) { return one.body.at("value").as_int64() < limit; };
    std::vector<Document> wanted;
    std::copy_if(all.begin(), all.end(), std::back_inserter(wanted), fits);
    sort(wanted, ascending);
    DocumentStore::Search search;
    search.page = {.limit = 1 + static_cast<int>(random_() % 20), .ascending = ascending};
    search.skip = static_cast<int>(random_() % 10);
    search.include_total = true;
    search.fits = fits;
    const auto found = run(store_.search("org_a", search)).value();
    EXPECT_EQ(found.total, static_cast<std::int64_t>(wanted.size()));
    const auto from = std::min<std::size_t>(static_cast<std::size_t>(search.skip), wanted.size());
    const auto to = std::min(from + static_cast<std::size_t>(search.page.limit), wanted.size());
    EXPECT_EQ(ids(found.page.items), ids({wanted.begin() + static_cast<std::ptrdiff_t>(from),
                                          wanted.begin() + static_cast<std::ptrdiff_t>(to)}));
    EXPECT_EQ(found.page.has_more, to < wanted.size());
  }
}

TEST_P(Documents, no_change_undoes_another) {
  fill(1);
  const auto id = run(store_.list("org_a", {})).value().items[0].id;
  int interrupted = 0;
  const auto changed = run(store_.change("org_a", id, [&](Document& document) {
    if (interrupted++ == 0) {
      EXPECT_TRUE(run(store_.change("org_a", id, [](Document& other) {
        other.body["theirs"] = 1;
        return core::Result<>{};
      })));
    }
    document.body["ours"] = 2;
    return core::Result<>{};
  }));
  ASSERT_TRUE(changed.has_value()) << changed.error().message;
  const auto after = run(store_.find("org_a", id)).value().value();
  EXPECT_EQ(after.body.at("theirs").as_int64(), 1);
  EXPECT_EQ(after.body.at("ours").as_int64(), 2);
  EXPECT_FALSE(run(store_.change("org_b", id, [](Document&) { return core::Result<>{}; })).value().has_value());
}

RETELL_ON_EVERY_DATABASE(Documents);

// Every operator against a plain reading of what it means.
TEST(ListFilters, agree_with_the_meaning_of_their_operators) {
  std::mt19937 random(7);  // NOLINT: the same every time
  const std::vector<std::string> words = {"", "a", "ab", "abc", "b", "bc"};
  const std::vector<std::string> text_ops = {"eq", "ne", "sw", "ew", "co"};
  const std::vector<std::string> number_ops = {"eq", "ne", "gt", "ge", "lt", "le"};
  for (int round = 0; round < 2'000; ++round) {
    const auto word = words[random() % words.size()];
    const auto wanted = words[random() % words.size()];
    const auto op = text_ops[random() % text_ops.size()];
    const bool meant = op == "eq"   ? word == wanted
                       : op == "ne" ? word != wanted
                       : op == "sw" ? word.starts_with(wanted)
                       : op == "ew" ? word.ends_with(wanted)
                                    : word.find(wanted) != std::string::npos;
    const json::Object leaf{{"type", "string"}, {"op", op}, {"value", wanted}};
    const auto filter = domain::ListFilter::parse(json::Object{{"from_number", leaf}}).value();
    EXPECT_EQ(filter.matches(json::Object{{"from_number", word}}), meant) << word << " " << op << " " << wanted;

    const auto number = static_cast<int>(random() % 5);
    const auto limit = static_cast<int>(random() % 5);
    const auto than = number_ops[random() % number_ops.size()];
    const bool holds = than == "eq"   ? number == limit
                       : than == "ne" ? number != limit
                       : than == "gt" ? number > limit
                       : than == "ge" ? number >= limit
                       : than == "lt" ? number < limit
                                      : number <= limit;
    const json::Object bound{{"type", "number"}, {"op", than}, {"value", limit}};
    const auto numbers = domain::ListFilter::parse(json::Object{{"duration_ms", bound}}).value();
    EXPECT_EQ(numbers.matches(json::Object{{"duration_ms", number}}), holds) << number << " " << than << " " << limit;
    // Groups are joined by "and".
    const auto both = domain::ListFilter::parse(json::Object{{"from_number", leaf}, {"duration_ms", bound}}).value();
    EXPECT_EQ(both.matches(json::Object{{"from_number", word}, {"duration_ms", number}}), meant && holds);
  }
}

TEST(ListFilters, find_uses_of_tools) {
  const auto call = json::parse(R"({"transcript_with_tool_calls":[
      {"role":"tool_call_invocation","tool_call_id":"1","name":"book","arguments":"{}"},
      {"role":"tool_call_result","tool_call_id":"1","content":"x","successful":false},
      {"role":"tool_call_invocation","tool_call_id":"2","name":"look","arguments":"{}"},
      {"role":"tool_call_result","tool_call_id":"2","content":"x","successful":true}]})")
                        .value();
  const auto matches = [&](std::string_view uses) {
    const auto criteria = json::parse(R"({"tool_calls":)" + std::string(uses) + "}").value();
    const auto filter = domain::ListFilter::parse(criteria);
    EXPECT_TRUE(filter.has_value()) << filter.error().message;
    return filter && filter->matches(call.get_object());
  };
  EXPECT_TRUE(matches(R"([{"name":"book"},{"name":"look"}])"));
  EXPECT_FALSE(matches(R"([{"name":"book"},{"name":"sell"}])"));
  EXPECT_TRUE(matches(R"([{"name":"look","success":{"type":"boolean","op":"eq","value":true}}])"));
  EXPECT_FALSE(matches(R"([{"name":"book","success":{"type":"boolean","op":"eq","value":true}}])"));
  EXPECT_FALSE(domain::ListFilter::parse(json::parse(R"({"tool_calls":[{"colour":1}]})").value()).has_value());
}

}  // namespace
}  // namespace retell::storage
