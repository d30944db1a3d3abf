// Phone numbers and the agents bound to them. Any thread.
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/call.hpp"
#include "services/number_settings.hpp"
#include "services/reference_check.hpp"
#include "storage/stores/phone_number_store.hpp"

namespace retell::services {

// An agent bound to a number, drawn by weight.
struct BoundAgent {
  std::string agent_id;
  std::optional<std::string> agent_version = {};
};

struct NumberOwner {
  std::string organization_id;
  std::optional<BoundAgent> agent;                         // of the direction asked for
  std::string inbound_webhook_url = {};                    // asked before a call is taken; empty: none
  std::optional<std::vector<std::string>> countries = {};  // that may call it, or be called with it
  std::string fallback_number = {};                        // for inbound calls that cannot be taken; empty: none
};

// What the carrier knows of a number that was bought here. Of stored numbers only: it neither comes in nor goes out.
inline constexpr auto bought_member = "bought";
struct BoughtNumber {
  std::string carrier_id;
  std::string mark;
};

// Seals a secret for storage. `purpose` goes into it: what is sealed for one number opens for no other.
using Seal = std::function<std::string(std::string_view plain, std::string_view purpose)>;

class PhoneNumberService {
 public:
  PhoneNumberService(storage::Database& database, const core::Clock& clock)
      : numbers_(database), references_(database), clock_(clock) {}

  // The password of a number's SIP trunk is stored sealed and never shown; `seal` does it.
  // `body` as import-phone-number takes it; unprocessable when the number is here already, invalid when another
  // organisation owns it.
  [[nodiscard]] core::Task<core::Result<json::Object>> import(std::string organization_id, json::Value body, Seal seal);
  // The same for a number that is here: all of it is replaced but a password that the body does not name.
  [[nodiscard]] core::Task<core::Result<json::Object>> replace(std::string organization_id, json::Value body,
                                                               Seal seal);
  [[nodiscard]] core::Task<core::Result<json::Object>> get(std::string organization_id, std::string number);
  [[nodiscard]] core::Task<core::Result<json::Object>> update(std::string organization_id, std::string number,
                                                              json::Value body, Seal seal);
  [[nodiscard]] core::Task<core::Result<std::vector<json::Object>>> list(std::string organization_id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string number);
  // What create-phone-number says of a number that is to be bought, checked in full; `number` is empty when it may be
  // any. unprocessable when it is here already.
  [[nodiscard]] core::Task<core::Result<storage::PhoneNumber>> draft(std::string organization_id, json::Value body,
                                                                     std::string number);
  // Nothing for one that was not bought here; unprocessable when there is none.
  [[nodiscard]] core::Task<core::Result<std::optional<BoughtNumber>>> bought(std::string organization_id,
                                                                             std::string number);
  [[nodiscard]] static json::Object shown(const storage::PhoneNumber& number);

  // Whose number it is and which agent answers or calls with it; nothing for an unknown number.
  [[nodiscard]] core::Task<core::Result<std::optional<NumberOwner>>> owner(std::string number,
                                                                           domain::Direction direction);
  // Where calls to this number are put through to when the database cannot be asked: as owner() and
  // remember_fallbacks() have seen it last; empty when it has none, or was never seen.
  [[nodiscard]] std::string remembered_fallback(const std::string& number) const;
  // Of all numbers of all workspaces. From time to time.
  [[nodiscard]] core::Task<core::Result<>> remember_fallbacks();

 private:
  void remember_fallback(const std::string& number, std::string fallback);  // empty: it has none
  [[nodiscard]] core::Task<core::Result<storage::PhoneNumber>> find(std::string organization_id, std::string number);
  [[nodiscard]] core::Task<core::Result<>> check_fallback(std::string organization_id, std::string number,
                                                          std::string fallback);
  // Agents and a fallback that `update` names for the number.
  [[nodiscard]] core::Task<core::Result<>> check_names(std::string organization_id, std::string number,
                                                       UpdateNumber settings, json::Value update);
  [[nodiscard]] core::Task<core::Result<json::Object>> write(storage::PhoneNumber record);

  storage::PhoneNumberStore numbers_;
  ReferenceCheck references_;
  const core::Clock& clock_;
  mutable std::mutex mutex_;                                // guards what follows
  std::unordered_map<std::string, std::string> fallbacks_;  // by number; of those that have one
};

}  // namespace retell::services
