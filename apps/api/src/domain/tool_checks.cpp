#include "domain/tool_checks.hpp"

#include "domain/rules.hpp"

namespace retell::domain {
namespace {

void check_transfer(json::Problems& problems, const std::string& at, const TransferCallTool& tool) {
  const auto ring = std::visit(
      [](const auto& option) {
        if constexpr (requires { option.transfer_ring_duration_ms; })
          return option.transfer_ring_duration_ms;
        else
          return std::optional<double>();
      },
      tool.transfer_option);
  check_range(problems, at + ".transfer_option.transfer_ring_duration_ms", ring, 5'000, 90'000);
}

}  // namespace

void check_tool(json::Problems& problems, const std::string& at, const Tool& tool) {
  if (!is_tool_name(tool_name(tool))) {
    problems.add(at + ".name", "must be 1 to 64 letters, digits, underscores or dashes");
  }
  if (const auto* custom = std::get_if<CustomTool>(&tool)) {
    check_url(problems, at + ".url", custom->url);
    check_range(problems, at + ".timeout_ms", custom->timeout_ms, 1'000, 600'000);
    check_range(problems, at + ".max_retry", custom->max_retry, 0, 5);
  } else if (const auto* code = std::get_if<CodeTool>(&tool)) {
    check_text(problems, at + ".code", code->code, 20'000);
    check_range(problems, at + ".timeout_ms", code->timeout_ms, 5'000, 60'000);
  } else if (const auto* digit = std::get_if<PressDigitTool>(&tool)) {
    check_range(problems, at + ".delay_ms", digit->delay_ms, 0, 5'000);
  } else if (const auto* transfer = std::get_if<TransferCallTool>(&tool)) {
    check_transfer(problems, at, *transfer);
  }
}

void check_tools(json::Problems& problems, const std::string& where, const std::optional<std::vector<Tool>>& tools,
                 std::set<std::string> names) {
  if (!tools) return;
  for (std::size_t i = 0; i < tools->size(); ++i) {
    const auto at = where + "[" + std::to_string(i) + "]";
    if (!names.insert(tool_name((*tools)[i])).second) problems.add(at + ".name", "is used twice");
    check_tool(problems, at, (*tools)[i]);
  }
}

}  // namespace retell::domain
