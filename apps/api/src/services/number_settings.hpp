// What a phone number is set to, as bodies say it. Pure.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/result.hpp"
#include "json/read.hpp"

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

// `settings` are all that the number would be set to, `update` what was asked for now: what only newer versions of this
// server refuse is looked for there alone, so that a number that was stored before can still be changed. invalid names
// every member at fault.
[[nodiscard]] core::Result<UpdateNumber> read_number_settings(const json::Value& settings, const json::Value& update);

}  // namespace retell::services
