// Batches of outbound calls: checked in full; placing them is not available on this server yet.
#include "api/routes/routes.hpp"
#include "core/describe.hpp"
#include "domain/agent.hpp"
#include "domain/llm.hpp"
#include "domain/rules.hpp"

namespace retell::api {
namespace {

constexpr std::size_t most_tasks = 50'000;
constexpr double minutes_of_a_day = 1'440;

enum class Day : std::uint8_t { Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday };
BOOST_DESCRIBE_ENUM(Day, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday)

// From `start` until before `end`, in minutes after midnight.
struct Window {
  double start = 0;
  double end = 0;
};
BOOST_DESCRIBE_STRUCT(Window, (), (start, end))

struct CallTimeWindow {
  std::vector<Window> windows;
  std::optional<std::vector<Day>> day = {};
  std::optional<std::string> timezone = {};
};
BOOST_DESCRIBE_STRUCT(CallTimeWindow, (), (windows, day, timezone))

struct BatchTask {
  std::string to_number;
  std::optional<domain::TextMap> retell_llm_dynamic_variables = {};
  std::optional<json::Value> metadata = {};
  std::optional<std::string> override_agent_id = {};
  std::optional<services::VersionReference> override_agent_version = {};
  std::optional<services::AgentOverride> agent_override = {};
  std::optional<domain::TextMap> custom_sip_headers = {};
  std::optional<bool> ignore_e164_validation = {};
};
BOOST_DESCRIBE_STRUCT(BatchTask, (),
                      (to_number, retell_llm_dynamic_variables, metadata, override_agent_id, override_agent_version,
                       agent_override, custom_sip_headers, ignore_e164_validation))

struct CreateBatchCall {
  std::string from_number;
  std::vector<BatchTask> tasks;
  std::optional<std::string> name = {};
  std::optional<double> trigger_timestamp = {};
  std::optional<double> reserved_concurrency = {};
  std::optional<CallTimeWindow> call_time_window = {};
};
BOOST_DESCRIBE_STRUCT(CreateBatchCall, (),
                      (from_number, tasks, name, trigger_timestamp, reserved_concurrency, call_time_window))

struct BatchCall {
  std::string batch_call_id;
  std::string name;
  std::string from_number;
  std::int64_t scheduled_timestamp = 0;
  std::int64_t total_task_count = 0;
};
BOOST_DESCRIBE_STRUCT(BatchCall, (), (batch_call_id, name, from_number, scheduled_timestamp, total_task_count))

// `prefix` in front of the field that the error is about.
void add_within(json::Problems& problems, const std::string& prefix, const core::Error& error) {
  const auto field = error.field.empty() ? prefix : prefix + "." + error.field;
  problems.add(field, core::without_field(error));
}

// Overrides are laid over an agent that the call finds; what they say must be right by itself.
void check_override(json::Problems& problems, const std::string& at, const services::AgentOverride& override_) {
  if (override_.agent) {
    domain::AgentSettings base;
    base.voice_id = "any";
    // What the override does not name, the agent may have.
    const auto* mode = override_.agent->if_contains("stt_mode");
    const auto* config = override_.agent->if_contains("custom_stt_config");
    if (config != nullptr && !config->is_null()) base.stt_mode = domain::SttMode::custom;
    if (config == nullptr && mode != nullptr && *mode == json::Value("custom")) {
      base.custom_stt_config = domain::CustomSttConfig{domain::SttVendor::deepgram, 1'000};
    }
    const auto agent = domain::patch_agent_settings(base, *override_.agent);
    if (!agent) add_within(problems, at + ".agent", agent.error());
  }
  if (override_.retell_llm) {
    const auto llm = domain::patch_llm_settings({}, *override_.retell_llm);
    if (!llm) add_within(problems, at + ".retell_llm", llm.error());
  }
}

core::Result<> check(const CreateBatchCall& batch) {
  constexpr auto expected = "must be a number in E.164 form, such as +14155550100";
  json::Problems problems;
  if (!domain::is_e164(batch.from_number)) problems.add("from_number", expected);
  if (batch.tasks.empty() || batch.tasks.size() > most_tasks) problems.add("tasks", "must be 1 to 50000");
  for (std::size_t i = 0; i < batch.tasks.size(); ++i) {
    const auto& task = batch.tasks[i];
    const auto at = "tasks[" + std::to_string(i) + "]";
    if (!task.ignore_e164_validation.value_or(false) && !domain::is_e164(task.to_number)) {
      problems.add(at + ".to_number", expected);
    }
    if (task.agent_override) check_override(problems, at + ".agent_override", *task.agent_override);
  }
  domain::check_at_least(problems, "trigger_timestamp", batch.trigger_timestamp, 0);
  domain::check_at_least(problems, "reserved_concurrency", batch.reserved_concurrency, 0);
  for (std::size_t i = 0; batch.call_time_window && i < batch.call_time_window->windows.size(); ++i) {
    const auto& window = batch.call_time_window->windows[i];
    if (window.start < 0 || window.end > minutes_of_a_day || window.start >= window.end) {
      problems.add("call_time_window.windows[" + std::to_string(i) + "]", "must go from 0 up to 1440 minutes");
    }
  }
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return {};
}

core::Task<Outcome> create(Api&, const Request&, CreateBatchCall body) {
  if (const auto good = check(body); !good) co_return tl::unexpected(good.error());
  co_return not_offered(
      "Batches of calls are not available on this server yet: place them one by one with POST /v2/create-phone-call.");
}

constexpr Route table[] = {
    endpoint<&create, BatchCall>("POST", "/create-batch-call", 201, "Place a batch of calls (not available yet)"),
};

}  // namespace

std::span<const Route> batch_call_routes() { return table; }

}  // namespace retell::api
