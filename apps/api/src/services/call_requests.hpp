// Bodies of the endpoints that make and change calls.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "core/result.hpp"
#include "domain/call.hpp"
#include "json/read.hpp"

namespace retell::services {

using VersionReference = std::variant<double, std::string>;

// Settings for one call, laid over those of the agent's version; not saved.
struct AgentOverride {
  std::optional<json::Object> agent = {};
  std::optional<json::Object> retell_llm = {};
};
BOOST_DESCRIBE_STRUCT(AgentOverride, (), (agent, retell_llm))

struct WebCallRequest {
  std::string agent_id;
  std::optional<VersionReference> agent_version = {};
  std::optional<AgentOverride> agent_override = {};
  std::optional<json::Value> metadata = {};
  std::optional<domain::TextMap> retell_llm_dynamic_variables = {};
  std::optional<std::string> current_state = {};    // where the conversation is to begin; not available yet
  std::optional<std::string> current_node_id = {};  // the same
};
BOOST_DESCRIBE_STRUCT(WebCallRequest, (),
                      (agent_id, agent_version, agent_override, metadata, retell_llm_dynamic_variables, current_state,
                       current_node_id))

struct PhoneCallRequest {
  std::string from_number;
  std::string to_number;
  std::optional<std::string> override_agent_id = {};
  std::optional<VersionReference> override_agent_version = {};
  std::optional<AgentOverride> agent_override = {};
  std::optional<json::Value> metadata = {};
  std::optional<domain::TextMap> retell_llm_dynamic_variables = {};
  std::optional<domain::TextMap> custom_sip_headers = {};
  std::optional<bool> ignore_e164_validation = {};
};
BOOST_DESCRIBE_STRUCT(PhoneCallRequest, (),
                      (from_number, to_number, override_agent_id, override_agent_version, agent_override, metadata,
                       retell_llm_dynamic_variables, custom_sip_headers, ignore_e164_validation))

struct RegisterCallRequest {
  std::string agent_id;
  std::optional<VersionReference> agent_version = {};
  std::optional<AgentOverride> agent_override = {};
  std::optional<domain::Direction> direction = {};
  std::optional<std::string> from_number = {};
  std::optional<std::string> to_number = {};
  std::optional<json::Value> metadata = {};
  std::optional<domain::TextMap> retell_llm_dynamic_variables = {};
};
BOOST_DESCRIBE_STRUCT(RegisterCallRequest, (),
                      (agent_id, agent_version, agent_override, direction, from_number, to_number, metadata,
                       retell_llm_dynamic_variables))

struct UpdateCallRequest {
  std::optional<json::Value> metadata = {};            // null removes it
  std::optional<json::Object> custom_attributes = {};  // none of them removes all
  std::optional<domain::DataStorage> data_storage_setting = {};
  std::optional<domain::TextMap> override_dynamic_variables = {};  // of older clients, for running calls
};
BOOST_DESCRIBE_STRUCT(UpdateCallRequest, (),
                      (metadata, custom_attributes, data_storage_setting, override_dynamic_variables))

// Shapes and sizes; invalid names the fields.
[[nodiscard]] core::Result<WebCallRequest> read_web_call(const json::Value& body);
[[nodiscard]] core::Result<PhoneCallRequest> read_phone_call(const json::Value& body);
[[nodiscard]] core::Result<RegisterCallRequest> read_register_call(const json::Value& body);
[[nodiscard]] core::Result<UpdateCallRequest> read_update_call(const json::Value& body);

// "3", "latest", "prod"; nothing when absent.
[[nodiscard]] std::optional<std::string> version_text(const std::optional<VersionReference>& version);

}  // namespace retell::services
