#include "storage/stores/phone_number_store.hpp"

#include "json/text.hpp"
#include "storage/stores/cached_rows.hpp"
#include "storage/stores/stored_json.hpp"

namespace retell::storage {
namespace {

core::Result<PhoneNumber> to_number(const Row& row) {
  auto body = json::parse(row.text(2), stored_limits);
  if (!body) return tl::unexpected(body.error());
  return PhoneNumber{row.text(0), row.text(1), body->as_object(), row.integer(3)};
}

Statement select_one(std::string phone_number) {
  return {"SELECT phone_number, organization_id, body, modified_at FROM phone_numbers WHERE phone_number = $1",
          {std::move(phone_number)}};
}

core::Result<std::optional<PhoneNumber>> first(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::optional<PhoneNumber> found;
  if (!rows->empty()) {
    auto number = to_number(rows->front());
    if (!number) return tl::unexpected(number.error());
    found = std::move(*number);
  }
  return found;
}

core::Result<std::vector<PhoneNumber>> all(const core::Result<Rows>& rows) {
  if (!rows) return tl::unexpected(rows.error());
  std::vector<PhoneNumber> numbers;
  for (const auto& row : *rows) {
    auto number = to_number(row);
    if (!number) return tl::unexpected(number.error());
    numbers.push_back(std::move(*number));
  }
  return numbers;
}

}  // namespace

Statement PhoneNumberStore::insertion(const PhoneNumber& number) {
  Statement statement;
  statement.sql =
      "INSERT INTO phone_numbers (phone_number, organization_id, body, modified_at) VALUES ($1, $2, $3, $4) ON "
      "CONFLICT (phone_number) DO NOTHING RETURNING phone_number";
  statement.params = {number.phone_number, number.organization_id, json::dump(number.body), number.modified_at};
  statement.makes = number.phone_number;
  statement.invalidates = {number_group(number.phone_number)};
  return statement;
}

core::Task<core::Result<bool>> PhoneNumberStore::insert(PhoneNumber number) {
  const auto rows = co_await database_.execute(insertion(number));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<bool>> PhoneNumberStore::replace(PhoneNumber number) {
  Statement statement;
  statement.sql =
      "UPDATE phone_numbers SET body = $3, modified_at = $4 WHERE phone_number = $1 AND organization_id = $2 RETURNING "
      "phone_number";
  statement.params = {number.phone_number, number.organization_id, json::dump(number.body), number.modified_at};
  statement.invalidates = {number_group(number.phone_number)};
  const auto rows = co_await database_.execute(std::move(statement));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

core::Task<core::Result<std::optional<PhoneNumber>>> PhoneNumberStore::find_any(std::string phone_number) {
  co_return first(co_await database_.query(select_one(std::move(phone_number))));
}

core::Task<core::Result<std::optional<PhoneNumber>>> PhoneNumberStore::snapshot_any(std::string phone_number) {
  CachePlace place{number_group(phone_number), "row"};
  co_return first(co_await cached_query(database_, std::move(place), select_one(std::move(phone_number))));
}

core::Task<core::Result<std::vector<PhoneNumber>>> PhoneNumberStore::list(std::string organization_id) {
  Statement statement;
  statement.sql =
      "SELECT phone_number, organization_id, body, modified_at FROM phone_numbers WHERE organization_id = $1 ORDER BY "
      "phone_number LIMIT 1000";
  statement.params = {std::move(organization_id)};
  co_return all(co_await database_.query(std::move(statement)));
}

core::Task<core::Result<std::vector<PhoneNumber>>> PhoneNumberStore::with_member(std::string member) {
  Statement statement;
  statement.sql = "SELECT phone_number, organization_id, body, modified_at FROM phone_numbers WHERE body LIKE $1";
  statement.params = {"%\"" + member + "\":%"};
  co_return all(co_await database_.query(std::move(statement)));
}

Statement PhoneNumberStore::removal(const std::string& organization_id, const std::string& phone_number) {
  Statement statement;
  statement.invalidates = {number_group(phone_number)};
  statement.sql = "DELETE FROM phone_numbers WHERE organization_id = $1 AND phone_number = $2 RETURNING phone_number";
  statement.params = {organization_id, phone_number};
  return statement;
}

core::Task<core::Result<bool>> PhoneNumberStore::remove(std::string organization_id, std::string phone_number) {
  const auto rows = co_await database_.execute(removal(organization_id, phone_number));
  if (!rows) co_return tl::unexpected(rows.error());
  co_return !rows->empty();
}

}  // namespace retell::storage
