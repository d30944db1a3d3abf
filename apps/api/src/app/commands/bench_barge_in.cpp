// Interruptions, and what must not interrupt: an agent with a long greeting; callers who speak, cough or murmur into
// it. Every judgement rests on two witnesses: the far end's two-channel recording says when the agent was silent, the
// call's record says which of its words were heard, and so where the greeting ended.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <optional>

#include "app/commands/bench_figures.hpp"
#include "app/commands/bench_server.hpp"
#include "app/commands/conversation.hpp"
#include "app/commands/speech.hpp"
#include "audio/voiced.hpp"
#include "simulator/sounds.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;
using simulator::Sound;
using simulator::When;

// About 25 s. No answer of a language model: its length would make every run another one. The last word, which stands
// nowhere else in it, tells whether it was heard to its end.
constexpr auto greeting =
    "Thank you for calling the river hotel, where every single room looks over the water and the old stone bridge. "
    "Breakfast is served from seven to eleven in the garden house, and the swimming pool is open until ten at night. "
    "Guests who arrive by train are met at the station by our driver, who waits beside the clock with a blue umbrella. "
    "Dogs are welcome on the ground floor, and bicycles can be borrowed at the front desk without any extra charge. "
    "In winter we light the fire in the library, and there is music on holidays.";
constexpr std::string_view last_word = "holidays";

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
constexpr std::array murmurs{"Uh huh.", "Yeah.", "Okay.", "Right.", "I see."};
constexpr std::array noises{Sound::hum,  Sound::cough, Sound::throat, Sound::cough,
                            Sound::keys, Sound::slam,  Sound::rustle};
constexpr std::uint32_t rounds_of_noises = 3;
constexpr std::size_t sounds_a_call = 7;
// Between two sentences of the greeting lie about 400 ms; a longer silence was made by the caller's sound.
constexpr double noticeable_pause_ms = 700;
// A turn that is heard so long after the caller's first word was not interrupted by it.
constexpr double spoken_on_s = 1.5;
constexpr std::size_t most_calls = 60;  // every one of them tells something, so that fewer are needed

struct Harmless {
  std::string kind;
  std::vector<std::int16_t> samples;
};

core::Result<std::deque<Harmless>> harmless_sounds() {
  std::deque<Harmless> sounds;
  for (const auto* voice : voices) {
    for (const auto* murmur : murmurs) {
      auto samples = speak(murmur, voice);
      if (!samples) return tl::unexpected(samples.error());
      sounds.push_back({"back_channel", std::move(*samples)});
    }
  }
  for (std::uint32_t seed = 1; seed <= rounds_of_noises; ++seed) {
    for (std::size_t i = 0; i < noises.size(); ++i) {
      sounds.push_back({std::string(simulator::name_of(noises[i])),
                        simulator::make_sound(noises[i], seed * 100 + static_cast<std::uint32_t>(i))});
    }
    if (seed < rounds_of_noises) sounds.push_back({"street", simulator::make_sound(Sound::street, seed)});
  }
  return sounds;
}

// Seconds of the call at which the last word of the greeting that was heard ended; nothing when all of it was heard.
std::optional<double> greeting_cut_at(const json::Object& record) {
  const auto* lines = record.if_contains("transcript_object");
  if (lines == nullptr || !lines->is_array()) return 0;
  for (const auto& line : lines->get_array()) {
    if (line.at("role") != "agent") continue;
    const auto& words = line.at("words").as_array();
    if (words.empty()) return 0;
    if (std::string_view(words.back().at("word").as_string()).starts_with(last_word)) return std::nullopt;
    return words.back().at("end").to_number<double>();
  }
  return 0;
}

// What the transcriber made of the caller's sounds.
std::string caller_words(const json::Object& record) {
  const auto* lines = record.if_contains("transcript_object");
  std::string words;
  if (lines == nullptr || !lines->is_array()) return words;
  for (const auto& line : lines->get_array()) {
    if (line.at("role") != "user") continue;
    if (!words.empty()) words += " / ";
    words += std::string_view(line.at("content").as_string());
  }
  return words;
}

// The longest silence of the agent that began while the sound lasted or in the second after it.
double pause_after(const simulator::Spoken& sound, const std::vector<audio::VoicedSpan>& agent) {
  constexpr auto per_ms = static_cast<std::int64_t>(simulator::samples_per_ms);
  double longest = 0;
  for (std::size_t i = 0; i + 1 < agent.size(); ++i) {
    if (agent[i].end < sound.begin || agent[i].end > sound.end + 1'000 * per_ms) continue;
    longest = std::max(longest, static_cast<double>(agent[i + 1].begin - agent[i].end) / per_ms);
  }
  return longest;
}

double seconds_of(std::int64_t samples) { return static_cast<double>(samples) / simulator::line_rate; }

class BargeInBench {
 public:
  BargeInBench(const BenchServer& server, std::string agent) : server_(server), agent_(std::move(agent)) {}

  core::Result<> interrupt(const char* words, const char* voice, std::chrono::milliseconds into);
  // One call with as many of the first sounds as fit into the greeting; those that were heard over it are taken off.
  core::Result<> disturb(std::deque<Harmless>& sounds);
  [[nodiscard]] Figures figures() const;

 private:
  struct Count {
    int made = 0;
    int cancelled = 0;
    std::vector<std::string> heard_as;  // the caller's words in the records of calls that it cancelled
  };
  [[nodiscard]] ConversationOrder order() const {
    ConversationOrder order;
    order.server = server_.url;
    order.api_key = server_.key;
    order.agent_id = agent_;
    return order;
  }

  const BenchServer& server_;
  std::string agent_;
  std::vector<double> cuts_;
  int missed_ = 0;
  std::vector<double> pauses_;
  std::map<std::string, Count> harmless_;
};

core::Result<> BargeInBench::interrupt(const char* words, const char* voice, std::chrono::milliseconds into) {
  auto samples = speak(words, voice);
  if (!samples) return tl::unexpected(samples.error());
  auto call = order();
  call.script.push_back({When::at_once, into, simulator::Wait{}, ""});
  call.script.push_back({When::while_agent_speaks, 400ms, simulator::Say{std::move(*samples)}, words});
  // Long enough for an agent that only paused to go on.
  call.script.push_back({When::at_once, 1'200ms, simulator::HangUp{}, ""});
  const auto held = hold_conversation(call);
  if (!held) return tl::unexpected(held.error());
  if (held->report.barge_ins.empty()) {
    return core::fail(core::ErrorCode::internal, fmt::format("the agent was silent when the caller said: {}", words));
  }
  const auto& barge = held->report.barge_ins.front();
  const auto cut_at = greeting_cut_at(held->record);
  const bool heeded = cut_at && *cut_at < seconds_of(held->report.spoken.front().begin) + spoken_on_s;
  if (barge.cut_ms >= 0 && !barge.resumed && heeded)
    cuts_.push_back(barge.cut_ms);
  else
    ++missed_;
  return {};
}

core::Result<> BargeInBench::disturb(std::deque<Harmless>& sounds) {
  auto call = order();
  const auto count = std::min(sounds.size(), sounds_a_call);
  for (std::size_t i = 0; i < count; ++i) {
    call.script.push_back({When::while_agent_speaks, 1'500ms, simulator::Say{sounds[i].samples}, sounds[i].kind});
  }
  // An agent that is only held up goes on within two seconds.
  call.script.push_back({When::after_agent, 1'700ms, simulator::HangUp{}, ""});
  call.patience = 3s;
  call.leave_when_cut = true;  // whatever the agent says then is of no interest
  const auto held = hold_conversation(call);
  if (!held) return tl::unexpected(held.error());

  const auto agent = audio::audible_spans(held->report.channels.agent, simulator::line_rate);
  const auto& spoken = held->report.spoken;
  const auto cut_at = greeting_cut_at(held->record);
  // The agent falls silent within half a second of what makes it so: the last sound that began before then.
  std::size_t heard = 0;
  for (; heard < spoken.size() && spoken[heard].interruption; ++heard) {
    if (cut_at && seconds_of(spoken[heard].begin) > *cut_at + 0.5) break;
  }
  if (heard == 0) return core::fail(core::ErrorCode::internal, "the greeting ended without any sound of the caller's");
  for (std::size_t i = 0; i < heard; ++i) {
    auto& tally = harmless_[sounds.front().kind];
    sounds.pop_front();
    ++tally.made;
    if (cut_at && i + 1 == heard) {
      ++tally.cancelled;
      tally.heard_as.push_back(fmt::format("\"{}\"", caller_words(held->record)));
    } else if (const auto pause = pause_after(spoken[i], agent); pause >= noticeable_pause_ms) {
      pauses_.push_back(pause);
    }
  }
  return {};
}

Figures BargeInBench::figures() const {
  Count all;
  for (const auto& [kind, count] : harmless_) {
    all.made += count.made;
    all.cancelled += count.cancelled;
  }
  Figures out{{"barge_in_ms_p50", percentile(cuts_, 0.5), "caller's first sample to silence at the far end"},
              {"barge_in_ms_p95", percentile(cuts_, 0.95), ""},
              {"interruptions", static_cast<double>(cuts_.size()) + missed_, "sentences spoken into the agent's"},
              {"missed", static_cast<double>(missed_), "of them did not end its turn"},
              {"harmless_sounds", static_cast<double>(all.made), "back-channels, coughs, noises"},
              {"false_cancels", static_cast<double>(all.cancelled), "of them ended the agent's turn"},
              {"false_pauses", static_cast<double>(pauses_.size()), "of them held it up, after which it went on"},
              {"false_pause_ms_p50", percentile(pauses_, 0.5), "for so long"},
              {"false_pause_ms_max", percentile(pauses_, 1), ""}};
  for (const auto& [kind, count] : harmless_) {
    auto note = fmt::format("of {}", count.made);
    if (!count.heard_as.empty()) note += fmt::format(", heard as {}", fmt::join(count.heard_as, ", "));
    out.push_back({"false_cancels_" + kind, static_cast<double>(count.cancelled), note});
  }
  return out;
}

}  // namespace

core::Result<Figures> bench_barge_in(const config::Config& config) {
  auto server = start_bench_server(config);
  if (!server) return tl::unexpected(server.error());
  auto agent =
      make_agent(server->url, server->key, json::Object{{"begin_message", greeting}, {"start_speaker", "agent"}},
                 json::Object{{"voice_id", "local-joe"}, {"language", "en-US"}});
  if (!agent) return tl::unexpected(agent.error());
  auto sounds = harmless_sounds();
  if (!sounds) return tl::unexpected(sounds.error());

  BargeInBench bench(*server, std::move(*agent));
  int number = 0;
  for (const auto* voice : voices) {
    for (const auto* words : interruptions) {
      // Early and late in the greeting, at its words' beginnings, middles and ends.
      const auto into = std::chrono::milliseconds(300 + number++ * 137 % 3'000);
      if (auto done = bench.interrupt(words, voice, into); !done) return tl::unexpected(done.error());
    }
  }
  for (std::size_t calls = 0; !sounds->empty() && calls < most_calls; ++calls) {
    if (auto done = bench.disturb(*sounds); !done) return tl::unexpected(done.error());
  }
  return bench.figures();
}

}  // namespace retell::app
