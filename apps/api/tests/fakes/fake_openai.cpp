#include "fakes/fake_openai.hpp"

#include <memory>
#include <utility>

#include "core/race.hpp"
#include "json/text.hpp"

namespace retell::fakes {

namespace {

using std::chrono::milliseconds;
using Fault = FakeOpenAi::Fault;

struct Part {
  std::string bytes;
  milliseconds delay{0};
};

std::string event(const json::Value& data) { return "data: " + json::dump(data) + "\n\n"; }

json::Object chunk(json::Object delta, json::Value finish_reason = nullptr) {
  return {{"id", "chatcmpl-1"},
          {"object", "chat.completion.chunk"},
          {"created", 1'700'000'000},
          {"model", "fake"},
          {"choices", json::Array{json::Object{
                          {"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}}}}};
}

std::vector<Part> chat_parts(const FakeChatReply& reply) {
  std::vector<Part> parts;
  parts.push_back({event(chunk({{"role", "assistant"}, {"content", ""}})), reply.first_token_delay});
  for (const auto& delta : reply.deltas) parts.push_back({event(chunk({{"content", delta}})), reply.token_interval});
  std::int64_t index = 0;
  for (const auto& call : reply.calls) {
    const auto piece = [&](json::Object fields) {
      fields["index"] = index;
      parts.push_back({event(chunk({{"tool_calls", json::Array{std::move(fields)}}})), reply.token_interval});
    };
    piece({{"id", call.id}, {"type", "function"}, {"function", json::Object{{"name", call.name}, {"arguments", ""}}}});
    for (std::size_t at = 0; at < call.arguments.size(); at += 5) {
      piece({{"function", json::Object{{"arguments", call.arguments.substr(at, 5)}}}});
    }
    ++index;
  }
  parts.push_back({event(chunk({}, reply.calls.empty() ? "stop" : "tool_calls"))});
  parts.push_back({event(json::Object{{"choices", json::Array{}},
                                      {"usage", json::Object{{"prompt_tokens", 11},
                                                             {"completion_tokens", reply.deltas.size()},
                                                             {"total_tokens", 11 + reply.deltas.size()}}}})});
  parts.push_back({"data: [DONE]\n\n"});
  return parts;
}

// The parts as a body, each after its delay; after `broken_after` of them the connection breaks, after `stalled_after`
// nothing comes any more.
net::HttpResponse streamed(std::vector<Part> parts, std::string content_type, std::size_t broken_after,
                           std::size_t stalled_after) {
  net::HttpResponse response;
  response.headers.set("Content-Type", std::move(content_type));
  std::uint64_t length = 0;
  for (const auto& part : parts) length += part.bytes.size();
  struct State {
    std::vector<Part> parts;
    std::size_t next = 0;
  };
  auto state = std::make_shared<State>(State{std::move(parts)});
  auto reader = [state, broken_after, stalled_after]() -> core::Task<core::Result<std::string>> {
    return
        [](std::shared_ptr<State> s, std::size_t broken, std::size_t stalled) -> core::Task<core::Result<std::string>> {
          if (s->next == broken) co_return core::fail(core::ErrorCode::io, "as asked");
          if (s->next == stalled) co_await sleep_for_ever();
          if (s->next == s->parts.size()) co_return std::string();
          auto& part = s->parts[s->next++];
          if (part.delay.count() > 0) co_await core::sleep_for(part.delay);
          co_return std::move(part.bytes);
        }(state, broken_after, stalled_after);
  };
  response.stream = net::HttpResponse::Stream{length, std::move(reader)};
  return response;
}

constexpr std::size_t never = static_cast<std::size_t>(-1);

}  // namespace

FakeOpenAi::FakeOpenAi(Options options)
    : options_(std::move(options)),
      server_(
          options_.threads, [this](net::HttpRequest request, core::Worker&) { return handle(std::move(request)); },
          [](net::HttpRequest, core::Worker&) -> core::Task<net::UpgradeOutcome> { co_return not_found(); }) {}

core::Task<net::HttpResponse> FakeOpenAi::handle(net::HttpRequest request) {
  ++requests;
  const auto parsed = json::parse(request.body);
  if (!parsed || !parsed->is_object()) co_return json_response(400, R"({"error":{"message":"not JSON"}})");
  const auto& body = parsed->get_object();
  if (options_.keep_requests) {
    bodies.add(body);
    authorizations.add(std::string(request.headers.get("Authorization").value_or("")));
  }
  const auto current = fault.next();
  switch (current) {
    case Fault::half_open:
      co_await sleep_for_ever();
      break;
    case Fault::rate_limited: {
      auto response = json_response(429, R"({"error":{"message":"slow down","type":"rate_limit_exceeded"}})");
      response.headers.set("retry-after-ms", std::to_string(options_.retry_after.count()));
      co_return response;
    }
    case Fault::server_error:
      co_return json_response(500, R"({"error":{"message":"something broke"}})");
    case Fault::unauthorized:
      co_return json_response(401, R"({"error":{"message":"Incorrect API key provided"}})");
    default:
      break;
  }
  if (request.path == "/v1/chat/completions") co_return chat(body, current);
  if (request.path == "/v1/audio/speech") co_return speech(body, current);
  co_return not_found();
}

net::HttpResponse FakeOpenAi::chat(const json::Object& request, Fault fault_now) const {
  auto parts = chat_parts(options_.reply(request));
  if (fault_now == Fault::garbage) parts.insert(parts.begin() + 2, Part{"data: {\"choices\": [oops\n\n"});
  if (fault_now == Fault::error_in_stream) {
    parts.insert(parts.begin() + 2, Part{"data: {\"error\":{\"message\":\"the model crashed\",\"code\":500}}\n\n"});
  }
  const std::size_t broken = fault_now == Fault::mid_stream_close ? 2 : never;
  std::size_t stalled = never;
  if (fault_now == Fault::mid_stream_stall) stalled = 2;
  if (fault_now == Fault::silence_after_head) stalled = 0;
  return streamed(std::move(parts), "text/event-stream", broken, stalled);
}

net::HttpResponse FakeOpenAi::speech(const json::Object& request, Fault fault_now) const {
  constexpr int rate = 24'000;
  const auto* input = request.if_contains("input");
  const auto characters = input != nullptr && input->is_string() ? input->get_string().size() : 0;
  const auto samples = characters * static_cast<std::size_t>(options_.milliseconds_per_character) * rate / 1'000;
  const auto audio = tone(rate, fault_now == Fault::no_audio ? 0 : samples);
  std::vector<Part> parts;
  constexpr std::size_t odd_piece = 4'801;  // cut within a sample
  for (std::size_t at = 0; at < audio.size(); at += odd_piece) parts.push_back({audio.substr(at, odd_piece)});
  const std::size_t broken = fault_now == Fault::mid_stream_close ? 1 : never;
  std::size_t stalled = never;
  if (fault_now == Fault::mid_stream_stall) stalled = 1;
  if (fault_now == Fault::silence_after_head) stalled = 0;
  return streamed(std::move(parts), "audio/pcm", broken, stalled);
}

}  // namespace retell::fakes
