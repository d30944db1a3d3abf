#include "audio/voiced.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "audio/frame.hpp"
#include "audio/vad/silero.hpp"

namespace retell::audio {
namespace {

constexpr float speech_probability = 0.5F;
constexpr int vad_late_ms = 96;    // how far before the network's first window its onset is looked for
constexpr int background_of = 10;  // the quietest tenth of the blocks
// A louder one is no background: somebody speaks nearly all the time. Rooms and streets on a telephone are below it.
constexpr float loudest_background_dbfs = -40.0F;

std::vector<float> block_levels(std::span<const std::int16_t> channel, std::size_t block) {
  std::vector<float> levels;
  levels.reserve(channel.size() / block);
  for (std::size_t i = 0; i + block <= channel.size(); i += block) levels.push_back(dbfs(channel.subspan(i, block)));
  return levels;
}

float audible_level(std::vector<float> levels, const VoicedOptions& options) {
  if (levels.empty()) return options.floor_dbfs;
  const auto tenth = levels.begin() + static_cast<std::ptrdiff_t>(levels.size() / background_of);
  std::ranges::nth_element(levels, tenth);
  return std::max(options.floor_dbfs, std::min(*tenth, loudest_background_dbfs) + options.above_background_db);
}

std::vector<VoicedSpan> joined(const std::vector<VoicedSpan>& spans, std::int64_t gap) {
  std::vector<VoicedSpan> out;
  for (const VoicedSpan& span : spans) {
    if (!out.empty() && span.begin - out.back().end < gap) {
      out.back().end = std::max(out.back().end, span.end);
    } else {
      out.push_back(span);
    }
  }
  return out;
}

std::vector<VoicedSpan> network_spans(std::span<const std::int16_t> channel, int sample_rate) {
  SileroVad vad(sample_rate);
  std::vector<VoicedSpan> spans;
  const std::size_t window = vad.window();
  for (std::size_t i = 0; i + window <= channel.size(); i += window) {
    if (vad.process(channel.subspan(i, window)) < speech_probability) continue;
    const auto begin = static_cast<std::int64_t>(i);
    const auto end = begin + static_cast<std::int64_t>(window);
    if (!spans.empty() && spans.back().end == begin) {
      spans.back().end = end;
    } else {
      spans.push_back({begin, end});
    }
  }
  return spans;
}

}  // namespace

std::vector<VoicedSpan> voiced_spans(std::span<const std::int16_t> channel, int sample_rate,
                                     const VoicedOptions& options) {
  const std::int64_t block = sample_rate / 100;
  const auto levels = block_levels(channel, static_cast<std::size_t>(block));
  const float audible = audible_level(levels, options);
  const auto is_audible = [&](std::int64_t b) { return levels[static_cast<std::size_t>(b)] >= audible; };

  std::vector<VoicedSpan> spans;
  std::int64_t free_from = 0;  // blocks before this belong to the span before
  for (const VoicedSpan& heard : network_spans(channel, sample_rate)) {
    std::int64_t first = std::max(free_from, (heard.begin - vad_late_ms * sample_rate / 1000) / block);
    std::int64_t last = std::min(heard.end / block, static_cast<std::int64_t>(levels.size()) - 1);
    while (first <= last && !is_audible(first)) ++first;
    while (last >= first && !is_audible(last)) --last;
    if (first > last) continue;
    free_from = last + 1;
    spans.push_back({first * block, (last + 1) * block});
  }
  return joined(spans, std::int64_t{options.join_ms} * sample_rate / 1000);
}

std::vector<VoicedSpan> audible_spans(std::span<const std::int16_t> channel, int sample_rate,
                                      const VoicedOptions& options) {
  const std::int64_t block = sample_rate / 1000;
  const auto levels = block_levels(channel, static_cast<std::size_t>(block));
  const float audible = audible_level(levels, options);
  std::vector<VoicedSpan> spans;
  for (std::size_t b = 0; b < levels.size(); ++b) {
    if (levels[b] < audible) continue;
    const auto begin = static_cast<std::int64_t>(b) * block;
    if (!spans.empty() && spans.back().end == begin) {
      spans.back().end = begin + block;
    } else {
      spans.push_back({begin, begin + block});
    }
  }
  return joined(spans, std::int64_t{options.join_ms} * sample_rate / 1000);
}

std::vector<Response> responses(std::span<const VoicedSpan> caller, std::span<const VoicedSpan> agent) {
  std::vector<Response> out;
  std::optional<std::size_t> answered;  // the caller's span that has its response
  for (const VoicedSpan& speech : agent) {
    const auto after = std::ranges::upper_bound(caller, speech.begin, {}, &VoicedSpan::begin);
    if (after == caller.begin()) continue;
    const auto index = static_cast<std::size_t>(after - caller.begin()) - 1;
    if (caller[index].end > speech.begin || answered == index) continue;
    answered = index;
    out.push_back({caller[index].end, speech.begin});
  }
  return out;
}

}  // namespace retell::audio
