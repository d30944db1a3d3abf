#include "services/contact_service.hpp"

#include "core/ids.hpp"
#include "domain/rules.hpp"
#include "json/merge_patch.hpp"
#include "text/utf8.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t upserted_at_once = 500;  // rows of one transaction

tl::unexpected<core::Error> none(const std::string& what) {
  return fail(ErrorCode::unprocessable, "Contact " + what + " not found");
}

core::Result<domain::Contact> to_contact(const std::string& organization_id, const storage::Document& document) {
  auto fields = json::read<domain::ContactFields>(document.body);
  if (!fields) return tl::unexpected(fields.error());
  domain::Contact contact;
  static_cast<domain::ContactFields&>(contact) = std::move(*fields);
  contact.phone_number = document.lookup;
  contact.contact_id = document.id;
  contact.org_id = organization_id;
  contact.created_timestamp = document.created_at;
  contact.user_modified_timestamp = document.modified_at;
  return contact;
}

json::Object body_of(const domain::ContactFields& fields) { return json::write(fields).as_object(); }

// `search` is folded.
bool holds(const domain::Contact& contact, const std::string& search) {
  if (search.empty()) return true;
  const auto name = contact.first_name.value_or("") + " " + contact.last_name.value_or("");
  return text::fold(name).find(search) != std::string::npos || contact.phone_number.find(search) != std::string::npos;
}

}  // namespace

core::Task<core::Result<domain::Contact>> ContactService::create(std::string organization_id,
                                                                 domain::NewContact contact) {
  json::Problems problems;
  if (!domain::is_e164(contact.phone_number)) {
    problems.add("phone_number", "must be a number in E.164 form, such as +14155550100");
  }
  domain::check_contact(problems, contact);
  if (!problems.empty()) co_return tl::unexpected<core::Error>(problems.error());
  const auto now = core::epoch_ms(clock_.wall());
  storage::Document document{.id = core::make_id("contact_"),
                             .lookup = contact.phone_number,
                             .body = body_of(contact),
                             .created_at = now,
                             .modified_at = now};
  const auto done = co_await contacts_.insert(organization_id, document);
  if (!done && done.error().code == ErrorCode::conflict) {
    co_return fail(ErrorCode::invalid, "phone_number: there is a contact with this number", "phone_number");
  }
  if (!done) co_return tl::unexpected(done.error());
  co_return to_contact(organization_id, document);
}

core::Task<core::Result<domain::Contact>> ContactService::get(std::string organization_id, std::string contact_id) {
  const auto found = co_await contacts_.find(organization_id, contact_id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(contact_id);
  co_return to_contact(organization_id, **found);
}

core::Task<core::Result<domain::Contact>> ContactService::get_by_phone(std::string organization_id,
                                                                       std::string phone_number) {
  const auto found = co_await contacts_.find_by(organization_id, phone_number);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return none(phone_number);
  co_return to_contact(organization_id, **found);
}

core::Task<core::Result<domain::Contact>> ContactService::update(std::string organization_id, std::string contact_id,
                                                                 json::Value patch) {
  if (!patch.is_object()) co_return fail(ErrorCode::invalid, "expected an object");
  const auto now = core::epoch_ms(clock_.wall());
  const auto changed = co_await contacts_.change(organization_id, contact_id, [&](storage::Document& document) {
    json::Value merged = document.body;
    json::merge_patch(merged, patch, 1);
    const auto fields = json::read<domain::ContactFields>(merged);
    if (!fields) return core::Result<>(tl::unexpected(fields.error()));
    json::Problems problems;
    domain::check_contact(problems, *fields);
    if (!problems.empty()) return core::Result<>(tl::unexpected<core::Error>(problems.error()));
    document.body = body_of(*fields);
    document.modified_at = now;
    return core::Result<>{};
  });
  if (!changed) co_return tl::unexpected(changed.error());
  if (!changed->has_value()) co_return none(contact_id);
  co_return to_contact(organization_id, **changed);
}

core::Task<core::Result<ContactPage>> ContactService::list(std::string organization_id, ContactQuery query) {
  storage::DocumentStore::Search search;
  search.page = query.page;
  search.skip = query.skip;
  search.include_total = true;
  const auto wanted = text::fold(text::trim(query.search));
  search.fits = [&](const storage::Document& document) {
    const auto contact = to_contact(organization_id, document);
    if (!contact || !holds(*contact, wanted)) return false;
    return query.filter.empty() || query.filter.matches(json::write(*contact).get_object());
  };
  const auto found = co_await contacts_.search(organization_id, std::move(search));
  if (!found) co_return tl::unexpected(found.error());
  ContactPage result{{{}, found->page.has_more, found->page.next}, found->total.value_or(0)};
  for (const auto& document : found->page.items) {
    auto contact = to_contact(organization_id, document);
    if (!contact) co_return tl::unexpected(contact.error());
    result.page.items.push_back(std::move(*contact));
  }
  co_return result;
}

core::Task<core::Result<>> ContactService::remove(std::string organization_id, std::string contact_id) {
  const auto done = co_await contacts_.remove(std::move(organization_id), contact_id);
  if (!done) co_return tl::unexpected(done.error());
  if (!*done) co_return none(contact_id);
  co_return core::Result<>{};
}

core::Task<core::Result<>> ContactService::upsert(std::string organization_id,
                                                  std::vector<domain::NewContact> contacts) {
  const auto now = core::epoch_ms(clock_.wall());
  std::vector<storage::Statement> statements;
  for (std::size_t i = 0; i < contacts.size(); ++i) {
    auto document = storage::Document{.id = core::make_id("contact_"),
                                      .lookup = contacts[i].phone_number,
                                      .body = body_of(contacts[i]),
                                      .created_at = now,
                                      .modified_at = now};
    const auto there = co_await contacts_.find_by(organization_id, contacts[i].phone_number);
    if (!there) co_return tl::unexpected(there.error());
    if (there->has_value()) {
      json::Value merged = (*there)->body;
      json::merge_patch(merged, json::Value(document.body), 2);
      document.body = std::move(merged.as_object());
    }
    statements.push_back(contacts_.upsertion(organization_id, document));
    if (statements.size() < upserted_at_once && i + 1 < contacts.size()) continue;
    const auto done = co_await database_.transaction(std::exchange(statements, {}));
    if (!done) co_return tl::unexpected(done.error());
  }
  co_return core::Result<>{};
}

core::Task<core::Result<bool>> ContactService::set_custom_fields(std::string organization_id, std::string phone_number,
                                                                 json::Object fields) {
  const auto there = co_await contacts_.find_by(organization_id, std::move(phone_number));
  if (!there) co_return tl::unexpected(there.error());
  if (!there->has_value()) co_return false;
  const auto id = (*there)->id;
  const auto changed = co_await contacts_.change(std::move(organization_id), id, [&](storage::Document& document) {
    auto& custom = document.body["custom_fields"];
    if (!custom.is_object()) custom = json::Object{};
    for (const auto& field : fields) custom.get_object()[field.key()] = field.value();
    return core::Result<>{};
  });
  if (!changed) co_return tl::unexpected(changed.error());
  co_return changed->has_value();
}

}  // namespace retell::services
