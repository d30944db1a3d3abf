// What a call is searched for after its end, and what a model extracts during it.
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "json/traits.hpp"

namespace retell::domain {

struct StringAnalysis {
  static constexpr std::string_view json_tag = "string";
  std::string name;
  std::string description;
  std::optional<std::vector<std::string>> examples = {};
  std::optional<bool> required = {};
  std::optional<std::string> conditional_prompt = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(StringAnalysis, (), (name, description, examples, required, conditional_prompt))

struct EnumAnalysis {
  static constexpr std::string_view json_tag = "enum";
  std::string name;
  std::string description;
  std::vector<std::string> choices;
  std::optional<bool> required = {};
  std::optional<std::string> conditional_prompt = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(EnumAnalysis, (), (name, description, choices, required, conditional_prompt))

struct BooleanAnalysis {
  static constexpr std::string_view json_tag = "boolean";
  std::string name;
  std::string description;
  std::optional<bool> required = {};
  std::optional<std::string> conditional_prompt = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(BooleanAnalysis, (), (name, description, required, conditional_prompt))

struct NumberAnalysis {
  static constexpr std::string_view json_tag = "number";
  std::string name;
  std::string description;
  std::optional<bool> required = {};
  std::optional<std::string> conditional_prompt = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(NumberAnalysis, (), (name, description, required, conditional_prompt))

enum class AnalysisPreset : std::uint8_t { call_summary, call_successful, user_sentiment };
BOOST_DESCRIBE_ENUM(AnalysisPreset, call_summary, call_successful, user_sentiment)

struct PresetAnalysis {
  static constexpr std::string_view json_tag = "system-presets";
  AnalysisPreset name = AnalysisPreset::call_summary;
  std::optional<std::string> description = {};
  std::optional<bool> required = {};
  std::optional<std::string> conditional_prompt = {};
  json::Object unknown = {};
};
BOOST_DESCRIBE_STRUCT(PresetAnalysis, (), (name, description, required, conditional_prompt))

using PostCallAnalysis = std::variant<StringAnalysis, EnumAnalysis, BooleanAnalysis, NumberAnalysis, PresetAnalysis>;
using ExtractedVariable = std::variant<StringAnalysis, EnumAnalysis, BooleanAnalysis, NumberAnalysis>;

}  // namespace retell::domain
