#include "providers/local/whisper_engine.hpp"

#include <fmt/format.h>
#include <whisper.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "providers/local/cpu.hpp"
#include "providers/local/transcript_text.hpp"

namespace retell::providers::local {
namespace {

constexpr int sample_rate = WHISPER_SAMPLE_RATE;
constexpr int frames_per_second = 50;  // of the encoder
constexpr int full_context = 1500;     // encoder frames of the 30 s it was trained on
// The encoder's cost grows with its window, so it is cut to the utterance and this much silence (in frames): without
// room after the last word the decoder does not see the end and runs on.
constexpr int context_margin = 40;
constexpr int least_context = 128;
// Nobody says more than about seven tokens a second; a decoder that runs wild is stopped there.
constexpr double tokens_per_second = 8;
constexpr int token_allowance = 12;
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

// With its window cut short, the decoder at times begins the same sentence again instead of ending. Ends the text when
// a sentence starts with the words of one before it, or when the text's own first words come again without a stop.
class LoopGuard {
 public:
  explicit LoopGuard(whisper_context* context) : context_(context) {}
  static void filter(whisper_context* /*context*/, whisper_state* /*state*/, const whisper_token_data* tokens,
                     int count, float* logits, void* self) {
    const auto& guard = *static_cast<const LoopGuard*>(self);
    if (const auto next = guard.stutters(tokens, count)) logits[*next] = -INFINITY;
    if (!guard.loops(tokens, count)) return;
    const int end = whisper_token_eot(guard.context_);
    for (int i = 0; i < whisper_n_vocab(guard.context_); ++i) {
      if (i != end) logits[i] = -INFINITY;
    }
  }

 private:
  // One to three tokens have come three times running ("Sorry sorry sorry"): the token that would begin the next round,
  // which is forbidden. Digits may repeat as they like.
  [[nodiscard]] std::optional<whisper_token> stutters(const whisper_token_data* tokens, int count) const {
    constexpr int rounds = 3;
    for (int unit = 1; unit <= 3; ++unit) {
      if (count < rounds * unit) break;
      const auto* last = tokens + count - unit;
      const auto* before = last - unit;
      if (!same(last, before, unit) || !same(last, before - unit, unit)) continue;
      const std::string_view text = whisper_token_to_str(context_, last->id);
      if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
      return last->id;
    }
    return std::nullopt;
  }
  [[nodiscard]] bool loops(const whisper_token_data* tokens, int count) const {
    constexpr int alike = 4;            // tokens; fewer happen in honest speech
    constexpr int alike_unstopped = 7;  // people do begin a sentence anew
    if (count >= 2 * alike_unstopped && same(tokens, tokens + count - alike_unstopped, alike_unstopped)) return true;
    const int start = count - alike;
    if (start < alike || !ends_sentence(tokens[start - 1].id)) return false;
    for (int earlier = 0; earlier + alike <= start; ++earlier) {
      if (earlier > 0 && !ends_sentence(tokens[earlier - 1].id)) continue;
      if (same(tokens + earlier, tokens + start, alike)) return true;
    }
    return false;
  }
  [[nodiscard]] static bool same(const whisper_token_data* a, const whisper_token_data* b, int count) {
    return std::equal(a, a + count, b, [](const auto& x, const auto& y) { return x.id == y.id; });
  }
  [[nodiscard]] bool ends_sentence(whisper_token token) const {
    const std::string_view text = whisper_token_to_str(context_, token);
    return text.ends_with('.') || text.ends_with('?') || text.ends_with('!');
  }
  whisper_context* context_;
};

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
  parameters.no_timestamps = true;
  parameters.single_segment = true;
  parameters.no_context = true;
  parameters.suppress_blank = true;
  parameters.suppress_nst = true;
  parameters.temperature_inc = 0;  // no second and third try: the caller waits
  parameters.greedy.best_of = 1;
  parameters.max_tokens = token_allowance + static_cast<int>(std::lround(seconds * tokens_per_second));
  const int wanted = static_cast<int>(std::ceil(seconds * frames_per_second)) + context_margin;
  parameters.audio_ctx = std::clamp((wanted + 63) / 64 * 64, least_context, full_context);  // flash attention's blocks
  parameters.language = job.language.empty() ? "auto" : job.language.c_str();
  if (whisper_is_multilingual(context_.get()) == 0) parameters.language = "en";
  if (!job.prompt.empty()) parameters.initial_prompt = job.prompt.c_str();
  LoopGuard guard(context_.get());
  parameters.logits_filter_callback = LoopGuard::filter;
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
  return without_repetition(without_sound_marks(text));
}

}  // namespace retell::providers::local
