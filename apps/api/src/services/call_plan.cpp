#include "services/call_plan.hpp"

#include "audio/frame.hpp"
#include "domain/variables.hpp"

namespace retell::services {
namespace {

using domain::Variables;

engine::milliseconds ms(const std::optional<double>& value, double otherwise) {
  return engine::milliseconds(static_cast<std::int64_t>(value.value_or(otherwise)));
}

std::vector<engine::VendorChoice> choices(const std::vector<std::string>& names) {
  std::vector<engine::VendorChoice> list;
  list.reserve(names.size());
  for (const auto& name : names) list.push_back({name, ""});
  return list;
}

// "vendor" or "vendor:model".
engine::VendorChoice vendor_choice(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

// Everything that may stand in braces, later ones winning: the LLM's defaults, the environment's, the call's own, the
// system's.
Variables variables_of(const ResolvedAgent& resolved, const domain::Call& call, const PlanContext& context) {
  Variables all = resolved.llm.settings.default_dynamic_variables.value_or(Variables{});
  for (const auto& [name, value] : resolved.tag_variables) all[name] = value;
  if (call.retell_llm_dynamic_variables) {
    for (const auto& [name, value] : *call.retell_llm_dynamic_variables) all[name] = value;
  }
  all["call_id"] = call.call_id;
  all["call_type"] = std::string(json::enum_name(call.call_type));
  all["session_type"] = "voice";
  if (call.direction) {
    const bool inbound = *call.direction == domain::Direction::inbound;
    all["direction"] = inbound ? "inbound" : "outbound";
    all["user_number"] = (inbound ? call.from_number : call.to_number).value_or("");
    all["agent_number"] = (inbound ? call.to_number : call.from_number).value_or("");
  }
  const auto zone = resolved.agent.settings.timezone.value_or("America/Los_Angeles");
  for (auto& [name, value] : domain::time_variables(context.now, zone)) all[name] = value;
  return all;
}

class Filler {
 public:
  Filler(Variables variables, core::WallTime now) : variables_(std::move(variables)), now_(now) {}
  std::string operator()(const std::string& text) {
    domain::add_zoned_time_variables(text, now_, variables_);
    return domain::fill_variables(text, variables_);
  }
  domain::TextMap operator()(const std::optional<domain::TextMap>& map) {
    domain::TextMap filled;
    if (map) {
      for (const auto& [name, value] : *map) filled[name] = (*this)(value);
    }
    return filled;
  }
  [[nodiscard]] const Variables& variables() const { return variables_; }

 private:
  Variables variables_;
  core::WallTime now_;
};

void fill_common(engine::ToolPlan& plan, const domain::ToolCommon& tool, Filler& fill) {
  plan.name = tool.name;
  plan.description = fill(tool.description.value_or(""));
  plan.speak_during_execution = tool.speak_during_execution.value_or(false);
  if (tool.execution_message_type == domain::MessageType::static_text) {
    plan.execution_message = fill(tool.execution_message_description.value_or(""));
  }
}

// One for each kind of tool that the engine knows: what has none cannot be used in a call.
engine::ToolPlan plan_of(const domain::EndCallTool& tool, Filler& fill) {
  engine::ToolPlan plan;
  plan.type = engine::ToolPlan::Type::end_call;
  fill_common(plan, tool, fill);
  return plan;
}

engine::ToolPlan plan_of(const domain::PressDigitTool& tool, Filler& fill) {
  engine::ToolPlan plan;
  plan.type = engine::ToolPlan::Type::press_digit;
  plan.name = tool.name;
  plan.description = fill(tool.description.value_or(""));
  return plan;
}

engine::ToolPlan plan_of(const domain::CustomTool& tool, Filler& fill) {
  engine::ToolPlan plan;
  plan.type = engine::ToolPlan::Type::custom;
  fill_common(plan, tool, fill);
  if (tool.parameters) plan.parameters = *tool.parameters;
  plan.speak_after_execution = tool.speak_after_execution.value_or(true);
  plan.url = fill(tool.url);
  plan.method = std::string(json::enum_name(tool.method.value_or(domain::HttpMethod::POST)));
  plan.headers = fill(tool.headers);
  plan.query = fill(tool.query_params);
  plan.args_at_root = tool.args_at_root.value_or(false);
  plan.timeout = ms(tool.timeout_ms, 120'000);
  return plan;
}

template <class T>
concept Planned = requires(const T& tool, Filler& fill) { plan_of(tool, fill); };

void add_tools(std::vector<engine::ToolPlan>& plans, const std::optional<std::vector<domain::Tool>>& tools,
               Filler& fill) {
  if (!tools) return;
  for (const auto& tool : *tools) {
    std::visit(
        [&]<class T>(const T& one) {
          if constexpr (Planned<T>) plans.push_back(plan_of(one, fill));
        },
        tool);
  }
}

engine::DialoguePlan dialogue(const domain::LlmSettings& llm, const config::Providers& providers, Filler& fill) {
  engine::DialoguePlan plan;
  const auto mapped = providers.llm_models.find(llm.model.value_or("gpt-4.1"));
  plan.vendor = vendor_choice(mapped == providers.llm_models.end() ? providers.llm : mapped->second);
  plan.fallbacks = choices(providers.llm_fallbacks);
  plan.system_prompt = fill(llm.general_prompt.value_or(""));
  add_tools(plan.tools, llm.general_tools, fill);
  if (llm.states && llm.starting_state) {
    for (const auto& state : *llm.states) {
      if (state.name != *llm.starting_state) continue;
      plan.system_prompt += "\n\n" + fill(state.state_prompt.value_or(""));
      add_tools(plan.tools, state.tools, fill);
    }
  }
  plan.temperature = llm.model_temperature;
  plan.start_speaker =
      llm.start_speaker == domain::Speaker::user ? engine::StartSpeaker::user : engine::StartSpeaker::agent;
  if (llm.begin_message) plan.begin_message = fill(*llm.begin_message);
  plan.begin_after_user_silence = ms(llm.begin_after_user_silence_ms, 0);
  return plan;
}

engine::turn::DigitOptions keys(const domain::UserDtmfOptions& options) {
  engine::turn::DigitOptions plan;
  plan.digit_limit = static_cast<int>(options.digit_limit.value_or(plan.digit_limit));
  plan.termination_key = std::nullopt;
  if (options.termination_key) plan.termination_key = options.termination_key->front();
  if (options.timeout_ms) plan.timeout = ms(options.timeout_ms, 0);
  return plan;
}

engine::TurnPlan turns(const domain::AgentSettings& s) {
  engine::TurnPlan plan;
  plan.responsiveness = s.responsiveness.value_or(1);
  plan.dynamic_responsiveness = s.enable_dynamic_responsiveness.value_or(false);
  plan.interruption_sensitivity = s.interruption_sensitivity.value_or(1);
  plan.reminder_trigger = ms(s.reminder_trigger_ms, 10'000);
  plan.reminder_max_count = static_cast<int>(s.reminder_max_count.value_or(1));
  plan.backchannel = s.enable_backchannel.value_or(false);
  plan.backchannel_frequency = s.backchannel_frequency.value_or(plan.backchannel_frequency);
  plan.backchannel_words = s.backchannel_words.value_or(plan.backchannel_words);
  plan.hears_keys = s.allow_user_dtmf.value_or(true);
  plan.keys_interrupt = s.allow_dtmf_interruption.value_or(false);
  if (s.user_dtmf_options) plan.keys = keys(*s.user_dtmf_options);
  plan.begin_message_delay = ms(s.begin_message_delay_ms, 0);
  plan.end_call_after_silence = ms(s.end_call_after_silence_ms, 600'000);
  plan.max_call_duration = ms(s.max_call_duration_ms, 3'600'000);
  return plan;
}

}  // namespace

bool has_plan(const domain::Tool& tool) {
  return std::visit([]<class T>(const T&) { return Planned<T>; }, tool);
}

engine::CallPlan make_call_plan(const ResolvedAgent& resolved, const domain::Call& call, const PlanContext& context) {
  const auto& settings = resolved.agent.settings;
  const auto& providers = context.config.providers;
  Filler fill(variables_of(resolved, call, context), context.now);
  engine::CallPlan plan;
  plan.call_id = call.call_id;
  plan.agent_id = resolved.agent.agent_id;
  plan.agent_version = resolved.agent.version;
  plan.agent_name = settings.agent_name.value_or("");
  plan.organisation_id = context.organization_id;
  plan.language = domain::primary_language(settings);
  plan.sample_rate = call.call_type == domain::CallType::web_call ? audio::wideband : audio::narrowband;
  plan.hearing.vendor = vendor_choice(providers.stt);
  plan.hearing.fallbacks = choices(providers.stt_fallbacks);
  for (const auto& keyword : settings.boosted_keywords.value_or(std::vector<std::string>{})) {
    plan.hearing.boosted_keywords.push_back(fill(keyword));
  }
  plan.hearing.end_of_turn = providers.end_of_turn;
  plan.dialogue = dialogue(resolved.llm.settings, providers, fill);
  plan.speech.vendor = {resolved.voice.vendor, settings.voice_model.value_or(resolved.voice.model)};
  plan.speech.fallbacks = choices(providers.tts_fallbacks);
  plan.speech.voice = resolved.voice.vendor_voice;
  plan.speech.speed = settings.voice_speed.value_or(1);
  plan.speech.temperature = settings.voice_temperature.value_or(1);
  plan.speech.volume = settings.volume.value_or(1);
  plan.turns = turns(settings);
  plan.dynamic_variables = fill.variables();
  plan.call_object = json::write(call).as_object();
  plan.tool_signing_key = context.signing_key;
  plan.recording_path = context.recording_path;
  return plan;
}

}  // namespace retell::services
