// Voice to voice with the local models: spoken questions, answered in speech.
#include <algorithm>
#include <array>

#include "app/commands/bench_figures.hpp"
#include "app/commands/bench_server.hpp"
#include "app/commands/conversation.hpp"
#include "app/commands/speech.hpp"
#include "services/demo.hpp"
#include "text/words.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;
using simulator::When;

// Things that callers say; four conversations of five turns.
constexpr std::array sentences{"What is the capital of France?",
                               "How many days are in a week?",
                               "Can you tell me what time it is?",
                               "What color is the sky?",
                               "Who wrote Romeo and Juliet?",
                               "I would like to know my balance.",
                               "What is two plus two?",
                               "Where is the city of London?",
                               "Please tell me about the weather.",
                               "What is the largest ocean?",
                               "How do I get to the train station?",
                               "What is your name?",
                               "Do you have a table for two tonight?",
                               "I want to change my appointment.",
                               "What animal says meow?",
                               "What is the opposite of hot?",
                               "How many months are in a year?",
                               "Can I speak with a real person?",
                               "What do you eat for breakfast?",
                               "Thank you for your help today."};
constexpr std::size_t turns_a_call = 5;

std::string heard_from_caller(const json::Object& record) {
  std::string out;
  const auto* lines = record.if_contains("transcript_object");
  if (lines == nullptr || !lines->is_array()) return out;
  for (const auto& line : lines->get_array()) {
    if (line.at("role") == "user") out += std::string(line.at("content").as_string()) + " ";
  }
  return out;
}

// Where the time of the turns went, as the call's record tells it.
class Breakdown {
 public:
  void add(const json::Object& record) {
    const auto* latency = record.if_contains("latency");
    const auto* turns =
        latency == nullptr || !latency->is_object() ? nullptr : latency->get_object().if_contains("turns");
    if (turns == nullptr || !turns->is_array()) return;
    for (const auto& turn : turns->get_array()) {
      for (auto& stage : stages_) {
        const auto* value = turn.get_object().if_contains(stage.field);
        if (value != nullptr && value->is_number()) stage.values.push_back(value->to_number<double>());
      }
    }
  }
  void report(Figures& figures) const {
    for (const auto& stage : stages_)
      figures.push_back({std::string(stage.field) + "_p50", percentile(stage.values, 0.5), stage.what});
  }

 private:
  struct Stage {
    const char* field;
    const char* what;
    std::vector<double> values = {};
  };
  std::array<Stage, 6> stages_{{{"end_of_turn_ms", "the caller's last sample to the decision"},
                                {"transcript_ms", "and how long its words were waited for"},
                                {"model_first_token_ms", "after it"},
                                {"first_clause_ms", "after it"},
                                {"synthesis_first_byte_ms", "after it"},
                                {"transport_ms", "after it, until it was audible"}}};
};

}  // namespace

core::Result<Figures> bench_local(const config::Config& config) {
  const auto bench = start_bench_server(config);
  if (!bench) return tl::unexpected(bench.error());
  std::vector<double> heard;
  text::WordErrors errors;
  Breakdown breakdown;
  std::size_t unanswered = 0;
  for (std::size_t first = 0; first < sentences.size(); first += turns_a_call) {
    ConversationOrder order;
    order.server = bench->url;
    order.api_key = bench->key;
    order.agent_id = services::demo_agent_en;
    std::string said;
    for (std::size_t i = first; i < first + turns_a_call; ++i) {
      auto samples = speak(sentences[i], "rms");
      if (!samples) return tl::unexpected(samples.error());
      order.script.push_back({When::after_agent, 400ms, simulator::Say{std::move(*samples)}, sentences[i]});
      said += std::string(sentences[i]) + " ";
    }
    order.script.push_back({When::after_agent, 300ms, simulator::HangUp{}, ""});
    const auto held = hold_conversation(order);
    if (!held) return tl::unexpected(held.error());
    for (const auto& turn : held->report.turns) {
      if (turn.heard_ms >= 0)
        heard.push_back(turn.heard_ms);
      else
        ++unanswered;
    }
    breakdown.add(held->record);
    errors += text::word_errors(said, heard_from_caller(held->record));
  }
  Figures figures{
      {"voice_to_voice_ms_p50", percentile(heard, 0.5), "caller's last sample to the agent's first, at the far end"},
      {"voice_to_voice_ms_p95", percentile(heard, 0.95), ""},
      {"turns", static_cast<double>(heard.size()), "answered, of 20 spoken"},
      {"unanswered", static_cast<double>(unanswered), ""},
      {"word_error_rate_percent", 100.0 * errors.rate(), "flite's rms through 8 kHz mu-law"}};
  breakdown.report(figures);
  return figures;
}

}  // namespace retell::app
