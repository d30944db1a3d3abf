#include "storage/stores/node_order_store.hpp"

namespace retell::storage {

Statement NodeOrderStore::insert(const NodeOrder& order) {
  Statement statement;
  statement.sql =
      "INSERT INTO node_orders (id, organization_id, node_id, call_id, kind, body, created_at) VALUES ($1, $2, $3, $4, "
      "$5, $6, $7)";
  statement.params = {order.id,   order.organization_id, order.node_id, order.call_id, json::enum_name(order.kind),
                      order.body, order.created_at};
  return statement;
}

core::Task<core::Result<>> NodeOrderStore::add(NodeOrder order) {
  const auto rows = co_await database_.execute(insert(order));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<std::vector<NodeOrder>>> NodeOrderStore::of(std::string node_id, int most) {
  const auto rows = co_await database_.query(
      {"SELECT id, organization_id, node_id, call_id, kind, body, created_at FROM node_orders WHERE node_id = $1 ORDER "
       "BY id LIMIT $2",
       {std::move(node_id), most}});
  if (!rows) co_return tl::unexpected(rows.error());
  std::vector<NodeOrder> orders;
  for (const auto& row : *rows) {
    const auto kind = json::enum_value<NodeOrderKind>(row.text(4));
    if (!kind) co_return core::fail(core::ErrorCode::io, "the order " + row.text(0) + " is damaged");
    orders.push_back({row.text(0), row.text(1), row.text(2), row.text(3), *kind, row.text(5), row.integer(6)});
  }
  co_return orders;
}

core::Task<core::Result<bool>> NodeOrderStore::waits(std::string organization_id, std::string id) {
  const auto rows = co_await database_.query({"SELECT 1 FROM node_orders WHERE id = $1 AND organization_id = $2",
                                              {std::move(id), std::move(organization_id)}});
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<>> NodeOrderStore::remove(std::string organization_id, std::string id) {
  const auto rows = co_await database_.execute(
      {"DELETE FROM node_orders WHERE id = $1 AND organization_id = $2", {std::move(id), std::move(organization_id)}});
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

core::Task<core::Result<>> NodeOrderStore::sweep(std::int64_t created_before_ms) {
  const auto rows = co_await database_.execute({"DELETE FROM node_orders WHERE created_at < $1", {created_before_ms}});
  if (!rows) co_return tl::unexpected(rows.error());
  co_return core::Result<>{};
}

}  // namespace retell::storage
