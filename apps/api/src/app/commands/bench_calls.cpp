// Benchmarks that hold whole conversations with the local models.
#include <algorithm>
#include <array>

#include "app/commands/bench_figures.hpp"
#include "app/commands/conversation.hpp"
#include "app/commands/speech.hpp"
#include "app/server.hpp"
#include "services/demo.hpp"
#include "simulator/far_end.hpp"
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

core::Result<std::unique_ptr<Server>> start_server(const config::Config& given, std::string& url, std::string& key) {
  auto config = given;
  config.server.port = 0;
  config.server.public_url.clear();
  config.data_dir += "/bench";
  auto server = Server::build(config, {});
  if (!server) return server;
  const auto port = (*server)->start();
  if (!port) return tl::unexpected(port.error());
  url = "http://127.0.0.1:" + std::to_string(*port);
  auto made = (*server)->lend_api_key("bench");
  if (!made) return tl::unexpected(made.error());
  key = *made;
  return server;
}

std::string heard_from_caller(const json::Object& record) {
  std::string out;
  const auto* lines = record.if_contains("transcript_object");
  if (lines == nullptr || !lines->is_array()) return out;
  for (const auto& line : lines->get_array()) {
    if (line.at("role") == "user") out += std::string(line.at("content").as_string()) + " ";
  }
  return out;
}

}  // namespace

core::Result<Figures> bench_local(const config::Config& config) {
  std::string url;
  std::string key;
  auto server = start_server(config, url, key);
  if (!server) return tl::unexpected(server.error());
  std::vector<double> heard;
  text::WordErrors errors;
  std::size_t unanswered = 0;
  constexpr std::size_t turns_a_call = 5;
  for (std::size_t first = 0; first < sentences.size(); first += turns_a_call) {
    ConversationOrder order;
    order.server = url;
    order.api_key = key;
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
    errors += text::word_errors(said, heard_from_caller(held->record));
  }
  return Figures{
      {"voice_to_voice_ms_p50", percentile(heard, 0.5), "caller's last sample to the agent's first, at the far end"},
      {"voice_to_voice_ms_p95", percentile(heard, 0.95), ""},
      {"turns", static_cast<double>(heard.size()), "answered, of 20 spoken"},
      {"unanswered", static_cast<double>(unanswered), ""},
      {"word_error_rate_percent", 100.0 * errors.rate(), "flite's rms through 8 kHz mu-law"}};
}

core::Result<Figures> bench_barge_in(const config::Config& config) {
  std::string url;
  std::string key;
  auto server = start_server(config, url, key);
  if (!server) return tl::unexpected(server.error());
  std::vector<double> cuts;
  int missed = 0;
  int false_cancels = 0;
  int murmurs = 0;
  const auto talk = [&](const char* over, bool is_interruption) -> core::Result<> {
    ConversationOrder order;
    order.server = url;
    order.api_key = key;
    order.agent_id = services::demo_agent_en;
    auto question = speak("Tell me a long story about a little dog.", "rms");
    auto speech = speak(over, "rms");
    if (!question) return tl::unexpected(question.error());
    if (!speech) return tl::unexpected(speech.error());
    order.script.push_back({When::after_agent, 400ms, simulator::Say{std::move(*question)}, "story"});
    order.script.push_back({When::while_agent_speaks, 1200ms, simulator::Say{std::move(*speech)}, over});
    order.script.push_back({When::after_agent, 300ms, simulator::HangUp{}, ""});
    const auto held = hold_conversation(order);
    if (!held) return tl::unexpected(held.error());
    bool cut = false;
    for (const auto& barge : held->report.barge_ins) {
      if (barge.cut_ms >= 0) {
        cut = true;
        if (is_interruption) cuts.push_back(barge.cut_ms);
      } else if (is_interruption) {
        ++missed;
      }
    }
    if (!is_interruption) {
      ++murmurs;
      // Cancelled, and not only paused: the agent's line was marked as interrupted by a clear that nothing followed.
      if (cut && held->record.contains("transcript_with_tool_calls")) {
        const auto said = heard_from_caller(held->record);
        if (said.find("story") == std::string::npos) ++false_cancels;
      }
    }
    return {};
  };
  for (const auto* over :
       {"Wait, please stop.", "Excuse me, I have another question.", "Hold on, that is not what I asked.",
        "No, I want something else.", "Stop. Tell me about cats."}) {
    if (auto ok = talk(over, true); !ok) return tl::unexpected(ok.error());
  }
  for (const auto* over : {"Mm-hm.", "Uh-huh.", "Okay."}) {
    if (auto ok = talk(over, false); !ok) return tl::unexpected(ok.error());
  }
  return Figures{{"barge_in_ms_p50", percentile(cuts, 0.5), "caller's first sample to silence at the far end"},
                 {"barge_in_ms_p95", percentile(cuts, 0.95), ""},
                 {"interruptions", static_cast<double>(cuts.size()), "that stopped the agent"},
                 {"missed", static_cast<double>(missed), "the agent had ended or did not stop"},
                 {"back_channels", static_cast<double>(murmurs), ""},
                 {"false_cancels", static_cast<double>(false_cancels), ""}};
}

}  // namespace retell::app
