// Interruptions, and what must not interrupt: an agent with a long greeting, callers who speak, cough or murmur into
// it.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <map>

#include "app/commands/bench_figures.hpp"
#include "app/commands/bench_server.hpp"
#include "app/commands/conversation.hpp"
#include "app/commands/speech.hpp"
#include "audio/frame.hpp"
#include "audio/voiced.hpp"
#include "simulator/sounds.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;
using simulator::When;

// Its last word tells whether the turn went to its end. About 20 s.
constexpr auto greeting =
    "Thank you for calling the river hotel, where every room looks over the water. Breakfast is served from seven to "
    "eleven in the garden house, and the swimming pool is open until ten in the evening. Guests who arrive by train "
    "are "
    "met at the station by our driver, who waits beside the clock. Pets are welcome on the ground floor, and bicycles "
    "can be borrowed at the front desk on Sundays.";
constexpr auto last_word = "Sundays";

constexpr std::array interruptions{"Wait, please stop.",
                                   "Excuse me, I have another question.",
                                   "Hold on, that is not what I asked.",
                                   "No, I want something else.",
                                   "Stop, I need to book a room for tonight.",
                                   "Sorry, can I speak with a person?",
                                   "I only want to know the price.",
                                   "Can you tell me the address please?",
                                   "That is enough, thank you.",
                                   "Hello, I would like to cancel my booking."};
constexpr std::array voices{"rms", "slt"};
constexpr std::array murmurs{"Uh huh.", "Yeah.", "Okay.", "Right.", "I see.", "Sure."};
constexpr std::size_t sounds_a_call = 5;
// Between two sentences of the greeting lie about 400 ms; a longer silence was made by the sound.
constexpr double noticeable_pause_ms = 700;

struct Kind {
  std::string name;
  std::vector<std::vector<std::int16_t>> sounds = {};
};

std::vector<Kind> noises() {
  std::vector<Kind> kinds;
  for (const auto sound : {simulator::Sound::cough, simulator::Sound::throat, simulator::Sound::slam,
                           simulator::Sound::keys, simulator::Sound::hiss}) {
    Kind kind{std::string(simulator::name_of(sound))};
    for (std::uint32_t seed = 1; seed <= sounds_a_call; ++seed) kind.sounds.push_back(make_sound(sound, seed));
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

// The longest silence of the agent that began while the sound lasted or in the second after it.
double pause_after(const simulator::Spoken& sound, const std::vector<audio::VoicedSpan>& agent) {
  constexpr std::int64_t per_ms = 8;
  double longest = 0;
  for (std::size_t i = 0; i + 1 < agent.size(); ++i) {
    if (agent[i].end < sound.begin || agent[i].end > sound.end + 1'000 * per_ms) continue;
    longest = std::max(longest, static_cast<double>(agent[i + 1].begin - agent[i].end) / per_ms);
  }
  return longest;
}

// What the agent said, line by line, as the call's record has it.
std::vector<std::string> agent_lines(const json::Object& record) {
  std::vector<std::string> out;
  const auto* lines = record.if_contains("transcript_object");
  if (lines == nullptr || !lines->is_array()) return out;
  for (const auto& line : lines->get_array()) {
    if (line.at("role") == "agent") out.emplace_back(line.at("content").as_string());
  }
  return out;
}

struct Tally {
  std::vector<double> cuts;
  int missed = 0;
  std::vector<double> pauses;
  std::map<std::string, std::pair<int, int>> harmless;  // kind → cancelled, of how many
};

ConversationOrder order_for(const BenchServer& bench, const std::string& agent) {
  ConversationOrder order;
  order.server = bench.url;
  order.api_key = bench.key;
  order.agent_id = agent;
  return order;
}

core::Result<> interrupt(const BenchServer& bench, const std::string& agent, std::size_t number, Tally& tally) {
  const auto* words = interruptions[number % interruptions.size()];
  auto samples = speak(words, voices[number / interruptions.size() % voices.size()]);
  if (!samples) return tl::unexpected(samples.error());
  auto order = order_for(bench, agent);
  // At another place of the greeting each time.
  const auto when = 900ms + std::chrono::milliseconds(number * 137 % 1'100);
  order.script.push_back({When::while_agent_speaks, when, simulator::Say{std::move(*samples)}, words});
  order.script.push_back({When::at_once, 600ms, simulator::HangUp{}, ""});
  const auto held = hold_conversation(order);
  if (!held) return tl::unexpected(held.error());
  for (const auto& barge : held->report.barge_ins) {
    if (barge.cut_ms >= 0)
      tally.cuts.push_back(barge.cut_ms);
    else
      ++tally.missed;
  }
  return {};
}

// A word of consent into the greeting, which goes on for three seconds more before the caller hangs up.
core::Result<> murmur(const BenchServer& bench, const std::string& agent, std::size_t number, Tally& tally) {
  auto samples = speak(murmurs[number], voices[number % voices.size()]);
  if (!samples) return tl::unexpected(samples.error());
  auto order = order_for(bench, agent);
  order.script.push_back({When::while_agent_speaks, 1'500ms, simulator::Say{std::move(*samples)}, murmurs[number]});
  order.script.push_back({When::at_once, 3'000ms, simulator::HangUp{}, ""});
  const auto held = hold_conversation(order);
  if (!held) return tl::unexpected(held.error());
  const auto agent_spans = audio::audible_spans(held->report.channels.agent, audio::narrowband);
  auto& [cancelled, made] = tally.harmless["back_channel"];
  ++made;
  constexpr std::size_t last_second = audio::narrowband;
  const auto length = held->report.channels.agent.size();
  const bool goes_on = !agent_spans.empty() && length > last_second &&
                       agent_spans.back().end > static_cast<std::int64_t>(length - last_second);
  if (!goes_on || agent_lines(held->record).size() != 1) {
    ++cancelled;
  } else if (const auto pause = pause_after(held->report.spoken.front(), agent_spans); pause >= noticeable_pause_ms) {
    tally.pauses.push_back(pause);
  }
  return {};
}

// Several noises of a kind into one greeting.
core::Result<> disturb(const BenchServer& bench, const std::string& agent, const Kind& kind, Tally& tally) {
  auto order = order_for(bench, agent);
  for (const auto& sound : kind.sounds) {
    order.script.push_back({When::while_agent_speaks, 2'000ms, simulator::Say{sound}, kind.name});
  }
  order.script.push_back({When::after_agent, 1'000ms, simulator::HangUp{}, ""});
  const auto held = hold_conversation(order);
  if (!held) return tl::unexpected(held.error());
  const auto agent_spans = audio::audible_spans(held->report.channels.agent, audio::narrowband);
  auto& [cancelled, made] = tally.harmless[kind.name];
  const auto lines = agent_lines(held->record);
  const bool whole = !lines.empty() && lines.front().find(last_word) != std::string::npos;
  if (!whole) ++cancelled;
  for (const auto& sound : held->report.spoken) {
    ++made;
    const auto pause = pause_after(sound, agent_spans);
    if (pause < noticeable_pause_ms) continue;
    if (!whole) break;  // what follows fell on another turn
    tally.pauses.push_back(pause);
  }
  return {};
}

}  // namespace

core::Result<Figures> bench_barge_in(const config::Config& config) {
  const auto bench = start_bench_server(config);
  if (!bench) return tl::unexpected(bench.error());
  const auto agent =
      make_agent(bench->url, bench->key, json::Object{{"begin_message", greeting}, {"start_speaker", "agent"}},
                 json::Object{{"voice_id", "local-joe"}, {"language", "en-US"}});
  if (!agent) return tl::unexpected(agent.error());

  Tally tally;
  for (std::size_t i = 0; i < interruptions.size() * voices.size(); ++i) {
    if (auto done = interrupt(*bench, *agent, i, tally); !done) return tl::unexpected(done.error());
  }
  for (std::size_t i = 0; i < murmurs.size(); ++i) {
    if (auto done = murmur(*bench, *agent, i, tally); !done) return tl::unexpected(done.error());
  }
  for (const auto& kind : noises()) {
    if (auto done = disturb(*bench, *agent, kind, tally); !done) return tl::unexpected(done.error());
  }

  int cancelled = 0;
  int made = 0;
  for (const auto& [kind, count] : tally.harmless) {
    cancelled += count.first;
    made += count.second;
  }
  Figures figures{
      {"barge_in_ms_p50", percentile(tally.cuts, 0.5), "caller's first sample to silence at the far end"},
      {"barge_in_ms_p95", percentile(tally.cuts, 0.95), ""},
      {"interruptions", static_cast<double>(tally.cuts.size()), "that stopped the agent"},
      {"missed", static_cast<double>(tally.missed), "that did not"},
      {"harmless_sounds", static_cast<double>(made), "back-channels, coughs, noises"},
      {"false_cancels", static_cast<double>(cancelled), "of them ended the agent's turn"},
      {"false_pauses", static_cast<double>(tally.pauses.size()), "of them held it up"},
      {"false_pause_ms_p50", percentile(tally.pauses, 0.5), "for so long, the sentence's own pause included"}};
  for (const auto& [kind, count] : tally.harmless) {
    figures.push_back({"false_cancels_" + kind, static_cast<double>(count.first), fmt::format("of {}", count.second)});
  }
  return figures;
}

}  // namespace retell::app
