// Phone numbers and the agents bound to them. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/call.hpp"
#include "storage/stores/phone_number_store.hpp"

namespace retell::services {

// An agent bound to a number, drawn by weight.
struct BoundAgent {
  std::string agent_id;
  std::optional<std::string> agent_version = {};
};

struct NumberOwner {
  std::string organization_id;
  std::optional<BoundAgent> agent;  // of the direction asked for
  std::string inbound_webhook_url = {};  // asked before a call is taken; empty: none
};

class PhoneNumberService {
 public:
  PhoneNumberService(storage::Database& database, const core::Clock& clock) : numbers_(database), clock_(clock) {}

  // `body` as import-phone-number takes it; conflict when another organisation owns the number.
  [[nodiscard]] core::Task<core::Result<json::Object>> import(std::string organization_id, json::Value body);
  [[nodiscard]] core::Task<core::Result<json::Object>> get(std::string organization_id, std::string number);
  [[nodiscard]] core::Task<core::Result<json::Object>> update(std::string organization_id, std::string number,
                                                              json::Value body);
  [[nodiscard]] core::Task<core::Result<std::vector<json::Object>>> list(std::string organization_id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string number);

  // Whose number it is and which agent answers or calls with it; nothing for an unknown number.
  [[nodiscard]] core::Task<core::Result<std::optional<NumberOwner>>> owner(std::string number,
                                                                           domain::Direction direction);

 private:
  [[nodiscard]] core::Task<core::Result<storage::PhoneNumber>> find(std::string organization_id, std::string number);
  storage::PhoneNumberStore numbers_;
  const core::Clock& clock_;
};

}  // namespace retell::services
