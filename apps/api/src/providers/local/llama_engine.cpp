#include "providers/local/llama_engine.hpp"

#include <fmt/format.h>
#include <llama/llama.h>

#include <algorithm>
#include <array>
#include <future>
#include <numeric>

#include "providers/local/cpu.hpp"
#include "providers/local/loop_guard.hpp"

namespace retell::providers::local {
namespace {

constexpr std::size_t conversations = 4;  // kept in one context's memory
constexpr std::size_t batch = 128;        // prompt tokens computed together
constexpr std::uint32_t seed = 20'240'501;

// Of the decoding that runs on this thread: llama.cpp's log receiver is told of no context.
thread_local const std::function<bool()>* asked_to_stop = nullptr;

void to_log(lm_ggml_log_level level, const char* text, void* data) {
  if (level != LM_GGML_LOG_LEVEL_ERROR) return;
  std::string_view line(text);
  while (line.ends_with('\n')) line.remove_suffix(1);
  const auto& log = *static_cast<const core::Logger*>(data);
  // A decoding that we stop ourselves is an error to llama.cpp, and an everyday thing here: a guess was abandoned.
  if (asked_to_stop != nullptr && (*asked_to_stop)())
    log.debug("llama: {}", line);
  else
    log.warn("llama: {}", line);
}

// llama.cpp keeps one log receiver for the process.
void start_backend() {
  static std::once_flag once;
  static const core::Logger logger;
  std::call_once(once, [] {
    llama_log_set(to_log, const_cast<core::Logger*>(&logger));
    llama_backend_init();
  });
}

using Sampler = std::unique_ptr<llama_sampler, decltype(&llama_sampler_free)>;

Sampler make_sampler(double temperature) {
  Sampler chain(llama_sampler_chain_init(llama_sampler_chain_default_params()), &llama_sampler_free);
  // Small models fall into loops; a light penalty on the last words keeps them out.
  llama_sampler_chain_add(chain.get(), llama_sampler_init_penalties(64, 1.08F, 0.0F, 0.0F));
  if (temperature <= 0.01) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_greedy());
  } else {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(40));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(0.95F, 1));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(static_cast<float>(temperature)));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(seed));
  }
  return chain;
}

int decode(llama_context* context, const llama_batch& pieces, const std::function<bool()>& stop) {
  asked_to_stop = &stop;
  const int failed = llama_decode(context, pieces);
  asked_to_stop = nullptr;
  return failed;
}

class Batch {
 public:
  Batch() : batch_(llama_batch_init(static_cast<std::int32_t>(batch), 0, 1)) {}
  ~Batch() { llama_batch_free(batch_); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void add(int token, std::size_t position, std::size_t sequence, bool logits) {
    const auto i = batch_.n_tokens++;
    batch_.token[i] = token;
    batch_.pos[i] = static_cast<llama_pos>(position);
    batch_.n_seq_id[i] = 1;
    batch_.seq_id[i][0] = static_cast<llama_seq_id>(sequence);
    batch_.logits[i] = logits ? 1 : 0;
  }
  void clear() { batch_.n_tokens = 0; }
  [[nodiscard]] const llama_batch& get() const { return batch_; }

 private:
  llama_batch batch_;
};

std::size_t common_prefix(const std::vector<int>& a, const std::vector<int>& b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end.first - a.begin());
}

}  // namespace

void LlamaEngine::ModelDeleter::operator()(llama_model* model) const { llama_model_free(model); }
void LlamaEngine::ContextDeleter::operator()(llama_context* context) const { llama_free(context); }

LlamaEngine::LlamaEngine(Options options)
    : options_(std::move(options)), slots_(options_.threads), threads_("llama", options_.threads, options_.queue) {}

LlamaEngine::~LlamaEngine() { threads_.stop(); }

core::Result<> LlamaEngine::load() {
  std::call_once(loading_, [this] {
    loaded_ = check_cpu();
    if (!loaded_) return;
    start_backend();
    auto parameters = llama_model_default_params();
    parameters.n_gpu_layers = 0;
    model_.reset(llama_model_load_from_file(options_.model.c_str(), parameters));
    if (!model_) {
      loaded_ = core::fail(core::ErrorCode::unavailable, fmt::format("cannot load {}", options_.model.string()));
    }
  });
  return loaded_;
}

core::Result<> LlamaEngine::open_slot(Slot& slot) {
  if (slot.context) return {};
  auto parameters = llama_context_default_params();
  const auto trained = static_cast<std::uint32_t>(llama_model_n_ctx_train(model_.get()));
  const auto one = std::min(static_cast<std::uint32_t>(options_.context_tokens), trained);
  parameters.n_ctx = one * 2;  // shared by the conversations: their common beginning is stored once
  parameters.n_batch = static_cast<std::uint32_t>(batch);
  parameters.n_ubatch = static_cast<std::uint32_t>(batch);
  parameters.n_seq_max = conversations;
  parameters.kv_unified = true;
  parameters.n_threads = options_.threads_per_context;
  parameters.n_threads_batch = options_.threads_per_context;
  parameters.no_perf = true;
  // Looked at between the operations of a token, so that an answer that nobody wants any more ends within one.
  slot.stop = [this, &slot] { return slot.running != nullptr && !wanted(*slot.running); };
  parameters.abort_callback = [](void* data) { return (*static_cast<const std::function<bool()>*>(data))(); };
  parameters.abort_callback_data = &slot.stop;
  slot.context.reset(llama_init_from_model(model_.get(), parameters));
  if (!slot.context) return core::fail(core::ErrorCode::unavailable, "no memory for a language model context");
  slot.sequences.resize(conversations);
  return {};
}

bool LlamaEngine::submit(LlamaJob job, Priority priority) {
  return threads_.submit(
      [this, job = std::move(job)](std::size_t thread) {
        auto& slot = slots_[thread];
        slot.running = &job;
        auto report = complete(slot, job);
        slot.running = nullptr;
        job.done(std::move(report));
      },
      priority);
}

core::Result<> LlamaEngine::warm_up() {
  auto promise = std::make_shared<std::promise<core::Result<>>>();
  auto warm = promise->get_future();
  LlamaJob job;
  job.turns = {{"user", "hello"}};
  job.max_tokens = 1;
  job.abandoned = [] { return false; };
  job.piece = [](std::string_view) {};
  job.done = [promise](core::Result<LlamaReport> report) {
    promise->set_value(report ? core::Result<>() : tl::unexpected(report.error()));
  };
  if (!submit(std::move(job), Priority::caller_waits)) {
    return core::fail(core::ErrorCode::unavailable, "the language model's queue is full");
  }
  return warm.get();
}

std::string LlamaEngine::render(const std::vector<ChatTurn>& turns) const {
  const char* pattern = llama_model_chat_template(model_.get(), nullptr);
  if (pattern == nullptr) return chatml(turns);
  std::vector<llama_chat_message> messages;
  std::size_t size = 256;
  for (const auto& turn : turns) {
    messages.push_back({turn.role.c_str(), turn.content.c_str()});
    size += turn.role.size() + turn.content.size() + 64;
  }
  std::string text(size, '\0');
  const auto length = llama_chat_apply_template(pattern, messages.data(), messages.size(), true, text.data(),
                                                static_cast<std::int32_t>(text.size()));
  if (length < 0 || static_cast<std::size_t>(length) > text.size()) return chatml(turns);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

core::Result<std::vector<int>> LlamaEngine::tokenize(const LlamaJob& job) const {
  const auto* vocabulary = llama_model_get_vocab(model_.get());
  auto turns = job.turns;
  while (true) {
    const auto text = render(turns);
    std::vector<int> tokens(text.size() + 16);
    const auto count = llama_tokenize(vocabulary, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                                      static_cast<std::int32_t>(tokens.size()), true, true);
    if (count <= 0) return core::fail(core::ErrorCode::internal, "the prompt could not be tokenised");
    tokens.resize(static_cast<std::size_t>(count));
    if (count + job.max_tokens <= options_.context_tokens) return tokens;
    // A long call: the oldest turns are forgotten, the instructions and the newest turn stay.
    if (!drop_oldest_turn(turns)) {
      return core::fail(core::ErrorCode::too_large,
                        fmt::format("the prompt has {} tokens; with {} for the answer only {} fit", count,
                                    job.max_tokens, options_.context_tokens));
    }
  }
}

std::size_t LlamaEngine::choose_sequence(Slot& slot, const std::vector<int>& tokens, int& reused) {
  auto* memory = llama_get_memory(slot.context.get());
  std::size_t best = 0;
  std::size_t shared = 0;
  std::size_t oldest = 0;
  for (std::size_t i = 0; i < slot.sequences.size(); ++i) {
    const auto& sequence = slot.sequences[i];
    if (const auto same = common_prefix(sequence.tokens, tokens); same > shared) {
      shared = same;
      best = i;
    }
    if (sequence.used < slot.sequences[oldest].used) oldest = i;
  }
  // At least the last token is computed anew: its probabilities are what sampling starts from.
  shared = std::min(shared, tokens.size() - 1);
  const auto keep = static_cast<llama_pos>(shared);
  // Another conversation's beginning is borrowed, not taken over, unless little of that one would be lost.
  const bool continues = slot.sequences[best].tokens.size() <= shared + 512;
  const auto chosen = shared == 0 || !continues ? oldest : best;
  if (chosen != best) {
    llama_memory_seq_rm(memory, static_cast<llama_seq_id>(chosen), -1, -1);
    if (shared > 0) {
      llama_memory_seq_cp(memory, static_cast<llama_seq_id>(best), static_cast<llama_seq_id>(chosen), 0, keep);
    }
  } else if (!llama_memory_seq_rm(memory, static_cast<llama_seq_id>(chosen), keep, -1)) {
    llama_memory_seq_rm(memory, static_cast<llama_seq_id>(chosen), -1, -1);
    shared = 0;
  }
  auto& sequence = slot.sequences[chosen];
  sequence.tokens.assign(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(shared));
  sequence.used = ++slot.requests;
  reused = static_cast<int>(shared);
  return chosen;
}

core::Result<> LlamaEngine::feed(Slot& slot, std::size_t sequence, const std::vector<int>& tokens,
                                 const LlamaJob& job) const {
  auto* memory = llama_get_memory(slot.context.get());
  auto& held = slot.sequences[sequence].tokens;
  Batch pieces;
  while (held.size() < tokens.size()) {
    if (!wanted(job)) return core::fail(core::ErrorCode::cancelled, "not wanted any more");
    pieces.clear();
    const auto end = std::min(tokens.size(), held.size() + batch);
    for (auto at = held.size(); at < end; ++at) pieces.add(tokens[at], at, sequence, at + 1 == tokens.size());
    int failed = decode(slot.context.get(), pieces.get(), slot.stop);
    if (failed == 1) {  // the memory is full: the other conversations go
      for (std::size_t other = 0; other < slot.sequences.size(); ++other) {
        if (other == sequence) continue;
        llama_memory_seq_rm(memory, static_cast<llama_seq_id>(other), -1, -1);
        slot.sequences[other].tokens.clear();
      }
      failed = decode(slot.context.get(), pieces.get(), slot.stop);
    }
    if (failed == 2) {  // stopped by `stop`; what was computed of these tokens goes
      llama_memory_seq_rm(memory, static_cast<llama_seq_id>(sequence), static_cast<llama_pos>(held.size()), -1);
      return core::fail(core::ErrorCode::cancelled, "not wanted any more");
    }
    if (failed != 0) {
      llama_memory_seq_rm(memory, static_cast<llama_seq_id>(sequence), -1, -1);
      held.clear();
      return core::fail(core::ErrorCode::internal, fmt::format("llama_decode returned {}", failed));
    }
    held.insert(held.end(), tokens.begin() + static_cast<std::ptrdiff_t>(held.size()),
                tokens.begin() + static_cast<std::ptrdiff_t>(end));
  }
  return {};
}

core::Result<LlamaReport> LlamaEngine::complete(Slot& slot, const LlamaJob& job) {
  if (job.abandoned()) return core::fail(core::ErrorCode::cancelled, "not wanted any more");
  if (auto ready = load(); !ready) return tl::unexpected(ready.error());
  if (auto ready = open_slot(slot); !ready) return tl::unexpected(ready.error());
  auto tokens = tokenize(job);
  if (!tokens) return tl::unexpected(tokens.error());
  LlamaReport report;
  report.prompt_tokens = static_cast<int>(tokens->size());
  const auto sequence = choose_sequence(slot, *tokens, report.reused_tokens);
  if (auto fed = feed(slot, sequence, *tokens, job); !fed) return tl::unexpected(fed.error());

  const auto* vocabulary = llama_model_get_vocab(model_.get());
  const auto sampler = make_sampler(job.temperature);
  std::array<char, 256> piece{};
  LoopGuard guard;
  while (true) {
    if (report.completion_tokens == job.max_tokens) {
      report.cut_off = job.max_tokens > 0;
      return report;
    }
    const auto token = llama_sampler_sample(sampler.get(), slot.context.get(), -1);
    if (llama_vocab_is_eog(vocabulary, token)) return report;
    ++report.completion_tokens;
    const auto length =
        llama_token_to_piece(vocabulary, token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, false);
    if (length > 0) {
      const std::string_view text(piece.data(), static_cast<std::size_t>(length));
      job.piece(text);
      if (guard.push(text)) return report;
    }
    tokens->push_back(token);
    if (auto fed = feed(slot, sequence, *tokens, job); !fed) return tl::unexpected(fed.error());
  }
}

}  // namespace retell::providers::local
