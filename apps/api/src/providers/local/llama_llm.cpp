#include "providers/local/llama_llm.hpp"

#include <utility>

#include "providers/local/delivery.hpp"

namespace retell::providers::local {
namespace {

constexpr double default_temperature = 0.3;  // steady rather than inventive, on the telephone

class Stream final : public LlmStream {
 public:
  Stream(LlamaEngine& engine, const LlmOptions& options, const LlmRequest& request, LlmHandler handler)
      : delivery_(options.executor, std::move(handler)) {
    std::vector<std::string> tools;
    tools.reserve(request.tools.size());
    for (const auto& tool : request.tools) tools.push_back(tool.name);
    const auto line = delivery_.line();
    const auto deliver = [line](LlmEvent event) {
      Line<LlmEvent>::deliver(line, [event = std::move(event)]() mutable { return std::move(event); });
    };
    // The parser belongs to the job: it is used on the engine's thread only.
    auto parser = std::make_shared<ReplyParser>(
        std::move(tools), [deliver](std::string text) { deliver(LlmText{std::move(text)}); },
        [deliver](ToolCall call) { deliver(LlmToolCall{std::move(call)}); });
    LlamaJob job;
    job.turns = chat_turns(request);
    job.max_tokens = request.max_tokens;
    job.temperature = request.temperature.value_or(default_temperature);
    job.abandoned = [line] { return line->cut(); };
    job.piece = [parser](std::string_view piece) { parser->push(piece); };
    job.done = [parser, deliver](core::Result<LlamaReport> report) {
      if (!report) return deliver(LlmError{report.error()});
      parser->finish();
      const char* reason = parser->calls() > 0 ? "tool_calls" : report->cut_off ? "length" : "stop";
      deliver(LlmDone{reason, report->prompt_tokens, report->completion_tokens});
    };
    if (!engine.submit(std::move(job), Priority::caller_waits)) {
      delivery_.post(LlmError{{core::ErrorCode::unavailable, "the local language model's queue is full"}});
    }
  }

 private:
  Delivery<LlmEvent> delivery_;
};

}  // namespace

LlamaLlm::LlamaLlm(LlamaEngine& engine, LlmOptions options) : engine_(engine), options_(std::move(options)) {}

void LlamaLlm::prewarm(const LlmRequest& prefix) {
  LlamaJob job;
  job.turns = chat_turns(prefix);
  job.max_tokens = 0;
  job.abandoned = [gone = gone_] { return gone->load(); };
  job.piece = [](std::string_view) {};
  job.done = [log = options_.log](core::Result<LlamaReport> report) {
    if (!report) log.debug("the local model's prompt was not prepared: {}", report.error().message);
  };
  // Nobody waits for it, and a full queue means that answers matter more.
  if (!engine_.submit(std::move(job), Priority::in_passing)) options_.log.debug("no time to prepare the local model");
}

std::unique_ptr<LlmStream> LlamaLlm::stream(LlmRequest request, LlmHandler handler) {
  return std::make_unique<Stream>(engine_, options_, request, std::move(handler));
}

}  // namespace retell::providers::local
