// Contacts: people by their phone number. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/contact.hpp"
#include "domain/list_filter.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services {

struct ContactQuery {
  storage::PageQuery page = {};
  int skip = 0;
  domain::ListFilter filter = {};
  std::string search = {};  // in names and number, in any case; "" fits all
};

struct ContactPage {
  storage::Page<domain::Contact> page;
  std::int64_t total = 0;
};

class ContactService {
 public:
  ContactService(storage::Database& database, const core::Clock& clock)
      : database_(database), contacts_(database, storage::DocumentKind::contact), clock_(clock) {}

  // invalid when there is one with this number.
  [[nodiscard]] core::Task<core::Result<domain::Contact>> create(std::string organization_id,
                                                                 domain::NewContact contact);
  // unprocessable for an unknown one, here and below.
  [[nodiscard]] core::Task<core::Result<domain::Contact>> get(std::string organization_id, std::string contact_id);
  [[nodiscard]] core::Task<core::Result<domain::Contact>> get_by_phone(std::string organization_id,
                                                                       std::string phone_number);
  // Members that are named replace, null clears.
  [[nodiscard]] core::Task<core::Result<domain::Contact>> update(std::string organization_id, std::string contact_id,
                                                                 json::Value patch);
  [[nodiscard]] core::Task<core::Result<ContactPage>> list(std::string organization_id, ContactQuery query);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string contact_id);

  // Adds many, or fills in those that are there: what is set in `contacts` replaces.
  [[nodiscard]] core::Task<core::Result<>> upsert(std::string organization_id,
                                                  std::vector<domain::NewContact> contacts);
  // Sets custom fields of the contact with this number; false when there is none.
  [[nodiscard]] core::Task<core::Result<bool>> set_custom_fields(std::string organization_id, std::string phone_number,
                                                                 json::Object fields);

 private:
  storage::Database& database_;
  storage::DocumentStore contacts_;
  const core::Clock& clock_;
};

}  // namespace retell::services
