#include "storage/stores/webhook_store.hpp"

#include <algorithm>

namespace retell::storage {
namespace {

constexpr int looked_at = 8;  // times what is wanted

// `body` in its place, or '' where bodies are not wanted.
std::string columns(std::string_view body) {
  return "id, organization_id, call_id, agent_id, event, lane, url, " + std::string(body) +
         ", keep_body, timeout_ms, state, attempts, created_at, finished_at, resend_of";
}

WebhookDelivery to_delivery(const Row& row) {
  return {.id = row.text(0),
          .organization_id = row.text(1),
          .call_id = row.text(2),
          .agent_id = row.text(3),
          .event = row.text(4),
          .lane = row.text(5),
          .url = row.text(6),
          .body = row.text(7),
          .keep_body = row.integer(8) != 0,
          .timeout_ms = row.integer(9),
          .state = json::enum_value<DeliveryState>(row.text(10)).value_or(DeliveryState::failed),
          .attempts = row.integer(11),
          .created_at = row.integer(12),
          .finished_at = row.maybe_integer(13),
          .resend_of = row.text(14)};
}

core::Result<> nothing(const core::Result<std::vector<Rows>>& done) {
  if (!done) return tl::unexpected(done.error());
  return {};
}

}  // namespace

Statement WebhookStore::insert(const WebhookDelivery& delivery) {
  Statement statement;
  statement.sql =
      "INSERT INTO webhook_deliveries (id, organization_id, call_id, agent_id, event, lane, url, body, keep_body, "
      "timeout_ms, state, attempts, due_at, claimed_until, created_at, finished_at, resend_of) VALUES ($1, $2, $3, $4, "
      "$5, $6, $7, $8, $9, $10, $11, $12, COALESCE((SELECT MAX(due_at) FROM webhook_deliveries WHERE lane = $6 AND "
      "state = 'pending'), $13), 0, $13, $14, $15) ON CONFLICT (id) DO NOTHING";
  statement.params = {delivery.id,
                      delivery.organization_id,
                      delivery.call_id,
                      delivery.agent_id,
                      delivery.event,
                      delivery.lane,
                      delivery.url,
                      delivery.body,
                      delivery.keep_body,
                      delivery.timeout_ms,
                      json::enum_name(delivery.state),
                      delivery.attempts,
                      delivery.created_at,
                      delivery.finished_at,
                      delivery.resend_of};
  statement.shares = true;
  return statement;
}

core::Task<core::Result<>> WebhookStore::add(WebhookDelivery delivery) {
  const auto rows = co_await database_.execute(insert(delivery));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::vector<WebhookDelivery>>> WebhookStore::claim(std::int64_t now_ms,
                                                                           std::chrono::milliseconds grace, int count) {
  Statement statement;
  // Only so many of the due ones are looked at, or a long queue would make every look long. Those that wait for another
  // of their lane are due when that one is, so that they do not fill the look while it is tried again and again.
  // The outer conditions are tested again on a row that another process changed meanwhile; and PostgreSQL's senders
  // step over the rows that another is just taking.
  statement.sql =
      "UPDATE webhook_deliveries SET claimed_until = timeout_ms + $2 WHERE state = 'pending' AND claimed_until <= $1 "
      "AND id IN "
      "(SELECT d.id FROM (SELECT id FROM webhook_deliveries WHERE state = 'pending' AND due_at <= $1 AND claimed_until "
      "<= $1 ORDER BY due_at LIMIT $4) AS c JOIN webhook_deliveries AS d ON d.id = c.id WHERE NOT EXISTS (SELECT 1 "
      "FROM webhook_deliveries AS e WHERE e.lane = d.lane AND e.state = 'pending' AND e.id < d.id) ORDER BY d.id LIMIT "
      "$3" +
      std::string(database_.dialect() == Dialect::postgres ? " FOR UPDATE OF d SKIP LOCKED" : "") + ") RETURNING " +
      columns("body");
  statement.params = {now_ms, now_ms + grace.count(), count, looked_at * count};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<WebhookDelivery> claimed;
  for (const auto& row : *rows) claimed.push_back(to_delivery(row));
  std::sort(claimed.begin(), claimed.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  co_return claimed;
}

core::Task<core::Result<>> WebhookStore::note(WebhookDelivery delivery, WebhookAttempt attempt,
                                              std::int64_t due_at_ms) {
  Statement insert;
  insert.sql =
      "INSERT INTO webhook_attempts (delivery_id, number, at, status, latency_ms, error, response) VALUES ($1, $2, $3, "
      "$4, $5, $6, $7) ON CONFLICT (delivery_id, number) DO NOTHING";
  insert.params = {delivery.id,        attempt.number, attempt.at,      attempt.status,
                   attempt.latency_ms, attempt.error,  attempt.response};
  Statement update;
  update.sql =
      "UPDATE webhook_deliveries SET state = $2, attempts = $3, due_at = $4, claimed_until = 0, finished_at = $5, body "
      "= CASE WHEN keep_body = 0 AND $2 <> 'pending' THEN '' ELSE body END WHERE id = $1";
  const bool over = delivery.state != DeliveryState::pending;
  update.params = {delivery.id, json::enum_name(delivery.state), attempt.number, due_at_ms,
                   over ? std::optional(attempt.at + attempt.latency_ms) : std::nullopt};
  insert.shares = true;
  update.shares = true;
  std::vector<Statement> statements;
  statements.push_back(std::move(insert));
  statements.push_back(std::move(update));
  if (!over) {
    statements.push_back({"UPDATE webhook_deliveries SET due_at = $3 WHERE lane = $1 AND state = 'pending' AND id > $2",
                          {std::move(delivery.lane), std::move(delivery.id), due_at_ms}});
    statements.back().shares = true;
  }
  co_return nothing(co_await database_.transaction(std::move(statements)));
}

core::Task<core::Result<std::optional<WebhookDelivery>>> WebhookStore::find(std::string organization_id,
                                                                            std::string id) {
  Statement statement;
  statement.sql = "SELECT " + columns("body") + " FROM webhook_deliveries WHERE organization_id = $1 AND id = $2";
  statement.params = {std::move(organization_id), std::move(id)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::optional<WebhookDelivery> found;
  if (!rows->empty()) found = to_delivery(rows->front());
  co_return found;
}

core::Task<core::Result<std::vector<WebhookAttempt>>> WebhookStore::attempts(std::string organization_id,
                                                                             std::string delivery_id) {
  Statement statement;
  statement.sql =
      "SELECT a.number, a.at, a.status, a.latency_ms, a.error, a.response FROM webhook_attempts AS a JOIN "
      "webhook_deliveries AS d ON d.id = a.delivery_id WHERE d.organization_id = $1 AND a.delivery_id = $2 ORDER BY "
      "a.number";
  statement.params = {std::move(organization_id), std::move(delivery_id)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<WebhookAttempt> all;
  for (const auto& row : *rows) {
    all.push_back({row.integer(0), row.integer(1), row.maybe_integer(2), row.integer(3), row.text(4), row.text(5)});
  }
  co_return all;
}

core::Task<core::Result<Page<WebhookDelivery>>> WebhookStore::list(std::string organization_id, DeliveryQuery query) {
  Statement statement;
  statement.sql = "SELECT " + columns("''") + " FROM webhook_deliveries WHERE organization_id = $1";
  statement.params = {std::move(organization_id)};
  const auto and_where = [&](std::string_view condition, std::string value) {
    statement.params.emplace_back(std::move(value));
    statement.sql += " AND " + std::string(condition) + " $" + std::to_string(statement.params.size());
  };
  if (!query.after.empty()) and_where("id <", query.after);
  if (!query.call_id.empty()) and_where("call_id =", query.call_id);
  if (!query.event.empty()) and_where("event =", query.event);
  if (query.state) and_where("state =", std::string(json::enum_name(*query.state)));
  statement.params.emplace_back(query.limit + 1);
  statement.sql += " ORDER BY id DESC LIMIT $" + std::to_string(statement.params.size());
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  Page<WebhookDelivery> page;
  for (const auto& row : *rows) page.items.push_back(to_delivery(row));
  page.has_more = page.items.size() > static_cast<std::size_t>(query.limit);
  if (page.has_more) page.items.pop_back();
  if (page.has_more) page.next = page.items.back().id;
  co_return page;
}

core::Task<core::Result<std::int64_t>> WebhookStore::count(DeliveryState state) {
  Statement statement;
  statement.sql = "SELECT COUNT(*) FROM webhook_deliveries WHERE state = $1";
  statement.params = {json::enum_name(state)};
  const auto rows = co_await database_.query(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return rows->front().integer(0);
}

std::vector<Statement> WebhookStore::forget_call(const std::string& organization_id, const std::string& call_id) {
  constexpr auto of_call = "organization_id = $1 AND call_id = $2";
  Statement attempts;
  attempts.sql = std::string(
                     "DELETE FROM webhook_attempts WHERE delivery_id IN (SELECT id FROM webhook_deliveries "
                     "WHERE ") +
                 of_call + ")";
  attempts.params = {organization_id, call_id};
  Statement deliveries;
  deliveries.sql = std::string("DELETE FROM webhook_deliveries WHERE ") + of_call;
  deliveries.params = {organization_id, call_id};
  std::vector<Statement> statements;
  statements.push_back(std::move(attempts));
  statements.push_back(std::move(deliveries));
  return statements;
}

Statement WebhookStore::forget_bodies(const std::string& organization_id, const std::string& call_id) {
  Statement statement;
  statement.sql =
      "UPDATE webhook_deliveries SET keep_body = 0, body = CASE WHEN state = 'pending' THEN body ELSE '' END WHERE "
      "organization_id = $1 AND call_id = $2";
  statement.params = {organization_id, call_id};
  return statement;
}

core::Task<core::Result<>> WebhookStore::sweep(std::int64_t finished_before_ms) {
  Statement attempts;
  attempts.sql =
      "DELETE FROM webhook_attempts WHERE delivery_id IN (SELECT id FROM webhook_deliveries WHERE finished_at < $1)";
  attempts.params = {finished_before_ms};
  Statement deliveries;
  deliveries.sql = "DELETE FROM webhook_deliveries WHERE finished_at < $1";
  deliveries.params = {finished_before_ms};
  std::vector<Statement> statements;
  statements.push_back(std::move(attempts));
  statements.push_back(std::move(deliveries));
  co_return nothing(co_await database_.transaction(std::move(statements)));
}

}  // namespace retell::storage
