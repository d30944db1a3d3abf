// Everything about a call that is known before it begins: the agent, resolved. A plain value made by services/.
// Names and units follow Retell's agent and LLM objects; what is optional there has its default filled in here.
#pragma once
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/turn/settings.hpp"

namespace retell::engine {

using std::chrono::milliseconds;

enum class StartSpeaker : std::uint8_t { agent, user };

struct VendorChoice {
  std::string name;   // in providers::Registry; empty: none
  std::string model;  // vendor's model; empty: its default
};

struct SpeechPlan {
  VendorChoice vendor;
  std::vector<VendorChoice> fallbacks = {};  // tried in order, sticky for the rest of the call
  std::string voice;                         // vendor's voice id
  double speed = 1.0;                        // voice_speed 0.5 .. 2
  double temperature = 1.0;                  // voice_temperature 0 .. 2
  double volume = 1.0;                       // 0 .. 2, applied as linear gain
};

struct HearingPlan {
  VendorChoice vendor;
  std::vector<VendorChoice> fallbacks = {};
  std::vector<std::string> boosted_keywords = {};
  std::string end_of_turn;  // registry name of the learned detector; empty: rules alone
};

// A tool of the agent. `type` decides which fields count.
struct ToolPlan {
  enum class Type : std::uint8_t { end_call, custom, press_digit };
  Type type = Type::custom;
  std::string name;
  std::string description;
  boost::json::value parameters;  // JSON Schema of the arguments; null: none
  bool speak_during_execution = false;
  std::string execution_message;  // said while it runs (or, for end_call, before hanging up); may be empty
  bool speak_after_execution = true;
  // custom
  std::string url;
  std::string method = "POST";
  std::map<std::string, std::string> headers = {};
  std::map<std::string, std::string> query = {};
  bool args_at_root = false;
  milliseconds timeout{120'000};
};

struct DialoguePlan {
  VendorChoice vendor;
  std::vector<VendorChoice> fallbacks = {};
  std::string system_prompt;  // general_prompt with dynamic variables filled in
  std::optional<double> temperature = {};
  std::vector<ToolPlan> tools = {};
  StartSpeaker start_speaker = StartSpeaker::agent;
  // Said first when the agent starts. nullopt: the model writes it. Empty with start_speaker agent: wait for the
  // caller.
  std::optional<std::string> begin_message = {};
  milliseconds begin_after_user_silence{0};  // > 0: the agent begins after the caller's silence of that length
};

struct TurnPlan {
  double responsiveness = 1.0;            // 0 .. 1
  bool dynamic_responsiveness = false;    // follow the caller's own rhythm
  double interruption_sensitivity = 1.0;  // 0 .. 1; 0 means uninterruptible
  milliseconds reminder_trigger{10'000};
  int reminder_max_count = 1;
  bool backchannel = false;
  double backchannel_frequency = 0.8;               // 0 .. 1
  std::vector<std::string> backchannel_words = {};  // empty: the language's own
  bool hears_keys = true;
  bool keys_interrupt = false;
  turn::DigitOptions keys = {};
  milliseconds begin_message_delay{0};
  milliseconds end_call_after_silence{600'000};
  milliseconds max_call_duration{3'600'000};
  milliseconds watchdog{4'000};  // our turn and nothing audible for this long: filler, fail over, apologise
};

struct CallPlan {
  std::string call_id;
  std::string agent_id;
  int agent_version = 0;
  std::string agent_name;
  std::string organisation_id;     // tenant
  std::string language = "en-US";  // BCP 47
  int sample_rate = 8'000;         // of the line that will come, for which the call is made ready; 8000 or 16000
  HearingPlan hearing;
  DialoguePlan dialogue;
  SpeechPlan speech;
  TurnPlan turns;
  std::map<std::string, std::string> dynamic_variables = {};
  boost::json::object call_object = {};  // the call as webhooks show it, sent along to custom tools
  std::string tool_signing_key;          // API key that signs requests to custom tools; never logged
  std::string recording_path;            // file to write; empty: no recording
};

}  // namespace retell::engine
