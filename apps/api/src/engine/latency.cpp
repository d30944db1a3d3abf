#include "engine/latency.hpp"

#include <algorithm>
#include <cmath>

#include "audio/voiced.hpp"
#include "audio/wav.hpp"

namespace retell::engine {
namespace {

// How far the clock's view of a turn's first frame and the recording's first audible sample may lie apart: a soft
// onset, a trimmed silence.
constexpr double match_ms = 400;

double between(const std::optional<core::TimePoint>& from, const std::optional<core::TimePoint>& to) {
  if (!from || !to) return -1;
  return std::max(0.0, std::chrono::duration<double, std::milli>(*to - *from).count());
}

}  // namespace

TurnLatency to_latency(const turn::TurnTimed& timed) {
  TurnLatency out;
  out.turn = timed.turn;
  out.heard_ms = between(timed.speech_ended, timed.audible);
  out.end_of_turn_ms = between(timed.speech_ended, timed.decided);
  out.transcript_ms = between(timed.decided, timed.transcript);
  // A speculative reply may be there before the turn is decided: then it costs the caller nothing.
  const auto asked = timed.asked && timed.decided ? std::max(*timed.asked, *timed.decided) : timed.asked;
  out.model_first_token_ms = between(asked, timed.first_token);
  const auto token = timed.first_token && asked ? std::max(*timed.first_token, *asked) : timed.first_token;
  out.first_clause_ms = between(token, timed.first_clause);
  out.synthesis_first_byte_ms = between(timed.first_clause, timed.first_audio);
  out.transport_ms = between(timed.first_audio, timed.audible);
  return out;
}

core::Result<std::vector<HeardLatency>> measure_recording(const std::string& path,
                                                          const std::vector<AudibleTurn>& turns) {
  auto wav = audio::read_wav(path);
  if (!wav) return tl::unexpected(wav.error());
  if (wav->channels != 2) return core::fail(core::ErrorCode::invalid, "expected two channels", path);
  const auto rate = wav->sample_rate;
  const auto pairs =
      audio::responses(audio::voiced_spans(wav->channel(0), rate), audio::audible_spans(wav->channel(1), rate));
  std::vector<HeardLatency> out;
  for (const auto& turn : turns) {
    const audio::Response* best = nullptr;
    double best_distance = match_ms;
    for (const auto& pair : pairs) {
      const double at = 1000.0 * static_cast<double>(pair.agent_begin) / rate;
      if (const double distance = std::abs(at - turn.at_ms); distance < best_distance) {
        best = &pair;
        best_distance = distance;
      }
    }
    if (best != nullptr) out.push_back({turn.turn, best->milliseconds(rate)});
  }
  return out;
}

}  // namespace retell::engine
