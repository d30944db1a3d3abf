// Voice to voice with the local models: spoken questions, answered in speech.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

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
constexpr std::array voices{"rms", "slt"};

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
  std::array<Stage, 6> stages_{{{"transcript_ms", "the caller's last sample to its last words"},
                                {"end_of_turn_ms", "after them, to the decision that the turn is the agent's"},
                                {"model_first_token_ms", "after it"},
                                {"first_clause_ms", "after it"},
                                {"synthesis_first_byte_ms", "after it"},
                                {"transport_ms", "after it, to the caller's ear"}}};
};

// Five turns of one call.
core::Result<simulator::Script> conversation(std::size_t first) {
  simulator::Script script;
  for (std::size_t i = first; i < first + turns_a_call; ++i) {
    auto samples = speak(sentences[i], voices[i % voices.size()]);
    if (!samples) return tl::unexpected(samples.error());
    script.push_back({When::after_agent, 400ms, simulator::Say{std::move(*samples)}, sentences[i]});
  }
  script.push_back({When::after_agent, 300ms, simulator::HangUp{}, ""});
  return script;
}

class LocalBench {
 public:
  explicit LocalBench(const BenchServer& server) : server_(server) {}

  // One caller after the other, each with the conversation that is next; any number of threads may run this at a time.
  void hold_calls(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const auto number = next_.fetch_add(1);
      const auto first = number * turns_a_call % sentences.size();
      auto script = say(first);
      if (!script) return fail(script.error());
      ConversationOrder order;
      order.server = server_.url;
      order.api_key = server_.key;
      order.agent_id = services::demo_agent_en;
      order.script = std::move(*script);
      const auto held = hold_conversation(order);
      if (!held) return fail(held.error());
      note(number, first, *held);
    }
  }

  [[nodiscard]] core::Result<Figures> figures() const {
    if (failed_) return tl::unexpected(*failed_);
    Figures out{{"voice_to_voice_ms_p50", percentile(heard_, 0.5), "caller's last sample to the agent's first"},
                {"voice_to_voice_ms_p95", percentile(heard_, 0.95), ""},
                {"turns", static_cast<double>(heard_.size()) + unanswered_, "spoken"},
                {"unanswered", static_cast<double>(unanswered_), "of them"},
                {"word_error_rate_percent", 100.0 * errors_.rate(), "flite's rms and slt through 8 kHz mu-law"}};
    breakdown_.report(out);
    out.insert(out.end(), of_calls_.begin(), of_calls_.end());
    return out;
  }

 private:
  core::Result<simulator::Script> say(std::size_t first) {
    const std::lock_guard lock(mutex_);  // flite's voices speak for one at a time
    return conversation(first);
  }
  void fail(core::Error error) {
    const std::lock_guard lock(mutex_);
    failed_ = std::move(error);
  }
  void note(std::size_t number, std::size_t first, const Conversation& held) {
    const std::lock_guard lock(mutex_);
    for (const auto& turn : held.report.turns) {
      if (turn.heard_ms >= 0)
        heard_.push_back(turn.heard_ms);
      else
        ++unanswered_;
    }
    breakdown_.add(held.record);
    std::string said;
    for (std::size_t i = first; i < first + turns_a_call; ++i) said += std::string(sentences[i]) + " ";
    const auto heard = heard_from_caller(held.record);
    const auto errors = text::word_errors(said, heard);
    errors_ += errors;
    const auto name = fmt::format("call_{}_words", number + 1);
    of_calls_.push_back({name + "_substituted", static_cast<double>(errors.substitutions),
                         fmt::format("of {}; heard: {}", errors.words, heard)});
    of_calls_.push_back({name + "_missing", static_cast<double>(errors.deletions), ""});
    of_calls_.push_back({name + "_added", static_cast<double>(errors.insertions), ""});
  }

  const BenchServer& server_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;  // guards what follows
  std::optional<core::Error> failed_;
  std::vector<double> heard_;
  int unanswered_ = 0;
  text::WordErrors errors_;
  Breakdown breakdown_;
  Figures of_calls_;
};

}  // namespace

core::Result<Figures> bench_local(const config::Config& config, int calls_at_a_time) {
  const auto server = start_bench_server(config);
  if (!server) return tl::unexpected(server.error());
  LocalBench bench(*server);
  constexpr std::size_t least_calls = sentences.size() / turns_a_call;
  const auto callers = static_cast<std::size_t>(std::max(1, calls_at_a_time));
  std::vector<std::thread> threads;
  threads.reserve(callers);
  for (std::size_t i = 0; i < callers; ++i) {
    threads.emplace_back([&bench, callers] { bench.hold_calls((least_calls + callers - 1) / callers); });
  }
  for (auto& thread : threads) thread.join();
  return bench.figures();
}

}  // namespace retell::app
