#include "domain/tool_checks.hpp"

#include <algorithm>

#include "domain/rules.hpp"

namespace retell::domain {
namespace {

std::string item(const std::string& list, std::size_t index) { return list + "[" + std::to_string(index) + "]"; }

bool has_variable(std::string_view text) { return text.find("{{") != std::string_view::npos; }

void check_calendar(json::Problems& problems, const std::string& at, const CalendarFields& tool) {
  if (tool.cal_api_key.empty()) problems.add(at + ".cal_api_key", "must not be empty");
  const auto* text = std::get_if<std::string>(&tool.event_type_id);
  if (text == nullptr || has_variable(*text)) return;
  const bool digits = !text->empty() && text->find_first_not_of("0123456789") == std::string::npos;
  if (!digits) problems.add(at + ".event_type_id", "expected a number, or a {{variable}} that holds one");
}

// The member of an agentic transfer that says which agent speaks first with who takes the call; null without one.
const json::Value* transfer_agent(const TransferOption& option) {
  const auto* agentic = std::get_if<AgenticWarmTransfer>(&option);
  return agentic == nullptr ? nullptr : agentic->agentic_transfer_config.if_contains("transfer_agent");
}

const json::Value* transfer_agent_id(const TransferOption& option) {
  const auto* agent = transfer_agent(option);
  const auto* id = agent == nullptr || !agent->is_object() ? nullptr : agent->get_object().if_contains("agent_id");
  return id != nullptr && id->is_string() ? id : nullptr;
}

constexpr auto transfer_agent_path = ".transfer_option.agentic_transfer_config.transfer_agent";

void check_transfer_agent(json::Problems& problems, const std::string& at, const TransferOption& option) {
  const auto* agent = transfer_agent(option);
  if (agent == nullptr || agent->is_null() || transfer_agent_id(option) != nullptr) return;
  problems.add(at + transfer_agent_path, "expected an object with the agent_id of a transfer agent");
}

}  // namespace

void check_parameters(json::Problems& problems, const std::string& at, const std::optional<json::Object>& schema) {
  if (!schema || schema->empty()) return;
  const auto* type = schema->if_contains("type");
  if (type == nullptr || *type != json::Value("object")) problems.add(at + ".type", "must be \"object\"");
  const auto* properties = schema->if_contains("properties");
  if (properties != nullptr && !properties->is_object()) {
    return problems.add(at + ".properties", "expected an object");
  }
  const auto* required = schema->if_contains("required");
  if (required == nullptr) return;
  const auto* names = required->if_array();
  if (names == nullptr) return problems.add(at + ".required", "expected an array of names of properties");
  for (std::size_t i = 0; i < names->size(); ++i) {
    const auto* name = (*names)[i].if_string();
    const bool known = name != nullptr && properties != nullptr && properties->get_object().contains(*name);
    if (!known) problems.add(item(at + ".required", i), "names no property");
  }
}

void check_variables(json::Problems& problems, const std::string& at, const std::vector<ExtractedVariable>& variables) {
  if (variables.empty()) problems.add(at + ".variables", "must not be empty");
  check_choices(problems, at + ".variables", variables);
}

void check_transfer(json::Problems& problems, const std::string& at, const TransferDestination& destination,
                    const TransferOption& option, std::optional<bool> ignore_e164_validation) {
  if (const auto* number = std::get_if<PredefinedDestination>(&destination)) {
    const auto where = at + ".transfer_destination";
    if (number->number.empty()) {
      problems.add(where + ".number", "must not be empty");
    } else if (!ignore_e164_validation.value_or(false) && !has_variable(number->number)) {
      check_callable(problems, where + ".number", number->number);
    }
    const auto& extension = number->extension;
    if (extension && !has_variable(*extension) && extension->find_first_not_of("0123456789*#") != std::string::npos) {
      problems.add(where + ".extension", "expected digits, * and #, or a {{variable}}");
    }
  }
  check_transfer_agent(problems, at, option);
  const auto ring = std::visit(
      [](const auto& way) {
        if constexpr (requires { way.transfer_ring_duration_ms; })
          return way.transfer_ring_duration_ms;
        else
          return std::optional<double>();
      },
      option);
  check_range(problems, at + ".transfer_option.transfer_ring_duration_ms", ring, 5'000, 90'000);
  const auto* cold = std::get_if<ColdTransfer>(&option);
  if (cold != nullptr && cold->cold_transfer_mode == ColdTransferMode::sip_refer &&
      cold->show_transferee_as_caller.value_or(false)) {
    problems.add(at + ".transfer_option.show_transferee_as_caller", "cannot be with cold_transfer_mode \"sip_refer\"");
  }
}

void check_tool(json::Problems& problems, const std::string& at, const Tool& tool) {
  if (!is_tool_name(tool_name(tool))) {
    problems.add(at + ".name", "must be 1 to 64 letters, digits, underscores or dashes");
  }
  if (const auto* custom = std::get_if<CustomTool>(&tool)) {
    check_address(problems, at + ".url", custom->url);
    check_parameters(problems, at + ".parameters", custom->parameters);
    check_range(problems, at + ".timeout_ms", custom->timeout_ms, 1'000, 600'000);
    check_range(problems, at + ".max_retry", custom->max_retry, 0, 5);
  } else if (const auto* code = std::get_if<CodeTool>(&tool)) {
    check_text(problems, at + ".code", code->code, 20'000);
    check_range(problems, at + ".timeout_ms", code->timeout_ms, 5'000, 60'000);
  } else if (const auto* digit = std::get_if<PressDigitTool>(&tool)) {
    check_range(problems, at + ".delay_ms", digit->delay_ms, 0, 5'000);
  } else if (const auto* transfer = std::get_if<TransferCallTool>(&tool)) {
    check_transfer(problems, at, transfer->transfer_destination, transfer->transfer_option,
                   transfer->ignore_e164_validation);
  } else if (const auto* extract = std::get_if<ExtractVariableTool>(&tool)) {
    check_variables(problems, at, extract->variables);
  } else if (const auto* look = std::get_if<CheckAvailabilityTool>(&tool)) {
    check_calendar(problems, at, *look);
  } else if (const auto* book = std::get_if<BookAppointmentTool>(&tool)) {
    check_calendar(problems, at, *book);
  }
}

void check_tools(json::Problems& problems, const std::string& where, const std::optional<std::vector<Tool>>& tools,
                 std::set<std::string> names) {
  if (!tools) return;
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const auto at = item(where, i);
    if (!names.insert(tool_name((*tools)[i])).second) problems.add(at + ".name", "is used twice");
    check_tool(problems, at, (*tools)[i]);
  }
}

void add_agent(References& references, const std::string& at, const std::string& agent_id) {
  if (!has_variable(agent_id)) references.agents.emplace_back(at + ".agent_id", agent_id);
}

void add_agents(References& references, const std::string& at, const TransferOption& option) {
  const auto* id = transfer_agent_id(option);
  if (id != nullptr) add_agent(references, at + transfer_agent_path, std::string(id->get_string()));
}

void add_agents(References& references, const std::string& where, const std::optional<std::vector<Tool>>& tools) {
  for (std::size_t i = 0; tools && i < tools->size(); ++i) {
    const auto& tool = (*tools)[i];
    if (const auto* swap = std::get_if<AgentSwapTool>(&tool)) add_agent(references, item(where, i), swap->agent_id);
    if (const auto* transfer = std::get_if<TransferCallTool>(&tool)) {
      add_agents(references, item(where, i), transfer->transfer_option);
    }
  }
}

}  // namespace retell::domain
