#include "domain/list_filter.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

namespace retell::domain {
namespace {

// What is wrong with the filter at `where` of the criteria ("" for all of them); the message names the place too.
tl::unexpected<core::Error> refuse(std::string_view where, std::string_view what) {
  auto field = "filter_criteria" + (where.empty() ? std::string() : "." + std::string(where));
  auto message = field + ": " + std::string(what);
  return core::fail(core::ErrorCode::invalid, std::move(message), std::move(field));
}

constexpr std::size_t most_agents = 1'000;
constexpr std::string_view expected_versions = "expected an array of versions, which are whole numbers";

template <std::size_t N>
bool among(std::string_view op, const std::array<std::string_view, N>& ops) {
  return std::find(ops.begin(), ops.end(), op) != ops.end();
}

bool fits(std::string_view type, std::string_view op, const json::Value& value) {
  if (type == "string") {
    return value.is_string() && among(op, std::to_array<std::string_view>({"eq", "ne", "sw", "ew", "co"}));
  }
  if (type == "number") {
    return value.is_number() && among(op, std::to_array<std::string_view>({"eq", "ne", "gt", "ge", "lt", "le"}));
  }
  if (type == "boolean") return value.is_bool() && op == "eq";
  if (type == "range") {
    const auto* ends = value.if_array();
    return op == "bt" && ends != nullptr && ends->size() == 2 && (*ends)[0].is_number() && (*ends)[1].is_number();
  }
  if (type == "enum") {
    const auto* list = value.if_array();
    return op == "in" && list != nullptr && list->size() <= 1'000;
  }
  if (type == "present") return op == "pr" || op == "np";
  return false;
}

const json::Value* find(const json::Object& call, std::string_view path) {
  const auto* object = &call;
  for (;;) {
    // The names in free-form members are the customer's, and may have dots themselves.
    if (const auto* whole = object->if_contains({path.data(), path.size()})) return whole;
    const auto dot = path.find('.');
    const auto name = path.substr(0, dot);
    const auto* value = object->if_contains({name.data(), name.size()});
    if (value == nullptr || dot == std::string_view::npos) return value;
    object = value->if_object();
    if (object == nullptr) return nullptr;
    path.remove_prefix(dot + 1);
  }
}

bool compare_text(std::string_view text, std::string_view op, std::string_view wanted) {
  if (op == "eq") return text == wanted;
  if (op == "ne") return text != wanted;
  if (op == "sw") return text.starts_with(wanted);
  if (op == "ew") return text.ends_with(wanted);
  return text.find(wanted) != std::string_view::npos;
}

bool compare_number(double number, std::string_view op, double wanted) {
  if (op == "eq") return number == wanted;
  if (op == "ne") return number != wanted;
  if (op == "gt") return number > wanted;
  if (op == "ge") return number >= wanted;
  if (op == "lt") return number < wanted;
  return number <= wanted;
}

std::string_view text_of(const json::Value& value) { return {value.get_string().data(), value.get_string().size()}; }

// 1 and 1.0 are the same number.
bool same(const json::Value& a, const json::Value& b) {
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  return a == b;
}

bool compare(const json::Value* value, std::string_view type, std::string_view op, const json::Value& wanted) {
  const bool present = value != nullptr && !value->is_null();
  if (type == "present") return present == (op == "pr");
  if (!present) return op == "ne";
  if (type == "string") return value->is_string() && compare_text(text_of(*value), op, text_of(wanted));
  if (type == "number") {
    return value->is_number() && compare_number(value->to_number<double>(), op, wanted.to_number<double>());
  }
  if (type == "boolean") return value->is_bool() && value->get_bool() == wanted.get_bool();
  if (type == "range") {
    if (!value->is_number()) return false;
    const double number = value->to_number<double>();
    return number >= wanted.at(0).to_number<double>() && number <= wanted.at(1).to_number<double>();
  }
  const auto& list = wanted.get_array();
  const auto wanted_one = [&](const json::Value& one) {
    return std::any_of(list.begin(), list.end(), [&](const json::Value& wanted) { return same(one, wanted); });
  };
  // Of a value that is a list itself, such as tags, one is enough.
  if (const auto* several = value->if_array()) return std::any_of(several->begin(), several->end(), wanted_one);
  return wanted_one(*value);
}

// Each use of a tool in a transcript: the invocation's members with those of its result.
std::vector<json::Object> tool_uses(const json::Object& call) {
  std::vector<json::Object> uses;
  const auto* lines = find(call, "transcript_with_tool_calls");
  if (lines == nullptr || !lines->is_array()) return uses;
  for (const auto& line : lines->get_array()) {
    const auto* object = line.if_object();
    if (object == nullptr) continue;
    const auto* role = object->if_contains("role");
    if (role == nullptr || !role->is_string()) continue;
    if (text_of(*role) == "tool_call_invocation") uses.push_back(*object);
    if (text_of(*role) != "tool_call_result") continue;
    const auto* id = object->if_contains("tool_call_id");
    for (auto& use : uses) {
      const auto* own = use.if_contains("tool_call_id");
      if (id == nullptr || own == nullptr || *own != *id) continue;
      for (const auto& member : *object) use.emplace(member.key(), member.value());  // keeps what is there
    }
  }
  return uses;
}

// The criteria's members; none where there are no criteria.
core::Result<json::Object> members_of(const json::Value& criteria) {
  if (criteria.is_null()) return json::Object{};
  if (const auto* object = criteria.if_object()) return *object;
  return refuse("", "expected an object");
}

// A list of agents' versions; nothing when it is none.
std::optional<std::vector<std::int64_t>> versions_of(const json::Value& list) {
  const auto* array = list.if_array();
  if (array == nullptr) return std::nullopt;
  std::vector<std::int64_t> versions;
  for (const auto& version : *array) {
    if (!version.is_int64()) return std::nullopt;
    versions.push_back(version.get_int64());
  }
  return versions;
}

core::Result<std::string> path_of(const std::string& group, const FilterGroups& groups) {
  const auto known = groups.paths.find(group);
  if (known == groups.paths.end()) return refuse(group, "is not a known filter");
  return std::string(known->second);
}

}  // namespace

const FilterGroups& call_groups() {
  static const FilterGroups groups = {{{"agent_tag", "agent_tag"},
                                       {"batch_call_id", "batch_call_id"},
                                       {"call_id", "call_id"},
                                       {"call_status", "call_status"},
                                       {"call_successful", "call_analysis.call_successful"},
                                       {"call_type", "call_type"},
                                       {"combined_cost", "call_cost.combined_cost"},
                                       {"custom_analysis_data", "call_analysis.custom_analysis_data."},
                                       {"custom_attributes", "custom_attributes."},
                                       {"data_storage_setting", "data_storage_setting"},
                                       {"direction", "direction"},
                                       {"disconnection_reason", "disconnection_reason"},
                                       {"duration_ms", "duration_ms"},
                                       {"dynamic_variables", "retell_llm_dynamic_variables."},
                                       {"e2e_latency_p50", "latency.e2e.p50"},
                                       {"end_timestamp", "end_timestamp"},
                                       {"from_number", "from_number"},
                                       {"in_voicemail", "call_analysis.in_voicemail"},
                                       {"metadata", "metadata."},
                                       {"start_timestamp", "start_timestamp"},
                                       {"to_number", "to_number"},
                                       {"user_sentiment", "call_analysis.user_sentiment"}},
                                      true,
                                      true};
  return groups;
}

const FilterGroups& chat_groups() {
  static const FilterGroups groups = {{{"agent_tag", "agent_tag"},
                                       {"chat_id", "chat_id"},
                                       {"chat_status", "chat_status"},
                                       {"chat_successful", "chat_analysis.chat_successful"},
                                       {"combined_cost", "chat_cost.combined_cost"},
                                       {"custom_analysis_data", "chat_analysis.custom_analysis_data."},
                                       {"custom_attributes", "custom_attributes."},
                                       {"disconnection_reason", "disconnection_reason"},
                                       {"duration_ms", "duration_ms"},
                                       {"end_timestamp", "end_timestamp"},
                                       {"start_timestamp", "start_timestamp"},
                                       {"user_sentiment", "chat_analysis.user_sentiment"}},
                                      true,
                                      false};
  return groups;
}

const FilterGroups& contact_groups() {
  static const FilterGroups groups = {{{"contact_id", "contact_id"},
                                       {"custom_fields", "custom_fields."},
                                       {"do_not_call", "do_not_call"},
                                       {"external_id", "external_id"},
                                       {"last_conversation_timestamp", "last_conversation_timestamp"},
                                       {"phone_number", "phone_number"},
                                       {"tags", "tags"}}};
  return groups;
}

core::Result<ListFilter> ListFilter::parse(const json::Value& criteria, const FilterGroups& groups) {
  ListFilter filter;
  const auto members = members_of(criteria);
  if (!members) return tl::unexpected(members.error());
  for (const auto& member : *members) {
    const std::string group(member.key());
    if (group == "agent" && groups.agents) {
      if (auto done = filter.add_agents(member.value()); !done) return tl::unexpected(done.error());
      continue;
    }
    if (group == "tool_calls" && groups.tool_calls) {
      if (auto done = filter.add_tool_calls(member.value()); !done) return tl::unexpected(done.error());
      continue;
    }
    const auto path = path_of(group, groups);
    if (!path) return tl::unexpected(path.error());
    if (!path->ends_with('.')) {
      if (auto done = filter.add_leaf(group, *path, member.value()); !done) return tl::unexpected(done.error());
      continue;
    }
    const auto* leaves = member.value().if_array();
    if (leaves == nullptr || leaves->size() > 100) return refuse(group, "expected an array of at most 100 filters");
    for (const auto& leaf : *leaves) {
      const auto* key = leaf.is_object() ? leaf.get_object().if_contains("key") : nullptr;
      if (key == nullptr || !key->is_string()) return refuse(group + ".key", "is required");
      if (auto done = filter.add_leaf(group, *path + std::string(key->get_string()), leaf); !done) {
        return tl::unexpected(done.error());
      }
    }
  }
  return filter;
}

core::Result<ListFilter> ListFilter::parse_flat(const json::Value& criteria) {
  ListFilter filter;
  const auto members = members_of(criteria);
  if (!members) return tl::unexpected(members.error());
  for (const auto& member : *members) {
    if (auto done = filter.add_flat(std::string(member.key()), member.value()); !done) {
      return tl::unexpected(done.error());
    }
  }
  return filter;
}

core::Result<> ListFilter::add_flat(const std::string& group, const json::Value& value) {
  if (group == "agent_id") return add_flat_agents(value);
  if (group == "version") {  // of the agents
    const auto versions = versions_of(value);
    if (!versions) return refuse(group, expected_versions);
    if (!versions->empty()) {
      tests_.push_back({"agent_version", "enum", "in", json::Array(versions->begin(), versions->end())});
    }
    return {};
  }
  const auto path = path_of(group, call_groups());
  if (!path) return tl::unexpected(path.error());
  const auto* object = value.if_object();
  if (object != nullptr && !path->ends_with('.')) return add_thresholds(group, *path, *object);
  if (object != nullptr) {
    for (const auto& pair : *object)
      tests_.push_back({*path + std::string(pair.key()), "enum", "in", json::Array{pair.value()}});
  } else if (path->ends_with('.')) {
    return refuse(group, "expected an object");
  } else {
    tests_.push_back({*path, "enum", "in", value.is_array() ? value.get_array() : json::Array{value}});
  }
  return {};
}

core::Result<> ListFilter::add_flat_agents(const json::Value& ids) {
  const auto* list = ids.if_array();
  if (list == nullptr || list->size() > most_agents) {
    return refuse("agent_id", "expected an array of at most 1000 agent ids");
  }
  for (const auto& id : *list) {
    if (!id.is_string()) return refuse("agent_id", "expected an array of agent ids, which are strings");
    agents_.push_back({std::string(text_of(id)), {}});
  }
  return {};
}

core::Result<> ListFilter::add_thresholds(const std::string& group, const std::string& path,
                                          const json::Object& range) {
  for (const auto& end : range) {
    const std::string_view name = end.key();
    const auto where = group + "." + std::string(name);
    if (name != "lower_threshold" && name != "upper_threshold") {
      return refuse(where, "is not known; expected lower_threshold and upper_threshold");
    }
    if (!end.value().is_number()) return refuse(where, "expected a number");
    tests_.push_back({path, "number", name == "lower_threshold" ? "ge" : "le", end.value()});
  }
  return {};
}

core::Result<> ListFilter::add_leaf(const std::string& group, const std::string& path, const json::Value& leaf) {
  const auto* object = leaf.if_object();
  if (object == nullptr) return refuse(group, "expected an object with type, op and value");
  const auto* type = object->if_contains("type");
  const auto* op = object->if_contains("op");
  const auto* value = object->if_contains("value");
  if (type == nullptr || !type->is_string() || op == nullptr || !op->is_string()) {
    return refuse(group, "expected type and op");
  }
  Test test{path, std::string(text_of(*type)), std::string(text_of(*op)), value == nullptr ? json::Value() : *value};
  if (!fits(test.type, test.op, test.value)) return refuse(group, "type, op and value do not fit together");
  tests_.push_back(std::move(test));
  return {};
}

core::Result<> ListFilter::add_tool_calls(const json::Value& list) {
  const auto* array = list.if_array();
  if (array == nullptr || array->size() > 100) return refuse("tool_calls", "expected an array of at most 100 uses");
  for (const auto& item : *array) {
    const auto* object = item.if_object();
    if (object == nullptr) return refuse("tool_calls", "expected an object");
    ToolUse use;
    ListFilter leaves;  // collects this use's tests
    for (const auto& member : *object) {
      const std::string_view name = member.key();
      if (name == "name" || name == "type") {
        if (!member.value().is_string()) return refuse("tool_calls." + std::string(name), "expected a string");
        (name == "name" ? use.name : use.type) = std::string(text_of(member.value()));
      } else if (name == "success" || name == "latency_ms") {
        const auto path = name == "success" ? "successful" : "latency_ms";
        if (auto done = leaves.add_leaf("tool_calls." + std::string(name), path, member.value()); !done) return done;
      } else {
        return refuse("tool_calls." + std::string(name), "is not a known filter");
      }
    }
    use.tests = std::move(leaves.tests_);
    tool_calls_.push_back(std::move(use));
  }
  return {};
}

core::Result<> ListFilter::add_agents(const json::Value& list) {
  const auto* array = list.if_array();
  if (array == nullptr || array->size() > most_agents) return refuse("agent", "expected an array of at most 1000");
  for (const auto& item : *array) {
    const auto* id = item.is_object() ? item.get_object().if_contains("agent_id") : nullptr;
    if (id == nullptr || !id->is_string()) return refuse("agent.agent_id", "is required");
    AgentChoice choice{std::string(text_of(*id)), {}};
    if (const auto* given = item.get_object().if_contains("version")) {
      auto versions = versions_of(*given);
      if (!versions) return refuse("agent.version", expected_versions);
      choice.versions = std::move(*versions);
    }
    agents_.push_back(std::move(choice));
  }
  return {};
}

std::optional<std::vector<std::string>> ListFilter::agent_ids() const {
  if (agents_.empty()) return std::nullopt;
  std::vector<std::string> ids(agents_.size());
  std::transform(agents_.begin(), agents_.end(), ids.begin(), [](const AgentChoice& one) { return one.agent_id; });
  return ids;
}

std::optional<std::vector<std::string>> ListFilter::one_of(std::string_view path) const {
  for (const auto& test : tests_) {
    if (test.path != path || test.type != "enum" || test.op != "in" || !test.value.is_array()) continue;
    std::vector<std::string> texts;
    for (const auto& value : test.value.get_array()) {
      if (!value.is_string()) return std::nullopt;
      texts.emplace_back(text_of(value));
    }
    return texts;
  }
  return std::nullopt;
}

bool ListFilter::Test::holds(const json::Object& item) const { return compare(find(item, path), type, op, value); }

bool ListFilter::matches(const json::Object& item) const {
  if (!agents_.empty()) {
    const auto* id = item.if_contains("agent_id");
    const auto* version = item.if_contains("agent_version");
    if (version == nullptr) version = item.if_contains("version");  // as chats call it
    const bool any = std::any_of(agents_.begin(), agents_.end(), [&](const AgentChoice& choice) {
      if (id == nullptr || !id->is_string() || text_of(*id) != choice.agent_id) return false;
      return choice.versions.empty() ||
             (version != nullptr && version->is_int64() &&
              std::find(choice.versions.begin(), choice.versions.end(), version->get_int64()) != choice.versions.end());
    });
    if (!any) return false;
  }
  if (!tool_calls_.empty()) {
    const auto uses = tool_uses(item);
    const auto fits = [](const ToolUse& wanted, const json::Object& use) {
      const auto is = [&](std::string_view name, const std::optional<std::string>& text) {
        const auto* value = use.if_contains({name.data(), name.size()});
        return !text || (value != nullptr && value->is_string() && text_of(*value) == *text);
      };
      return is("name", wanted.name) && is("type", wanted.type) &&
             std::all_of(wanted.tests.begin(), wanted.tests.end(), [&](const Test& test) { return test.holds(use); });
    };
    for (const auto& wanted : tool_calls_) {
      if (std::none_of(uses.begin(), uses.end(), [&](const auto& use) { return fits(wanted, use); })) return false;
    }
  }
  return std::all_of(tests_.begin(), tests_.end(), [&](const Test& test) { return test.holds(item); });
}

}  // namespace retell::domain
