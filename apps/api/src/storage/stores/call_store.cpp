#include "storage/stores/call_store.hpp"

#include <algorithm>
#include <bit>

#include "json/text.hpp"
#include "storage/stores/job_store.hpp"
#include "storage/stores/webhook_store.hpp"

namespace retell::storage {
namespace {

// Rows of every look but a list's first, which asks for no more than the list shows: mostly that is enough.
constexpr int largest_batch = 500;
constexpr std::size_t most_values = 64;  // of one column, that the database is asked for; more are told apart here

core::Result<StoredCall> to_call(const Row& row) {
  StoredCall stored;
  stored.organization_id = row.text(0);
  stored.created_at = row.integer(1);
  stored.recording_key = row.text(2);
  stored.node_id = row.text(4);
  stored.expires_at = row.maybe_integer(5);
  stored.arrangement = row.text(6);
  const auto document = json::parse(row.text(3), {.bytes = std::size_t{64} << 20U});
  if (!document) return tl::unexpected(document.error());
  auto call = json::read<domain::Call>(*document);
  if (!call) return core::fail(core::ErrorCode::io, "stored call: " + call.error().message);
  stored.call = std::move(*call);
  return stored;
}

core::Result<std::optional<StoredCall>> one(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  if (rows->empty()) return std::nullopt;
  auto call = to_call(rows->front());
  if (!call) return tl::unexpected(call.error());
  return std::move(*call);
}

core::Result<std::vector<StoredCall>> to_calls(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<StoredCall> calls;
  for (const auto& row : *rows) {
    auto call = to_call(row);
    if (!call) return tl::unexpected(call.error());
    calls.push_back(std::move(*call));
  }
  return calls;
}

constexpr auto columns =
    "SELECT organization_id, created_at, recording_key, body, node_id, expires_at, arrangement FROM calls ";

// What is true of a call that waits at node $3, and becomes untrue once.
constexpr auto waiting_here =
    " AND node_id = $3 AND call_status = 'registered' AND arrangement <> '' RETURNING call_id";

bool has_party(const json::Object& call, std::string_view number) {
  for (const auto* end : {"from_number", "to_number"}) {
    const auto* value = call.if_contains(end);
    if (value != nullptr && value->is_string() && std::string_view(value->get_string()) == number) return true;
  }
  return false;
}

// So that the database gives few rows that do not fit: what is not asked here, the filter itself tells apart.
void narrow(Statement& statement, std::string_view column, const std::optional<std::vector<std::string>>& values) {
  if (!values || values->empty() || values->size() > most_values) return;
  // As few different texts of statements as may be: each is prepared on every connection.
  const std::size_t places = std::bit_ceil(values->size());
  statement.sql += " AND " + std::string(column) + " IN (";
  for (std::size_t i = 0; i < places; ++i) {
    statement.params.emplace_back(values->at(std::min(i, values->size() - 1)));
    statement.sql += (i > 0 ? ", $" : "$") + std::to_string(statement.params.size());
  }
  statement.sql += ")";
}

// With room for a condition.
Statement insertion(const StoredCall& call) {
  Statement statement;
  statement.sql =
      "INSERT INTO calls (call_id, organization_id, agent_id, call_status, created_at, recording_key, body, node_id, "
      "expires_at, arrangement) SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10";
  statement.params = {call.call.call_id,
                      call.organization_id,
                      call.call.agent_id,
                      json::enum_name(call.call.call_status),
                      call.created_at,
                      call.recording_key,
                      json::dump(json::write(call.call)),
                      call.node_id,
                      call.expires_at,
                      call.arrangement};
  return statement;
}

Statement seen_node(std::string node_id, std::int64_t now_ms, std::int64_t apart_until_ms) {
  return {
      "INSERT INTO nodes (id, seen_at, apart_until) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET seen_at = "
      "excluded.seen_at, apart_until = CASE WHEN nodes.apart_until > excluded.apart_until THEN nodes.apart_until "
      "ELSE excluded.apart_until END RETURNING id",
      {std::move(node_id), now_ms, apart_until_ms}};
}

// What one list gathers while it walks through the calls in batches.
struct Gathering {
  const CallQuery& query;
  CallPage page = {};
  std::int64_t matched = 0;
  int scanned = 0;

  // True when no more rows are needed.
  bool take(const json::Value& body, const std::string& key) {
    ++scanned;
    if (!query.party.empty() && !has_party(body.get_object(), query.party)) return false;
    if (!query.filter.matches(body.get_object())) return false;
    ++matched;
    if (matched <= query.skip) return false;
    if (page.items.size() < static_cast<std::size_t>(query.page.limit)) {
      page.items.push_back(body);
      page.next = key;
      return false;
    }
    page.has_more = true;
    return !query.include_total;
  }
};

}  // namespace

core::Task<core::Result<bool>> CallStore::insert(StoredCall call, CallRoom room) {
  Statement statement = insertion(call);
  if (room.most) {
    // Whoever made room knew of all calls if there is no such node.
    statement.sql += room.counted_together
                         ? " WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE id <> $8 AND apart_until > $11)"
                         : " WHERE NOT EXISTS (SELECT 1 FROM nodes WHERE id <> $8 AND seen_at >= $11)";
    statement.params.emplace_back(room.counted_together ? room.now_ms : room.seen_since_ms);
  }
  statement.sql += " RETURNING call_id";
  statement.shares = true;
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  if (!rows->empty()) co_return true;

  std::vector<Statement> counted;
  if (database_.dialect() == Dialect::postgres) {
    // One after the other, for the time of the transaction. SQLite's writes are that anyway.
    counted.push_back({"SELECT pg_advisory_xact_lock(hashtextextended('calls of ' || $1, 0))", {call.organization_id}});
  }
  counted.push_back(insertion(call));
  counted.back().sql +=
      " WHERE (SELECT COUNT(*) FROM calls WHERE organization_id = $2 AND call_status IN ('registered', 'ongoing')) < "
      "$11 "
      "RETURNING call_id";
  counted.back().params.emplace_back(*room.most);
  counted.back().at_least_rows = 1;
  const auto done = co_await database_.transaction(std::move(counted));
  if (!done && done.error().code == core::ErrorCode::conflict) co_return false;
  if (!done) co_return tl::unexpected(done.error());
  co_return true;
}

Statement CallStore::change(const StoredCall& call) {
  Statement statement;
  statement.sql =
      "UPDATE calls SET call_status = $3, recording_key = $4, body = $5, expires_at = $6, arrangement = $7 WHERE "
      "call_id "
      "= $1 AND organization_id = $2";
  statement.params = {call.call.call_id,
                      call.organization_id,
                      json::enum_name(call.call.call_status),
                      call.recording_key,
                      json::dump(json::write(call.call)),
                      call.expires_at,
                      call.arrangement};
  statement.shares = true;
  return statement;
}

core::Task<core::Result<>> CallStore::update(StoredCall call) {
  const auto rows = co_await database_.execute(change(call));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::optional<StoredCall>>> CallStore::find(std::string organization_id, std::string call_id) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE call_id = $1 AND organization_id = $2";
  statement.params = {std::move(call_id), std::move(organization_id)};
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::optional<StoredCall>>> CallStore::find_any(std::string call_id) {
  Statement statement;
  statement.sql = std::string(columns) + "WHERE call_id = $1";
  statement.params = {std::move(call_id)};
  co_return one(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<bool>> CallStore::change_waiting(StoredCall call) {
  Statement statement;
  statement.sql = std::string("UPDATE calls SET body = $4 WHERE call_id = $1 AND organization_id = $2") + waiting_here;
  statement.params = {call.call.call_id, call.organization_id, call.node_id, json::dump(json::write(call.call))};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<bool>> CallStore::keep_waiting(StoredCall call) {
  Statement statement;
  statement.sql =
      std::string("UPDATE calls SET arrangement = '' WHERE call_id = $1 AND organization_id = $2") + waiting_here;
  statement.params = {call.call.call_id, call.organization_id, call.node_id};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<bool>> CallStore::take_over(StoredCall call, std::string node_id, NodeOrder moved) {
  Statement statement;
  statement.sql =
      std::string("UPDATE calls SET node_id = $4 WHERE call_id = $1 AND organization_id = $2") + waiting_here;
  statement.params = {call.call.call_id, call.organization_id, call.node_id, std::move(node_id)};
  statement.at_least_rows = 1;
  std::vector<Statement> both;
  both.push_back(std::move(statement));
  both.push_back(NodeOrderStore::insert(moved));
  const auto done = co_await database_.transaction(std::move(both));
  if (!done && done.error().code == core::ErrorCode::conflict) co_return false;
  if (!done) co_return tl::unexpected(done.error());
  co_return true;
}

core::Task<core::Result<CallPage>> CallStore::list(std::string organization_id, CallQuery query) {
  Gathering gathering{query};
  PageQuery cursor = query.page;
  const bool wanted_whole = query.include_total || !query.party.empty();
  cursor.limit = wanted_whole ? largest_batch : std::min(query.skip + query.page.limit, largest_batch);
  bool cut_short = false;
  for (bool done = false; !done; cursor.limit = largest_batch) {
    Statement statement;
    statement.sql = "SELECT call_id, created_at, body FROM calls WHERE organization_id = $1";
    statement.params = {organization_id};
    narrow(statement, "agent_id", query.filter.agent_ids());
    narrow(statement, "call_status", query.filter.one_of("call_status"));
    append_page(statement, cursor, "calls", "call_id");
    const auto rows = co_await database_.query(std::move(statement));
    if (!rows) co_return tl::unexpected(rows.error());
    for (const auto& row : *rows) {
      cut_short = gathering.scanned >= most_scanned_;
      if (cut_short) break;
      const auto body = json::parse(row.text(2), {.bytes = std::size_t{64} << 20U});
      if (!body) co_return tl::unexpected(body.error());
      cursor.after = page_key(row.integer(1), row.text(0));
      done = gathering.take(*body, cursor.after);
      if (done) break;
    }
    done = done || cut_short || rows->size() <= static_cast<std::size_t>(cursor.limit);
  }
  auto page = std::move(gathering.page);
  if (cut_short && !page.has_more) {
    page.has_more = true;
    page.next = cursor.after;
  }
  if (!page.has_more) page.next.clear();
  if (query.include_total) page.total = gathering.matched;
  co_return page;
}

core::Task<core::Result<int>> CallStore::open_calls(std::string organization_id) {
  const auto rows = co_await database_.query(
      {"SELECT COUNT(*) FROM calls WHERE organization_id = $1 AND call_status IN ('registered', 'ongoing')",
       {std::move(organization_id)}});
  if (!rows) co_return tl::unexpected(rows.error());
  co_return static_cast<int>(rows->front().integer(0));
}

core::Task<core::Result<bool>> CallStore::remove(std::string organization_id, std::string call_id) {
  Statement statement;
  statement.sql = "DELETE FROM calls WHERE call_id = $1 AND organization_id = $2 RETURNING call_id";
  statement.params = {std::move(call_id), std::move(organization_id)};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

std::vector<Statement> CallStore::remove_all_of(const std::string& organization_id, const std::string& call_id) {
  std::vector<Statement> statements;
  statements.push_back(JobStore::forget_subject(organization_id, call_id));
  for (auto& statement : WebhookStore::forget_call(organization_id, call_id))
    statements.push_back(std::move(statement));
  statements.push_back(
      {"DELETE FROM calls WHERE call_id = $1 AND organization_id = $2 RETURNING call_id", {call_id, organization_id}});
  return statements;
}

core::Task<core::Result<std::vector<StoredCall>>> CallStore::unfinished(std::string node_id,
                                                                        std::int64_t created_before_ms) {
  co_return to_calls(
      co_await database_.query({std::string(columns) + "WHERE call_status IN ('registered', 'ongoing') AND node_id = "
                                                       "$1 AND created_at < $2 ORDER BY created_at LIMIT "
                                                       "10000",
                                {std::move(node_id), created_before_ms}}));
}

core::Task<core::Result<std::vector<StoredCall>>> CallStore::take_orphans(std::string node_id,
                                                                          std::int64_t seen_before_ms) {
  co_return to_calls(co_await database_.execute(
      {"UPDATE calls SET node_id = $1 WHERE call_status IN ('registered', 'ongoing') AND created_at < $2 AND node_id "
       "<> $1 "
       "AND NOT EXISTS (SELECT 1 FROM nodes WHERE nodes.id = calls.node_id AND nodes.seen_at >= $2) RETURNING "
       "organization_id, created_at, recording_key, body, node_id, expires_at, arrangement",
       {std::move(node_id), seen_before_ms}}));
}

core::Task<core::Result<>> CallStore::see_node(std::string node_id, std::int64_t now_ms, std::int64_t apart_until_ms) {
  const auto rows = co_await database_.execute(seen_node(std::move(node_id), now_ms, apart_until_ms));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> CallStore::announce_node(std::string node_id, std::int64_t now_ms,
                                                    std::int64_t apart_until_ms) {
  std::vector<Statement> statements;
  // Waits for those who are adding calls at this moment: whoever comes later sees the node.
  if (database_.dialect() == Dialect::postgres) statements.push_back({"LOCK TABLE calls IN SHARE MODE"});
  statements.push_back(seen_node(std::move(node_id), now_ms, apart_until_ms));
  statements.back().at_least_rows = 1;
  const auto done = co_await database_.transaction(std::move(statements));
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<core::Result<bool>> CallStore::others_apart(std::string node_id, std::int64_t now_ms) {
  const auto rows = co_await database_.query(
      {"SELECT id FROM nodes WHERE id <> $1 AND apart_until > $2 LIMIT 1", {std::move(node_id), now_ms}});
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<std::vector<ExpiredCall>>> CallStore::expired(std::int64_t now_ms, std::string after_id,
                                                                      int limit) {
  const auto rows = co_await database_.query(
      {"SELECT organization_id, call_id, recording_key FROM calls WHERE expires_at <= $1 AND call_id > $2 ORDER BY "
       "call_id LIMIT $3",
       {now_ms, std::move(after_id), limit}});
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<ExpiredCall> calls;
  for (const auto& row : *rows) calls.push_back({row.text(0), row.text(1), row.text(2)});
  co_return calls;
}

}  // namespace retell::storage
