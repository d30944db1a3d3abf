// Any bytes as the body of a REST request: what parses must print to text that parses to the same, and settings that
// are accepted must be accepted again, unchanged, when they are sent back.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "domain/agent.hpp"
#include "domain/call.hpp"
#include "domain/chat_agent.hpp"
#include "domain/flow.hpp"
#include "domain/list_filter.hpp"
#include "domain/llm.hpp"
#include "json/text.hpp"

namespace {

using namespace retell;

void require(bool holds) {
  if (!holds) std::abort();
}

template <class Settings>
void round_trip(const core::Result<Settings>& settings, core::Result<Settings> (*read)(const json::Value&)) {
  if (!settings) {
    require(!settings.error().message.empty());
    return;
  }
  const auto printed = json::dump(domain::to_json(*settings));
  const auto again = read(json::parse(printed, {.bytes = std::size_t{64} << 20U, .depth = 128}).value());
  require(again.has_value() && json::dump(domain::to_json(*again)) == printed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = json::parse({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  const auto text = json::dump(*value);
  const auto parsed = json::parse(text, {.bytes = std::size_t{64} << 20U, .depth = 128});
  require(parsed.has_value() && json::dump(*parsed) == text);
  round_trip(domain::read_agent_settings(*value), &domain::read_agent_settings);
  round_trip(domain::read_llm_settings(*value), &domain::read_llm_settings);
  domain::AgentSettings agent;
  agent.voice_id = "v";
  round_trip(domain::patch_agent_settings(agent, *value), &domain::read_agent_settings);
  const auto* object = value->if_object();
  for (const auto& filter : {domain::ListFilter::parse(*value), domain::ListFilter::parse_flat(*value)}) {
    if (filter && object != nullptr) (void)filter->matches(*object);
  }
  // What may be saved may be saved again as it was stored.
  if (const auto flow = domain::check_flow(*value)) require(domain::check_flow(flow->settings).has_value());
  if (const auto part = domain::check_component(*value)) require(domain::check_component(part->settings).has_value());
  if (const auto chat = domain::check_chat_agent(*value)) require(domain::check_chat_agent(chat->settings).has_value());
  if (const auto call = json::read<domain::Call>(*value)) (void)json::write(*call);
  return 0;
}
