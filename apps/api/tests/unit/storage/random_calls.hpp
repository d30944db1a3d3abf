// Random calls, and random filters of them, each with a plain reading of what it means.
#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <variant>

#include "domain/call.hpp"
#include "domain/list_filter.hpp"
#include "json/text.hpp"

namespace retell::storage::random_calls {

using domain::Call;
using Plain = std::variant<std::monostate, std::string, double, bool>;  // a member's value; none when it is missing

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t count) { return random_() % count; }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937 random_;
};

inline const std::vector<std::string> numbers = {"+14155550100", "+14155550101", "+5511912345678", "+442079460958"};
inline const std::vector<std::string> agents = {"agent_1", "agent_2", "agent_3"};
inline const std::vector<std::string> words = {"", "a", "ab", "abc", "São Paulo", "b%_", "'"};
inline const std::vector<std::string> names = {"plan", "vip", "age", "crm.id", "Ü"};
inline const std::vector<std::string> tools = {"book", "look", "end"};

template <class Enum>
Enum any(Dice& dice) {
  return static_cast<Enum>(dice.below(boost::mp11::mp_size<boost::describe::describe_enumerators<Enum>>::value));
}
template <class T, class Make>
std::optional<T> maybe(Dice& dice, Make make) {
  if (dice.one_in(3)) return std::nullopt;
  return make();
}

inline json::Value any_value(Dice& dice) {
  switch (dice.below(4)) {
    case 0:
      return json::Value(dice.of(words));
    case 1:
      return json::Value(static_cast<std::int64_t>(dice.below(4)));
    case 2:
      return json::Value(static_cast<double>(dice.below(4)) / 2);
    default:
      return json::Value(dice.one_in(2));
  }
}
inline json::Object any_object(Dice& dice) {
  json::Object object;
  for (const auto& name : names) {
    if (dice.one_in(2)) object[name] = any_value(dice);
  }
  return object;
}

inline Call any_call(Dice& dice, int number) {
  Call call;
  call.call_id = "call_" + std::to_string(number);
  call.agent_id = dice.of(agents);
  call.agent_version = static_cast<std::int32_t>(dice.below(3));
  call.agent_tag = maybe<std::string>(dice, [&] { return dice.of(words); });
  call.call_type = any<domain::CallType>(dice);
  call.call_status = any<domain::CallStatus>(dice);
  call.direction = maybe<domain::Direction>(dice, [&] { return any<domain::Direction>(dice); });
  call.from_number = maybe<std::string>(dice, [&] { return dice.of(numbers); });
  call.to_number = maybe<std::string>(dice, [&] { return dice.of(numbers); });
  call.metadata = maybe<json::Value>(dice, [&] { return any_object(dice); });
  call.custom_attributes = maybe<json::Object>(dice, [&] { return any_object(dice); });
  call.data_storage_setting = maybe<domain::DataStorage>(dice, [&] { return any<domain::DataStorage>(dice); });
  call.disconnection_reason =
      maybe<domain::DisconnectionReason>(dice, [&] { return any<domain::DisconnectionReason>(dice); });
  const auto moment = [&] { return static_cast<std::int64_t>(dice.below(6) * 1'000); };
  call.start_timestamp = maybe<std::int64_t>(dice, moment);
  call.end_timestamp = maybe<std::int64_t>(dice, moment);
  call.duration_ms = maybe<std::int64_t>(dice, moment);
  if (!dice.one_in(3)) {
    domain::LatencyStats stats;
    stats.p50 = static_cast<double>(dice.below(5)) * 100.5;
    call.latency.emplace().e2e = stats;
  }
  if (!dice.one_in(3)) call.call_cost.emplace().combined_cost = static_cast<double>(dice.below(5)) / 4;
  if (!dice.one_in(3)) {
    auto& analysis = call.call_analysis.emplace();
    analysis.in_voicemail = maybe<bool>(dice, [&] { return dice.one_in(2); });
    analysis.call_successful = maybe<bool>(dice, [&] { return dice.one_in(2); });
    analysis.user_sentiment = maybe<domain::Sentiment>(dice, [&] { return any<domain::Sentiment>(dice); });
    analysis.custom_analysis_data = maybe<json::Value>(dice, [&] { return any_object(dice); });
  }
  if (!dice.one_in(3)) {
    auto& variables = call.retell_llm_dynamic_variables.emplace();
    for (const auto& name : names) {
      if (dice.one_in(2)) variables[name] = dice.of(words);
    }
  }
  auto& lines = call.transcript_with_tool_calls.emplace();
  for (std::size_t i = dice.below(4); i > 0; --i) {
    const auto id = std::to_string(i);
    lines.push_back(json::Object{{"role", "tool_call_invocation"}, {"tool_call_id", id}, {"name", dice.of(tools)}});
    if (dice.one_in(4)) continue;  // it is still running
    lines.push_back(json::Object{{"role", "tool_call_result"}, {"tool_call_id", id}, {"successful", dice.one_in(2)}});
  }
  return call;
}

// One filter as it is sent, and what it means.
struct Filter {
  std::string group;
  json::Value criteria;
  std::function<bool(const Call&)> holds;
};
using Read = std::function<Plain(const Call&)>;
struct Leaf {
  json::Object criteria;
  std::function<bool(const Plain&)> holds;
};

template <class T>
Plain plain(const std::optional<T>& value) {
  if (!value) return std::monostate();
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>)
    return *value;
  else if constexpr (std::is_enum_v<T>)
    return std::string(json::enum_name(*value));
  else
    return static_cast<double>(*value);
}
inline Plain plain(const json::Value* value) {
  if (value == nullptr || value->is_null()) return std::monostate();
  if (value->is_bool()) return value->get_bool();
  if (value->is_number()) return value->to_number<double>();
  return std::string(value->as_string());
}

inline Leaf present(Dice& dice) {
  const bool wanted = dice.one_in(2);
  return {json::Object{{"type", "present"}, {"op", wanted ? "pr" : "np"}},
          [wanted](const Plain& value) { return std::holds_alternative<std::monostate>(value) != wanted; }};
}

inline Leaf text_leaf(Dice& dice, const std::string& wanted) {
  const auto op = dice.of<std::string>({"eq", "ne", "sw", "ew", "co"});
  return {json::Object{{"type", "string"}, {"op", op}, {"value", wanted}}, [op, wanted](const Plain& value) {
            if (std::holds_alternative<std::monostate>(value)) return op == "ne";
            const auto* text = std::get_if<std::string>(&value);
            if (text == nullptr) return false;
            if (op == "eq") return *text == wanted;
            if (op == "ne") return *text != wanted;
            if (op == "sw") return text->rfind(wanted, 0) == 0;
            if (op == "ew")
              return text->size() >= wanted.size() && text->substr(text->size() - wanted.size()) == wanted;
            return text->find(wanted) != std::string::npos;
          }};
}

inline Leaf number_leaf(Dice& dice, double low, double high) {
  if (dice.one_in(3)) {
    return {json::Object{{"type", "range"}, {"op", "bt"}, {"value", json::Array{low, high}}},
            [low, high](const Plain& value) {
              const auto* number = std::get_if<double>(&value);
              return number != nullptr && low <= *number && *number <= high;
            }};
  }
  const auto op = dice.of<std::string>({"eq", "ne", "gt", "ge", "lt", "le"});
  return {json::Object{{"type", "number"}, {"op", op}, {"value", low}}, [op, low](const Plain& value) {
            if (std::holds_alternative<std::monostate>(value)) return op == "ne";
            const auto* number = std::get_if<double>(&value);
            if (number == nullptr) return false;
            const std::map<std::string, bool> truth = {{"eq", *number == low}, {"ne", *number != low},
                                                       {"gt", *number > low},  {"ge", *number >= low},
                                                       {"lt", *number < low},  {"le", *number <= low}};
            return truth.at(op);
          }};
}

inline Leaf flag_leaf(Dice& dice) {
  const bool wanted = dice.one_in(2);
  return {json::Object{{"type", "boolean"}, {"op", "eq"}, {"value", wanted}}, [wanted](const Plain& value) {
            const auto* flag = std::get_if<bool>(&value);
            return flag != nullptr && *flag == wanted;
          }};
}

inline Leaf choice_leaf(Dice& dice, const std::function<json::Value()>& make) {
  json::Array list;
  // Now and then more than the database is asked for.
  const auto count = dice.one_in(10) ? 80 : dice.below(4);
  for (std::size_t i = 0; i < count; ++i) list.push_back(make());
  return {json::Object{{"type", "enum"}, {"op", "in"}, {"value", list}}, [list](const Plain& value) {
            if (std::holds_alternative<std::monostate>(value)) return false;
            return std::any_of(list.begin(), list.end(), [&](const auto& one) { return plain(&one) == value; });
          }};
}

inline Filter of_member(std::string group, Leaf leaf, Read read) {
  return {std::move(group), leaf.criteria,
          [holds = leaf.holds, read = std::move(read)](const Call& call) { return holds(read(call)); }};
}

inline Filter any_text(Dice& dice, const std::string& group, const std::vector<std::string>& values, Read read) {
  if (dice.one_in(5)) return of_member(group, present(dice), std::move(read));
  if (dice.one_in(2)) {
    return of_member(group, choice_leaf(dice, [&] { return json::Value(dice.of(values)); }), std::move(read));
  }
  return of_member(group, text_leaf(dice, dice.of(values)), std::move(read));
}
template <class Enum>
Filter any_enum(Dice& dice, const std::string& group, Read read) {
  std::vector<std::string> values(4);
  for (auto& value : values) value = json::enum_name(any<Enum>(dice));
  return any_text(dice, group, values, std::move(read));
}
inline Filter any_number(Dice& dice, const std::string& group, double step, Read read) {
  if (dice.one_in(5)) return of_member(group, present(dice), std::move(read));
  const double low = static_cast<double>(dice.below(5)) * step;
  return of_member(group, number_leaf(dice, low, low + static_cast<double>(dice.below(3)) * step), std::move(read));
}
inline Filter any_flag(Dice& dice, const std::string& group, Read read) {
  return of_member(group, dice.one_in(4) ? present(dice) : flag_leaf(dice), std::move(read));
}

// One or two leaves with keys, of a group of free-form members.
inline Filter any_free(Dice& dice, const std::string& group,
                       const std::function<const json::Object*(const Call&, json::Object& room)>& members) {
  json::Array leaves;
  std::vector<std::function<bool(const Call&)>> all;
  for (std::size_t i = 0; i < 1 + dice.below(2); ++i) {
    const auto key = dice.of(names);
    Leaf leaf;
    switch (dice.below(5)) {
      case 0:
        leaf = text_leaf(dice, dice.of(words));
        break;
      case 1:
        leaf = number_leaf(dice, static_cast<double>(dice.below(4)) / 2, 2);
        break;
      case 2:
        leaf = flag_leaf(dice);
        break;
      case 3:
        leaf = choice_leaf(dice, [&] { return any_value(dice); });
        break;
      default:
        leaf = present(dice);
    }
    leaf.criteria["key"] = key;
    leaves.emplace_back(leaf.criteria);
    all.emplace_back([holds = leaf.holds, key, members](const Call& call) {
      json::Object room;
      const auto* object = members(call, room);
      return holds(object == nullptr ? Plain() : plain(object->if_contains(key)));
    });
  }
  return {group, leaves, [all](const Call& call) {
            return std::all_of(all.begin(), all.end(), [&](auto& one) { return one(call); });
          }};
}

inline const json::Object* object_in(const std::optional<json::Value>& value) {
  return value ? value->if_object() : nullptr;
}

inline Filter any_agents(Dice& dice) {
  json::Array list;
  std::vector<std::pair<std::string, std::vector<std::int32_t>>> choices;
  for (std::size_t i = 0; i < 1 + dice.below(2); ++i) {
    const auto id = dice.one_in(5) ? std::string("agent_unknown") : dice.of(agents);
    json::Object one{{"agent_id", id}};
    std::vector<std::int32_t> versions;
    for (std::size_t v = dice.below(3); v > 0; --v) versions.push_back(static_cast<std::int32_t>(dice.below(3)));
    if (!versions.empty()) one["version"] = json::Array(versions.begin(), versions.end());
    list.emplace_back(one);
    choices.emplace_back(id, versions);
  }
  return {"agent", list, [choices](const Call& call) {
            return std::any_of(choices.begin(), choices.end(), [&](const auto& choice) {
              const auto& [id, versions] = choice;
              return id == call.agent_id &&
                     (versions.empty() || std::count(versions.begin(), versions.end(), call.agent_version) > 0);
            });
          }};
}

// A tool of this name was used, and with this success.
inline Filter any_tool_use(Dice& dice) {
  const auto name = dice.of(tools);
  json::Object wanted{{"name", name}};
  const auto success = flag_leaf(dice);
  const bool asks = dice.one_in(2);
  if (asks) wanted["success"] = success.criteria;
  return {"tool_calls", json::Array{wanted}, [=](const Call& call) {
            const auto& lines = *call.transcript_with_tool_calls;
            return std::any_of(lines.begin(), lines.end(), [&](const json::Value& line) {
              if (line.at("role") != "tool_call_invocation" || line.at("name") != json::Value(name)) return false;
              if (!asks) return true;
              const auto result = std::find_if(lines.begin(), lines.end(), [&](const json::Value& other) {
                return other.at("role") == "tool_call_result" && other.at("tool_call_id") == line.at("tool_call_id");
              });
              return result != lines.end() && success.holds(result->at("successful").get_bool());
            });
          }};
}

inline std::optional<bool> flag_of(const Call& call, std::optional<bool> domain::CallAnalysis::* member) {
  return call.call_analysis ? (*call.call_analysis).*member : std::nullopt;
}

// Every filter there is.
inline std::vector<Filter> all_filters(Dice& dice) {
  std::vector<Filter> all;
  const auto text = [&](const char* group, const std::vector<std::string>& values, Read read) {
    all.push_back(any_text(dice, group, values, std::move(read)));
  };
  const auto number = [&](const char* group, double step, Read read) {
    all.push_back(any_number(dice, group, step, std::move(read)));
  };
  text("call_id", {"call_1", "call_10", "call_100", "call_"}, [](const Call& c) { return c.call_id; });
  text("agent_tag", words, [](const Call& c) { return plain(c.agent_tag); });
  text("from_number", numbers, [](const Call& c) { return plain(c.from_number); });
  text("to_number", numbers, [](const Call& c) { return plain(c.to_number); });
  text("batch_call_id", words, [](const Call&) { return Plain(); });
  all.push_back(any_enum<domain::CallStatus>(dice, "call_status",
                                             [](const Call& c) { return plain(std::optional(c.call_status)); }));
  all.push_back(
      any_enum<domain::CallType>(dice, "call_type", [](const Call& c) { return plain(std::optional(c.call_type)); }));
  all.push_back(any_enum<domain::Direction>(dice, "direction", [](const Call& c) { return plain(c.direction); }));
  all.push_back(any_enum<domain::DataStorage>(dice, "data_storage_setting",
                                              [](const Call& c) { return plain(c.data_storage_setting); }));
  all.push_back(any_enum<domain::DisconnectionReason>(dice, "disconnection_reason",
                                                      [](const Call& c) { return plain(c.disconnection_reason); }));
  all.push_back(any_enum<domain::Sentiment>(dice, "user_sentiment", [](const Call& c) {
    return c.call_analysis ? plain(c.call_analysis->user_sentiment) : Plain();
  }));
  number("duration_ms", 1'000, [](const Call& c) { return plain(c.duration_ms); });
  number("start_timestamp", 1'000, [](const Call& c) { return plain(c.start_timestamp); });
  number("end_timestamp", 1'000, [](const Call& c) { return plain(c.end_timestamp); });
  number("combined_cost", 0.25,
         [](const Call& c) { return c.call_cost ? Plain(c.call_cost->combined_cost) : Plain(); });
  number("e2e_latency_p50", 100.5, [](const Call& c) { return c.latency ? Plain(c.latency->e2e->p50) : Plain(); });
  all.push_back(any_flag(dice, "in_voicemail",
                         [](const Call& c) { return plain(flag_of(c, &domain::CallAnalysis::in_voicemail)); }));
  all.push_back(any_flag(dice, "call_successful",
                         [](const Call& c) { return plain(flag_of(c, &domain::CallAnalysis::call_successful)); }));
  all.push_back(any_free(dice, "metadata", [](const Call& c, json::Object&) { return object_in(c.metadata); }));
  all.push_back(any_free(dice, "custom_attributes", [](const Call& c, json::Object&) {
    return c.custom_attributes ? &*c.custom_attributes : nullptr;
  }));
  all.push_back(any_free(dice, "custom_analysis_data", [](const Call& c, json::Object&) {
    return c.call_analysis ? object_in(c.call_analysis->custom_analysis_data) : nullptr;
  }));
  all.push_back(any_free(dice, "dynamic_variables", [](const Call& c, json::Object& room) -> const json::Object* {
    if (!c.retell_llm_dynamic_variables) return nullptr;
    for (const auto& [name, value] : *c.retell_llm_dynamic_variables) room[name] = value;
    return &room;
  }));
  all.push_back(any_agents(dice));
  all.push_back(any_tool_use(dice));
  return all;
}

}  // namespace retell::storage::random_calls
