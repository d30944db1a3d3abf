#include "engine/latency.hpp"

#include <algorithm>
#include <cmath>

#include "audio/voiced.hpp"
#include "audio/wav.hpp"

namespace retell::engine {
namespace {

// The recording is looked at in pieces of this length, so that an hour of it does not stand in memory.
constexpr std::size_t piece_s = 60;
// How far the clock's view of a turn's first frame and the recording's first audible sample may lie apart: a soft
// onset, a trimmed silence.
constexpr double match_ms = 400;

double between(const std::optional<core::TimePoint>& from, const std::optional<core::TimePoint>& to) {
  if (!from || !to) return -1;
  return std::max(0.0, std::chrono::duration<double, std::milli>(*to - *from).count());
}

// Spans of one piece behind those of the pieces before it.
void append(std::vector<audio::VoicedSpan>& all, const std::vector<audio::VoicedSpan>& more, std::int64_t offset,
            int rate) {
  const auto gap = std::int64_t{audio::VoicedOptions{}.join_ms} * rate / 1000;
  for (auto span : more) {
    span.begin += offset;
    span.end += offset;
    if (!all.empty() && span.begin - all.back().end < gap) {
      all.back().end = span.end;
    } else {
      all.push_back(span);
    }
  }
}

}  // namespace

TurnLatency to_latency(const turn::TurnTimed& timed) {
  TurnLatency out;
  out.turn = timed.turn;
  out.heard_ms = between(timed.speech_ended, timed.audible);
  // Each part begins where the one before has ended; what was there already, by a good guess, cost the caller nothing.
  auto reached = timed.speech_ended;
  const auto part = [&reached](const std::optional<core::TimePoint>& end) {
    const double ms = between(reached, end);
    if (ms > 0) reached = end;
    return ms;
  };
  out.transcript_ms =
      part(timed.transcript && timed.decided ? std::min(timed.transcript, timed.decided) : std::nullopt);
  out.end_of_turn_ms = part(timed.decided);
  if (!reached) reached = timed.decided;
  out.model_first_token_ms = part(timed.first_token);
  out.first_clause_ms = part(timed.first_clause);
  out.synthesis_first_byte_ms = part(timed.first_audio);
  out.transport_ms = part(timed.audible);
  return out;
}

void correct(TurnLatency& latency, double heard_ms) {
  const double difference = heard_ms - latency.heard_ms;
  if (latency.heard_ms >= 0 && latency.transport_ms >= 0) {
    // A soft onset may be taken for a little earlier than the frame that was sent: then the parts before it give.
    double rest = latency.transport_ms + difference;
    latency.transport_ms = std::max(0.0, rest);
    for (auto* part : {&latency.synthesis_first_byte_ms, &latency.first_clause_ms, &latency.model_first_token_ms,
                       &latency.end_of_turn_ms, &latency.transcript_ms}) {
      if (rest >= 0) break;
      rest += std::max(0.0, *part);
      if (*part >= 0) *part = std::max(0.0, rest);
    }
  }
  latency.heard_ms = heard_ms;
}

core::Result<std::vector<HeardLatency>> measure_recording(const std::string& path,
                                                          const std::vector<AudibleTurn>& turns) {
  auto file = audio::WavReader::open(path);
  if (!file) return tl::unexpected(file.error());
  if (file->channels() != 2) return core::fail(core::ErrorCode::invalid, "expected two channels", path);
  const auto rate = file->sample_rate();
  std::vector<audio::VoicedSpan> caller;
  std::vector<audio::VoicedSpan> agent;
  const auto length = piece_s * static_cast<std::size_t>(rate);
  for (std::uint64_t at = 0; at < file->frames(); at += length) {
    const auto piece = file->read(at, length);
    if (!piece) return tl::unexpected(piece.error());
    const auto offset = static_cast<std::int64_t>(at);
    append(caller, audio::voiced_spans(piece->channel(0), rate), offset, rate);
    append(agent, audio::audible_spans(piece->channel(1), rate), offset, rate);
  }
  const auto pairs = audio::responses(caller, agent);
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
