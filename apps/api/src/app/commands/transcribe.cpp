#include "app/commands/transcribe.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <memory>

#include "app/commands/common.hpp"
#include "audio/frame.hpp"
#include "audio/resampler.hpp"
#include "audio/vad/vad_stream.hpp"
#include "audio/wav.hpp"
#ifdef RETELL_LOCAL_MODELS
#include "providers/local/local_inference.hpp"
#include "providers/local/transcriber.hpp"
#include "providers/local/transcript_text.hpp"
#endif

namespace retell::app {
namespace {

constexpr int rate = audio::wideband;
constexpr std::size_t edge = rate / 5;          // kept around a stretch: the soft ends of words
constexpr std::size_t joined_below = rate / 2;  // of silence
constexpr std::size_t longest = std::size_t{28} * rate;

struct Line {
  double at_s = 0;
  std::string speaker;  // empty in a file of one channel
  std::string text;
};

#ifdef RETELL_LOCAL_MODELS
core::Result<std::string> decode(providers::local::Transcriber& engine, std::span<const std::int16_t> samples,
                                 const std::string& language) {
  providers::local::TranscriptionJob job;
  job.samples.reserve(samples.size());
  constexpr float full_scale = 32'768;
  for (const std::int16_t sample : samples) job.samples.push_back(static_cast<float>(sample) / full_scale);
  job.language = language;
  job.abandon = std::make_shared<std::atomic<bool>>(false);
  std::promise<core::Result<std::string>> answer;
  job.done = [&answer](core::Result<std::string> text) { answer.set_value(std::move(text)); };
  if (!engine.submit(std::move(job), providers::local::Priority::in_passing)) {
    return core::fail(core::ErrorCode::unavailable, "the transcriber takes no work");
  }
  return answer.get_future().get();
}

core::Result<std::vector<Line>> hear(const config::Config& config, const TranscribeOptions& options) {
  const auto wav = audio::read_wav(options.file);
  if (!wav) return core::fail(wav.error().code, options.file + ": " + wav.error().message, "FILE");
  const auto language = providers::local::language_code(options.language);
  providers::local::LocalOptions local;
  local.cache = models_dir(config);
  local.stt_model = config.models.stt;
  providers::local::LocalInference inference(std::move(local));
  providers::SttOptions stt;
  stt.language = options.language;
  const auto engine = inference.transcriber("whisper", stt);
  if (!engine) return tl::unexpected(engine.error());
  std::vector<Line> lines;
  for (int channel = 0; channel < wav->channels; ++channel) {
    const auto samples = audio::resampled(wav->channel(channel), wav->sample_rate, rate);
    if (!samples) return tl::unexpected(samples.error());
    for (const auto& [from, to] : spoken_spans(*samples)) {
      auto text = decode(**engine, std::span(*samples).subspan(from, to - from), language);
      if (!text) return tl::unexpected(text.error());
      if (text->empty()) continue;
      const auto* speaker = wav->channels == 1 ? "" : channel == 0 ? "user" : "agent";
      lines.push_back({static_cast<double>(from) / rate, speaker, std::move(*text)});
    }
  }
  std::ranges::sort(lines, {}, &Line::at_s);
  return lines;
}
#else
core::Result<std::vector<Line>> hear(const config::Config&, const TranscribeOptions&) {
  return core::fail(core::ErrorCode::unavailable, "this build has no local models");
}
#endif

}  // namespace

std::vector<SpokenSpan> spoken_spans(std::span<const std::int16_t> samples) {
  std::vector<SpokenSpan> spans;
  audio::VadStream vad(rate);
  constexpr std::size_t frame = audio::frame_samples(rate);
  const auto add = [&](std::size_t from, std::size_t to) {
    from = from > edge ? from - edge : 0;
    to = std::min(to + edge, samples.size());
    if (!spans.empty() && from < spans.back().to + joined_below && to - spans.back().from <= longest) {
      spans.back().to = to;
      return;
    }
    if (!spans.empty()) from = std::max(from, spans.back().to);
    for (; from + longest < to; from += longest) spans.push_back({from, from + longest});
    spans.push_back({from, to});
  };
  std::size_t began = 0;
  for (std::size_t at = 0; at + frame <= samples.size(); at += frame) {
    const auto update = vad.push(audio::AudioFrame(rate, samples.subspan(at, frame)));
    if (!update.edge) continue;
    const auto where = static_cast<std::size_t>(std::max<std::int64_t>(0, update.edge->at));
    if (update.edge->kind == audio::VadEdge::Kind::speech_started) {
      began = where;
    } else {
      add(began, where);
    }
  }
  if (vad.speaking()) add(began, samples.size());
  return spans;
}

int transcribe(const config::Config& config, const TranscribeOptions& options) {
  const auto lines = hear(config, options);
  if (!lines) return tell(lines.error());
  boost::json::array rows;
  for (const auto& line : *lines) {
    if (options.json) {
      boost::json::object row{{"at_s", line.at_s}, {"text", line.text}};
      if (!line.speaker.empty()) row["speaker"] = line.speaker;
      rows.push_back(std::move(row));
      continue;
    }
    const int minutes = static_cast<int>(line.at_s) / 60;
    fmt::print("{:>3}:{:04.1f}  {}{}{}\n", minutes, line.at_s - 60.0 * minutes, line.speaker,
               line.speaker.empty() ? "" : ": ", line.text);
  }
  if (options.json) fmt::print("{}\n", boost::json::serialize(rows));
  return 0;
}

}  // namespace retell::app
