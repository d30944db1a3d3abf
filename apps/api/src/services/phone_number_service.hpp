// Phone numbers and the agents bound to them. Any thread.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "domain/call.hpp"
#include "services/reference_check.hpp"
#include "storage/stores/phone_number_store.hpp"

namespace retell::services {

struct WeightedAgent {
  std::string agent_id;
  std::optional<double> weight = {};
  std::optional<std::variant<double, std::string>> agent_version = {};
};
BOOST_DESCRIBE_STRUCT(WeightedAgent, (), (agent_id, weight, agent_version))

// What a number is set to. Members that are not named here are kept as they come.
struct NumberSettings {
  std::optional<std::string> nickname = {};
  std::optional<std::vector<WeightedAgent>> inbound_agents = {};
  std::optional<std::vector<WeightedAgent>> outbound_agents = {};
  std::optional<std::vector<WeightedAgent>> inbound_sms_agents = {};
  std::optional<std::vector<WeightedAgent>> outbound_sms_agents = {};
  std::optional<std::string> inbound_webhook_url = {};
  std::optional<std::string> inbound_sms_webhook_url = {};
  std::optional<std::vector<std::string>> allowed_inbound_country_list = {};  // ISO 3166 alpha-2; empty: all
  std::optional<std::vector<std::string>> allowed_outbound_country_list = {};
  std::optional<std::string> fallback_number = {};
  std::optional<std::string> inbound_agent_id = {};  // of older clients
  std::optional<std::string> outbound_agent_id = {};
};
BOOST_DESCRIBE_STRUCT(NumberSettings, (),
                      (nickname, inbound_agents, outbound_agents, inbound_sms_agents, outbound_sms_agents,
                       inbound_webhook_url, inbound_sms_webhook_url, allowed_inbound_country_list,
                       allowed_outbound_country_list, fallback_number, inbound_agent_id, outbound_agent_id))

struct UpdateNumber : NumberSettings {
  std::optional<std::string> termination_uri = {};
  std::optional<std::string> transport = {};  // TLS, TCP or UDP
  std::optional<std::string> auth_username = {};
  std::optional<std::string> auth_password = {};  // secret
};
BOOST_DESCRIBE_STRUCT(UpdateNumber, (NumberSettings), (termination_uri, transport, auth_username, auth_password))

struct ImportNumber : NumberSettings {
  std::string phone_number;
  std::optional<std::string> termination_uri = {};  // the carrier is the operator's, so it may be missing
  std::optional<std::string> transport = {};
  std::optional<std::string> sip_trunk_auth_username = {};
  std::optional<std::string> sip_trunk_auth_password = {};  // secret
  std::optional<bool> ignore_e164_validation = {};
};
BOOST_DESCRIBE_STRUCT(ImportNumber, (NumberSettings),
                      (phone_number, termination_uri, transport, sip_trunk_auth_username, sip_trunk_auth_password,
                       ignore_e164_validation))

// An agent bound to a number, drawn by weight.
struct BoundAgent {
  std::string agent_id;
  std::optional<std::string> agent_version = {};
};

struct NumberOwner {
  std::string organization_id;
  std::optional<BoundAgent> agent;       // of the direction asked for
  std::string inbound_webhook_url = {};  // asked before a call is taken; empty: none
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

 private:
  [[nodiscard]] core::Task<core::Result<storage::PhoneNumber>> find(std::string organization_id, std::string number);
  // Agents and a fallback that `update` names for the number.
  [[nodiscard]] core::Task<core::Result<>> check_names(std::string organization_id, std::string number,
                                                       UpdateNumber settings, json::Value update);
  [[nodiscard]] core::Task<core::Result<json::Object>> write(storage::PhoneNumber record);

  storage::PhoneNumberStore numbers_;
  ReferenceCheck references_;
  const core::Clock& clock_;
};

}  // namespace retell::services
