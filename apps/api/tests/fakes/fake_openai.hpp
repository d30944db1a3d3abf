// OpenAI's chat completions (streamed) and speech endpoints.
#pragma once
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "fakes/fake_server.hpp"
#include "json/value.hpp"

namespace retell::fakes {

struct FakeToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // sent in pieces of 5 bytes
};

struct FakeChatReply {
  std::vector<std::string> deltas = {"Hello", " there."};
  std::vector<FakeToolCall> calls = {};
  std::chrono::milliseconds first_token_delay{0};
  std::chrono::milliseconds token_interval{0};
};

class FakeOpenAi {
 public:
  enum class Fault : std::uint8_t {
    none,
    half_open,           // the request is taken and never answered
    rate_limited,        // 429 with Retry-After
    server_error,        // 500
    unauthorized,        // 401
    mid_stream_close,    // the connection breaks after the first token
    mid_stream_stall,    // nothing more comes after the first token
    garbage,             // a chunk that is not JSON
    error_in_stream,     // {"error": …} as a chunk
    silence_after_head,  // 200 and headers, then nothing
    no_audio,            // speech: an empty body
  };

  struct Options {
    std::size_t threads = 1;
    // What to answer to a request's body; called on the server's threads.
    std::function<FakeChatReply(const json::Object& request)> reply = [](const json::Object&) {
      return FakeChatReply{};
    };
    std::chrono::milliseconds retry_after{20};
    int milliseconds_per_character = 60;  // of speech
    bool keep_requests = true;
  };

  FakeOpenAi() : FakeOpenAi(Options{}) {}
  explicit FakeOpenAi(Options options);

  [[nodiscard]] std::string base_url() const { return server_.url("http") + "/v1"; }
  FaultSwitch<Fault> fault;
  std::atomic<int> requests{0};
  Record<json::Object> bodies;
  Record<std::string> authorizations;
  [[nodiscard]] std::size_t connections() const { return server_.connections(); }

 private:
  core::Task<net::HttpResponse> handle(net::HttpRequest request);
  net::HttpResponse chat(const json::Object& request, Fault fault) const;
  net::HttpResponse speech(const json::Object& request, Fault fault) const;

  Options options_;
  FakeServer server_;  // last: its threads use the rest
};

}  // namespace retell::fakes
