#include "engine/dialogue.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>

#include "engine/dialogue_history.hpp"
#include "engine/tools/custom_tool.hpp"

namespace retell::engine {
namespace {

// Rounds of model and tools in one turn; LiveKit's max_tool_steps is 3, but chained look-ups need more.
constexpr int max_rounds = 8;
constexpr std::size_t max_calls_a_round = 8;
constexpr int max_reply_tokens = 512;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};

}  // namespace

Dialogue::Dialogue(Parts parts) : parts_(std::move(parts)), chunker_(text::language_of(parts_.plan.language)) {
  make_vendor();
}

void Dialogue::make_vendor() {
  // Its last stream may be dying, see retire(): that goes first.
  if (vendor_) {
    boost::asio::post(parts_.place.worker.executor(), [dying = std::shared_ptr<providers::Llm>(std::move(vendor_))] {});
  }
  const auto& plan = parts_.plan.dialogue;
  const auto count = plan.fallbacks.size() + 1;
  for (; vendor_index_ < count; ++vendor_index_) {
    const auto& choice = vendor_index_ == 0 ? plan.vendor : plan.fallbacks[vendor_index_ - 1];
    auto made = parts_.registry.llm(choice.name, parts_.place,
                                    {parts_.place.worker.executor(), parts_.log, choice.model, parts_.plan.language});
    if (made) {
      vendor_ = std::move(*made);
      return;
    }
    parts_.log.error("no language model {}: {}", choice.name, made.error().message);
    parts_.vendor_failed(choice.name);
  }
  vendor_.reset();
}

void Dialogue::prewarm() {
  if (vendor_) vendor_->prewarm(request());
}

std::vector<std::string> Dialogue::clauses(const std::string& text) const {
  text::SentenceChunker chunker(text::language_of(parts_.plan.language));
  std::vector<std::string> out;
  for (auto& chunk : chunker.push(text)) out.push_back(std::move(chunk.text));
  for (auto& chunk : chunker.finish()) out.push_back(std::move(chunk.text));
  return out;
}

const ToolPlan* Dialogue::find_tool(const std::string& name) const {
  const auto& tools = parts_.plan.dialogue.tools;
  const auto found = std::find_if(tools.begin(), tools.end(), [&](const ToolPlan& tool) { return tool.name == name; });
  return found == tools.end() ? nullptr : &*found;
}

providers::LlmRequest Dialogue::request() const {
  providers::LlmRequest out;
  out.messages = to_messages(parts_.plan.dialogue.system_prompt, parts_.history(), note_, extends_);
  for (const auto& tool : parts_.plan.dialogue.tools) {
    out.tools.push_back({tool.name, tool.description, tool.parameters});
  }
  out.temperature = parts_.plan.dialogue.temperature;
  out.max_tokens = max_reply_tokens;
  return out;
}

void Dialogue::start(const turn::StartTurn& order) {
  using turn::TurnKind;
  retire();
  chunker_.reset();
  turn_ = order.turn;
  held_ = false;
  calls_.clear();
  running_.clear();
  rounds_ = 0;
  note_.clear();
  extends_ = false;
  const bool portuguese = text::language_of(parts_.plan.language) == text::Language::pt;
  switch (order.kind) {
    case TurnKind::opening:
      if (parts_.plan.dialogue.begin_message) return speak_fixed(*parts_.plan.dialogue.begin_message);
      note_ =
          portuguese ? "(A ligação foi atendida. Cumprimente a pessoa.)" : "(The call was answered. Greet the caller.)";
      break;
    case TurnKind::reminder:
      note_ = portuguese ? "(A pessoa está em silêncio. Chame a atenção dela com gentileza, em uma frase.)"
                         : "(The caller has been silent. Gently ask, in one sentence, whether they are still there.)";
      break;
    case TurnKind::answer:
    case TurnKind::digits:  // the history holds what was said or pressed
    case TurnKind::requested:
      break;
  }
  ask();
}

void Dialogue::speculate(const turn::SpeculateTurn& order) {
  retire();
  chunker_.reset();
  turn_ = order.turn;
  held_ = true;
  done_while_held_ = false;
  held_text_.clear();
  calls_.clear();
  running_.clear();
  rounds_ = 0;
  note_ = order.text;
  extends_ = order.extends;
  ask();
}

void Dialogue::commit(turn::TurnId turn) {
  if (turn != turn_ || !held_) return;
  held_ = false;
  note_.clear();  // it is in the history now
  extends_ = false;
  const auto text = std::exchange(held_text_, {});
  if (!text.empty()) {
    for (const auto& chunk : chunker_.push(text)) parts_.say(chunk.text, false, false);
  }
  if (std::exchange(done_while_held_, false)) round_over();
}

void Dialogue::cancel(turn::TurnId turn) {
  if (turn != turn_) return;
  retire();
  chunker_.reset();
  calls_.clear();
  held_ = false;
  held_text_.clear();
  turn_ = 0;
}

void Dialogue::close() {
  cancel(turn_);
  retire();
}

void Dialogue::fail_over(turn::TurnId turn) {
  if (turn != turn_) return;
  const std::string before(vendor_ ? vendor_->name() : "none");
  retire();
  chunker_.reset();
  calls_.clear();
  // Without a fall-back the same vendor is asked once more: most failures are of one request.
  if (vendor_index_ < parts_.plan.dialogue.fallbacks.size()) {
    ++vendor_index_;
    make_vendor();
    if (vendor_) parts_.failed_over("llm: " + before + " -> " + std::string(vendor_->name()));
  }
  ask();
}

void Dialogue::ask() {
  if (!vendor_) {
    parts_.report(turn::ModelFailed{turn_});
    return;
  }
  first_delta_ = true;
  ++rounds_;
  retire();
  stream_ = vendor_->stream(request(),
                            [this, generation = generation_, alive = std::weak_ptr(alive_)](providers::LlmEvent event) {
                              if (!alive.expired() && generation == generation_) on_event(std::move(event));
                            });
}

// What ends a completion may have been caused by its own event: it is no longer listened to, and goes a moment later.
void Dialogue::retire() {
  ++generation_;
  if (!stream_) return;
  boost::asio::post(parts_.place.worker.executor(),
                    [dying = std::shared_ptr<providers::LlmStream>(std::move(stream_))] {});
}

void Dialogue::on_event(providers::LlmEvent event) {
  std::visit(Overloaded{
                 [&](const providers::LlmText& text) { on_text(text.delta); },
                 [&](providers::LlmToolCall& call) {
                   if (std::exchange(first_delta_, false)) parts_.report(turn::ModelDelta{turn_});
                   if (calls_.size() >= max_calls_a_round) return;
                   calls_.push_back(std::move(call.call));
                   // Some vendors number the calls of each completion anew, or not at all.
                   auto& id = calls_.back().id;
                   for (int n = 1; id.empty() || !call_ids_.insert(id).second; ++n)
                     id = "call_again_" + std::to_string(n);
                 },
                 [&](const providers::LlmDone& done) {
                   prompt_tokens_ += done.prompt_tokens;
                   completion_tokens_ += done.completion_tokens;
                   if (held_)
                     done_while_held_ = true;
                   else
                     round_over();
                 },
                 [&](const providers::LlmError& error) {
                   parts_.log.warn("language model {}: {}", vendor_->name(), error.error.message);
                   parts_.vendor_failed(vendor_->name());
                   retire();
                   parts_.report(turn::ModelFailed{turn_});
                 },
             },
             event);
}

void Dialogue::on_text(const std::string& delta) {
  if (std::exchange(first_delta_, false)) parts_.report(turn::ModelDelta{turn_});
  if (held_) {
    held_text_ += delta;
    return;
  }
  for (const auto& chunk : chunker_.push(delta)) parts_.say(chunk.text, false, false);
}

void Dialogue::round_over() {
  for (const auto& chunk : chunker_.finish()) parts_.say(chunk.text, false, false);
  if (calls_.empty())
    complete(turn::AfterReply::listen);
  else
    run_tools();
}

void Dialogue::complete(turn::AfterReply after) {
  parts_.report(turn::ModelDone{turn_, after});
  parts_.said_all();
}

void Dialogue::speak_fixed(const std::string& text) {
  parts_.report(turn::ModelDelta{turn_});
  for (const auto& clause : clauses(text)) parts_.say(clause, false, true);
  complete(turn::AfterReply::listen);
}

void Dialogue::run_tools() {
  const auto calls = std::exchange(calls_, {});
  const auto turn = turn_;
  speak_after_tools_ = false;
  bool hang_up = false;
  running_.clear();
  for (const auto& call : calls) running_.push_back(call.id);
  for (const auto& call : calls) {
    const auto* tool = find_tool(call.name);
    parts_.report(turn::ToolStarted{turn, call.id, call.name, call.arguments,
                                    tool != nullptr ? tool->timeout : core::Millis(1000)});
    if (tool == nullptr) {
      tool_finished(turn, call.id, "Error: there is no function of this name.", false);
      speak_after_tools_ = true;
      continue;
    }
    if (!tool->execution_message.empty() && (tool->speak_during_execution || tool->type == ToolPlan::Type::end_call)) {
      parts_.say(tool->execution_message, false, true);
    }
    switch (tool->type) {
      case ToolPlan::Type::end_call:
        hang_up = true;
        tool_finished(turn, call.id, "The call ends.", true);
        break;
      case ToolPlan::Type::press_digit:
        // Keys are sent by carriers that know how; here the model learns that this line cannot.
        tool_finished(turn, call.id, "Error: this line cannot send keys.", false);
        speak_after_tools_ = true;
        break;
      case ToolPlan::Type::custom:
        speak_after_tools_ = speak_after_tools_ || tool->speak_after_execution;
        parts_.tasks.spawn("tool", run_custom(turn, call, *tool));
        break;
    }
  }
  if (hang_up) {
    complete(turn::AfterReply::hang_up);
    return;
  }
  if (running_.empty()) next_round();
}

core::Task<void> Dialogue::run_custom(turn::TurnId turn, providers::ToolCall call, ToolPlan tool) {
  CustomToolRequest request;
  request.tool = std::move(tool);
  request.arguments = call.arguments;
  request.call = parts_.plan.call_object;
  request.signing_key = parts_.plan.tool_signing_key;
  request.allow_private = parts_.allow_private_tools;
  request.now_ms = core::epoch_ms(std::chrono::system_clock::now());
  auto outcome = co_await run_custom_tool(parts_.place.net, std::move(request));
  tool_finished(turn, call.id, std::move(outcome.content), outcome.successful);
  // The last result opens the next round, unless the turn was interrupted meanwhile.
  if (turn == turn_ && running_.empty()) next_round();
}

void Dialogue::tool_finished(turn::TurnId turn, const std::string& id, std::string content, bool successful) {
  if (turn == turn_) {
    const auto before = running_.size();
    std::erase(running_, id);
    if (before == running_.size()) return;  // given up: the model was told so already
  }
  parts_.report(turn::ToolFinished{turn, id, std::move(content), successful});
}

void Dialogue::give_up_tool(turn::TurnId turn) {
  if (turn != turn_) return;
  for (const auto& id : std::vector(running_)) tool_finished(turn, id, "Error: the function took too long.", false);
  speak_after_tools_ = true;
  next_round();
}

void Dialogue::next_round() {
  if (!speak_after_tools_ || rounds_ >= max_rounds) {
    complete(turn::AfterReply::listen);
    return;
  }
  // Behind the results just reported: the model is to find them in the history.
  retire();
  boost::asio::post(parts_.place.worker.executor(), [this, generation = generation_, alive = std::weak_ptr(alive_)] {
    if (!alive.expired() && generation == generation_) ask();
  });
}

}  // namespace retell::engine
