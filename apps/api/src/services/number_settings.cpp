#include "services/number_settings.hpp"

#include <algorithm>
#include <cmath>

#include "domain/country_of_number.hpp"
#include "domain/rules.hpp"
#include "services/call_requests.hpp"
#include "services/version_choice.hpp"

namespace retell::services {
namespace {

using Agents = std::optional<std::vector<WeightedAgent>>;
using Countries = std::optional<std::vector<std::string>>;

constexpr std::size_t longest_uri = 512;
constexpr double weight_slack = 0.001;  // of sums of decimal fractions

void check_weights(json::Problems& problems, std::string_view field, const Agents& agents) {
  if (!agents || agents->empty()) return;
  double sum = 0;
  for (const auto& agent : *agents) {
    if (agent.weight.value_or(1) < 0) problems.add(std::string(field), "weights must not be negative");
    sum += agent.weight.value_or(1);
  }
  if (std::fabs(sum - 1) > weight_slack) problems.add(std::string(field), "weights must add up to 1");
}

std::string element(std::string_view list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

bool can_be_a_version(const VersionReference& version) {
  const auto text = version_text(version);
  return !text->empty() && parse_version(*text).has_value();
}

// Two versions of an agent may be tried against each other, so it may stand there twice.
bool is_same(const WeightedAgent& left, const WeightedAgent& right) {
  return left.agent_id == right.agent_id &&
         version_text(left.agent_version).value_or("latest") == version_text(right.agent_version).value_or("latest");
}

void check_agents(json::Problems& problems, std::string_view field, const Agents& agents) {
  for (std::size_t i = 0; agents && i < agents->size(); ++i) {
    const auto& agent = (*agents)[i];
    if (agent.agent_version && !can_be_a_version(*agent.agent_version)) {
      problems.add(element(field, i) + ".agent_version",
                   "expected a whole number, latest, latest_published or a tag of the agent's versions");
    }
    const auto here = agents->begin() + static_cast<std::ptrdiff_t>(i);
    const auto before = std::find_if(agents->begin(), here, [&](const auto& other) { return is_same(other, agent); });
    if (before == here) continue;
    const auto first = static_cast<std::size_t>(before - agents->begin());
    problems.add(element(field, i) + ".agent_id",
                 "is the agent and version of " + element(field, first) + ": name it once, with the weights added up");
  }
}

void check_countries(json::Problems& problems, std::string_view field, const Countries& countries) {
  for (std::size_t i = 0; countries && i < countries->size(); ++i) {
    if (domain::is_country((*countries)[i])) continue;
    problems.add(element(field, i), "expected a country's two capital letters of ISO 3166-1, such as US or BR");
  }
}

void check_trunk(json::Problems& problems, const std::optional<std::string>& uri) {
  const auto is_blank = [](unsigned char c) { return c <= ' '; };
  if (!uri || (!uri->empty() && uri->size() <= longest_uri && std::none_of(uri->begin(), uri->end(), is_blank))) return;
  problems.add("termination_uri", "expected the address of your SIP trunk, such as example.pstn.twilio.com");
}

}  // namespace

core::Result<UpdateNumber> read_number_settings(const json::Value& settings, const json::Value& update) {
  auto fields = json::read<UpdateNumber>(settings);
  if (!fields) return fields;
  json::Problems problems;
  const auto is_named = [&](std::string_view name) { return update.is_object() && update.get_object().contains(name); };
  for (const auto& [name, agents] :
       {std::pair("inbound_agents", &fields->inbound_agents), std::pair("outbound_agents", &fields->outbound_agents),
        std::pair("inbound_sms_agents", &fields->inbound_sms_agents),
        std::pair("outbound_sms_agents", &fields->outbound_sms_agents)}) {
    check_weights(problems, name, *agents);
    if (is_named(name)) check_agents(problems, name, *agents);
  }
  for (const auto& [name, countries] :
       {std::pair("allowed_inbound_country_list", &fields->allowed_inbound_country_list),
        std::pair("allowed_outbound_country_list", &fields->allowed_outbound_country_list)}) {
    if (is_named(name)) check_countries(problems, name, *countries);
  }
  domain::check_url(problems, "inbound_webhook_url", fields->inbound_webhook_url);
  domain::check_url(problems, "inbound_sms_webhook_url", fields->inbound_sms_webhook_url);
  const auto& transport = fields->transport;
  if (transport && transport != "TLS" && transport != "TCP" && transport != "UDP") {
    problems.add("transport", "expected one of TLS, TCP, UDP");
  }
  if (is_named("termination_uri")) check_trunk(problems, fields->termination_uri);
  if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
  return fields;
}

}  // namespace retell::services
