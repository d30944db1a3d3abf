#include "providers/local/whisper_engine.hpp"

#include <fmt/format.h>
#include <whisper.h>

#include <algorithm>
#include <cmath>

#include "providers/local/cpu.hpp"
#include "providers/local/transcript_text.hpp"
#include "providers/local/whisper_guard.hpp"

namespace retell::providers::local {
namespace {

constexpr int sample_rate = WHISPER_SAMPLE_RATE;
constexpr int frames_per_second = 50;  // of the encoder
constexpr int full_context = 1500;     // encoder frames of the 30 s it was trained on
// The encoder's cost grows with its window, so it is cut to the utterance and this much silence (in frames). Without
// room after the last word the decoder does not see the end and says the sentence again and again: of 12 sentences
// through a telephone it did so with 6 at 0 frames, with 1 at 20, with none at 40.
constexpr int context_margin = 40;
constexpr int least_context = 128;
// Nobody says more than about seven tokens a second; a decoder that runs wild is stopped there.
constexpr double tokens_per_second = 8;
constexpr int token_allowance = 8;          // the times before and after, a full stop, a short word in many pieces
constexpr float silent_probability = 0.6F;  // OpenAI's own thresholds for "nothing was said"
constexpr float doubtful_logprob = -1.0F;

bool is_abandoned(void* data) { return static_cast<std::atomic<bool>*>(data)->load(std::memory_order_relaxed); }

void to_log(ggml_log_level level, const char* text, void* data) {
  if (level != GGML_LOG_LEVEL_ERROR) return;  // abandoned decodes are among these, so they are nothing to warn of
  std::string_view line(text);
  while (line.ends_with('\n')) line.remove_suffix(1);
  static_cast<const core::Logger*>(data)->debug("whisper: {}", line);
}

// whisper.cpp keeps one log receiver for the process.
const core::Logger& route_log() {
  static const core::Logger logger;
  whisper_log_set(to_log, const_cast<core::Logger*>(&logger));
  return logger;
}

float mean_logprob(whisper_context* context, whisper_state* state, int segment) {
  double sum = 0;
  int count = 0;
  const int tokens = whisper_full_n_tokens_from_state(state, segment);
  for (int i = 0; i < tokens; ++i) {
    const auto token = whisper_full_get_token_data_from_state(state, segment, i);
    if (token.id >= whisper_token_eot(context)) continue;
    sum += static_cast<double>(token.plog);
    ++count;
  }
  return count == 0 ? 0.0F : static_cast<float>(sum / count);
}

}  // namespace

void WhisperEngine::ContextDeleter::operator()(whisper_context* context) const { whisper_free(context); }
void WhisperEngine::StateDeleter::operator()(whisper_state* state) const { whisper_free_state(state); }

WhisperEngine::WhisperEngine(Options options)
    : options_(std::move(options)), states_(options_.threads), threads_("whisper", options_.threads, options_.queue) {}

WhisperEngine::~WhisperEngine() { threads_.stop(); }

core::Result<> WhisperEngine::load() {
  std::call_once(loading_, [this] {
    loaded_ = check_cpu();
    if (!loaded_) return;
    (void)route_log();
    auto parameters = whisper_context_default_params();
    parameters.use_gpu = false;
    parameters.flash_attn = true;
    context_.reset(whisper_init_from_file_with_params_no_state(options_.model.c_str(), parameters));
    if (!context_) {
      loaded_ = core::fail(core::ErrorCode::unavailable, fmt::format("cannot load {}", options_.model.string()));
    }
  });
  return loaded_;
}

bool WhisperEngine::submit(TranscriptionJob job, Priority priority) {
  return threads_.submit(
      [this, job = std::move(job)](std::size_t thread) {
        auto result = decode(thread, job);
        job.done(std::move(result));
      },
      priority);
}

core::Result<std::string> WhisperEngine::decode(std::size_t thread, const TranscriptionJob& job) {
  if (job.abandon->load()) return core::fail(core::ErrorCode::cancelled, "not wanted any more");
  if (auto ready = load(); !ready) return tl::unexpected(ready.error());
  auto& state = states_[thread];
  if (!state) state.reset(whisper_init_state(context_.get()));
  if (!state) return core::fail(core::ErrorCode::unavailable, "no memory for a decoding state");

  const double seconds = static_cast<double>(job.samples.size()) / sample_rate;
  auto parameters = whisper_full_default_params(WHISPER_SAMPLING_GREEDY);
  parameters.n_threads = options_.threads_per_decode;
  parameters.print_progress = false;
  parameters.print_realtime = false;
  parameters.print_timestamps = false;
  // The times are thrown away, but it is by predicting one that the model ends a sentence. Asked for words alone, in a
  // window cut short, it said 21 of 69 sentences again and again until it had used up its tokens; with times, 4.
  parameters.no_timestamps = false;
  parameters.single_segment = true;
  parameters.no_context = true;
  parameters.suppress_blank = true;
  parameters.suppress_nst = true;
  parameters.temperature_inc = 0;  // no second and third try: the caller waits
  parameters.greedy.best_of = 1;
  const double voice = job.voice_s > 0 ? job.voice_s : seconds;
  parameters.max_tokens = token_allowance + static_cast<int>(std::lround(voice * tokens_per_second));
  const int wanted = static_cast<int>(std::ceil(seconds * frames_per_second)) + context_margin;
  parameters.audio_ctx = std::clamp((wanted + 63) / 64 * 64, least_context, full_context);  // flash attention's blocks
  parameters.language = job.language.empty() ? "auto" : job.language.c_str();
  if (whisper_is_multilingual(context_.get()) == 0) parameters.language = "en";
  if (!job.prompt.empty()) parameters.initial_prompt = job.prompt.c_str();
  WhisperGuard guard(context_.get());
  parameters.logits_filter_callback = WhisperGuard::filter;
  parameters.logits_filter_callback_user_data = &guard;
  parameters.abort_callback = is_abandoned;
  parameters.abort_callback_user_data = job.abandon.get();

  const int failed = whisper_full_with_state(context_.get(), state.get(), parameters, job.samples.data(),
                                             static_cast<int>(job.samples.size()));
  if (job.abandon->load()) return core::fail(core::ErrorCode::cancelled, "not wanted any more");
  if (failed != 0) return core::fail(core::ErrorCode::internal, fmt::format("whisper returned {}", failed));
  std::string text;
  for (int i = 0; i < whisper_full_n_segments_from_state(state.get()); ++i) {
    const bool nothing_said = whisper_full_get_segment_no_speech_prob_from_state(state.get(), i) > silent_probability &&
                              mean_logprob(context_.get(), state.get(), i) < doubtful_logprob;
    if (!nothing_said) text += whisper_full_get_segment_text_from_state(state.get(), i);
  }
  const auto said = without_sound_marks(text);
  auto once = without_repetition(said);
  if (guard.fired() || once != said) ++repetitions_;
  return once;
}

}  // namespace retell::providers::local
