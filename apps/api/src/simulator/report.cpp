#include "simulator/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>

#include "audio/voiced.hpp"

namespace retell::simulator {
namespace {

double milliseconds_of(std::int64_t samples) { return static_cast<double>(samples) / samples_per_ms; }

// The audible part of what the caller said: files begin and end with silence. Found in the whole channel, since its
// silence is what tells the background.
std::optional<audio::VoicedSpan> audible_part(std::span<const audio::VoicedSpan> channel, const Spoken& spoken) {
  std::optional<audio::VoicedSpan> part;
  for (const auto& span : channel) {
    const auto begin = std::max(span.begin, spoken.begin);
    const auto end = std::min(span.end, spoken.end);
    if (begin >= end) continue;
    part = audio::VoicedSpan{part ? part->begin : begin, end};
  }
  return part;
}

}  // namespace

void measure(Report& report) {
  const auto& spoken = report.spoken;
  const auto agent = audio::audible_spans(report.channels.agent, line_rate);
  const auto caller = audio::audible_spans(report.channels.caller, line_rate);
  for (std::size_t i = 0; i < spoken.size(); ++i) {
    const auto said = audible_part(caller, spoken[i]);
    if (!said) continue;
    const auto next =
        i + 1 < spoken.size() ? spoken[i + 1].begin : static_cast<std::int64_t>(report.channels.agent.size());
    if (spoken[i].interruption) {
      BargeIn barge{spoken[i].label, -1};
      for (const auto& span : agent) {
        if (span.begin > said->begin || span.end <= said->begin) continue;
        // An agent that still spoke when the recording ended never stopped.
        if (span.end + static_cast<std::int64_t>(line_frame) <=
            static_cast<std::int64_t>(report.channels.agent.size())) {
          barge.cut_ms = milliseconds_of(span.end - said->begin);
        }
      }
      report.barge_ins.push_back(barge);
    }
    if (!spoken[i].expects_answer) continue;
    TurnHeard turn{spoken[i].label, -1};
    for (const auto& span : agent) {
      if (span.begin < said->end || span.begin >= next) continue;
      turn.heard_ms = milliseconds_of(span.begin - said->end);
      break;
    }
    report.turns.push_back(turn);
  }
}

bool Verdict::passed() const {
  return std::all_of(checks.begin(), checks.end(), [](const Check& check) { return check.passed; });
}

bool Verdict::failed(const std::string& name) const {
  return std::any_of(checks.begin(), checks.end(),
                     [&](const Check& check) { return check.name == name && !check.passed; });
}

Verdict judge(const Report& report, const Limits& limits) {
  Verdict verdict;
  const auto add = [&](const char* name, bool passed, std::string detail) {
    verdict.checks.push_back({name, passed, std::move(detail)});
  };
  add("connected", report.connected && report.pacing.frames > 0,
      fmt::format("{} frames of the agent, ended by {}", report.pacing.frames, report.ended_by));

  double slowest = 0;
  std::size_t unanswered = 0;
  for (const auto& turn : report.turns) {
    slowest = std::max(slowest, turn.heard_ms);
    if (turn.heard_ms < 0) ++unanswered;
  }
  add("answers", unanswered == 0 && slowest <= limits.max_heard_ms,
      fmt::format("{} turns, {} unanswered, slowest {:.0f} ms (at most {:.0f})", report.turns.size(), unanswered,
                  slowest, limits.max_heard_ms));

  double longest = 0;
  bool cut = true;
  for (const auto& barge : report.barge_ins) {
    longest = std::max(longest, barge.cut_ms);
    cut = cut && barge.cut_ms >= 0;
  }
  add("barge_in", cut && longest <= limits.max_cut_ms,
      fmt::format("{} interruptions, {}slowest silence after {:.0f} ms (at most {:.0f})", report.barge_ins.size(),
                  cut ? "" : "not all heeded, ", longest, limits.max_cut_ms));

  const auto& pacing = report.pacing;
  add("queue", pacing.max_queued_ms <= limits.max_queued_ms,
      fmt::format("at most {:.0f} ms queued ahead (at most {:.0f})", pacing.max_queued_ms, limits.max_queued_ms));
  add("gaps", pacing.gaps <= limits.max_gaps,
      fmt::format("{} gaps inside speech, the worst {:.0f} ms", pacing.gaps, pacing.worst_gap_ms));
  add("drift", pacing.worst_drift <= limits.max_drift,
      fmt::format("pace off by {:.2f} % (at most {:.2f})", 100 * pacing.worst_drift, 100 * limits.max_drift));
  add("messages", report.bad_messages == 0, fmt::format("{} messages not understood", report.bad_messages));
  return verdict;
}

}  // namespace retell::simulator
