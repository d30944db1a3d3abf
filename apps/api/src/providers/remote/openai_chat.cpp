#include "providers/remote/openai_chat.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "core/race.hpp"
#include "net/sse.hpp"
#include "providers/remote/event_outlet.hpp"
#include "providers/remote/openai_chat_wire.hpp"
#include "providers/remote/vendor_error.hpp"
#include "providers/remote/vendors.hpp"

namespace retell::providers::remote {

namespace {

using std::chrono::milliseconds;
using Options = std::shared_ptr<const OpenAiChatOptions>;

constexpr milliseconds first_pause{100};  // before the second attempt; doubled for each further one
constexpr std::size_t most_error_bytes = std::size_t{16} << 10;

milliseconds until(core::TimePoint deadline) {
  return std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
}

bool has_time_out(const core::Error& error) { return error.code == core::ErrorCode::timeout; }

// One completion. Shared by its stream, which may go, and its coroutine, which then ends without another word.
class Completion {
 public:
  Completion(net::Client& net, Options options, core::Executor executor, LlmHandler handler)
      : net_(net),
        options_(std::move(options)),
        outlet_(std::in_place, std::move(executor), std::move(handler)),
        chunks_(options_->name) {}

  // Drops the connection as soon as the loop sees it: nobody wants the answer any more.
  void abandon() { outlet_.reset(); }

  static core::Task<void> run(std::shared_ptr<Completion> self, net::ClientRequest request) {
    const auto deadline = std::chrono::steady_clock::now() + self->options_->first_token_timeout;
    auto pause = first_pause;
    for (int attempt = 1; self->outlet_; ++attempt) {
      std::optional<milliseconds> asked_to_wait;
      auto failure = co_await self->attempt(request, deadline, asked_to_wait);
      if (!failure) co_return;
      const auto wait = asked_to_wait.value_or(pause);
      const bool again = self->retry_ && attempt < self->options_->attempts && until(deadline) > wait;
      if (!again) {
        self->emit(LlmError{std::move(*failure)});
        co_return;
      }
      pause *= 2;
      co_await core::sleep_for(wait);
    }
  }

 private:
  bool emit(LlmEvent event) { return outlet_ && outlet_->emit(std::move(event)) && outlet_; }

  // Nothing when the answer was delivered (its own errors included); else why no token came, and `retry_` says whether
  // another attempt makes sense.
  core::Task<std::optional<core::Error>> attempt(const net::ClientRequest& request, core::TimePoint deadline,
                                                 std::optional<milliseconds>& asked_to_wait) {
    retry_ = false;
    auto opened = co_await core::with_timeout(net_.open(request), until(deadline), "the model's first token");
    if (!opened) {
      retry_ = !has_time_out(opened.error());
      co_return named(opened.error());
    }
    if (opened->status() != 200) {
      retry_ = worth_retrying(opened->status());
      asked_to_wait = retry_after(opened->headers());
      const auto body = co_await error_body(*opened, deadline);
      co_return error_of_status(options_->name, opened->status(), body);
    }
    net::SseParser parser;
    std::vector<LlmEvent> events;
    bool spoken = false;
    while (outlet_) {
      auto part = co_await core::with_timeout(opened->read(), spoken ? options_->idle_timeout : until(deadline),
                                              spoken ? "the model's next token" : "the model's first token");
      if (!part) {
        retry_ = !spoken && !has_time_out(part.error());
        if (!spoken) co_return named(part.error());
        emit(LlmError{named(part.error())});
        co_return std::nullopt;
      }
      bool good = true;
      if (part->empty()) {
        chunks_.end(events);
      } else {
        good = parser.push(*part, [&](std::string_view, std::string_view data) {
          if (!chunks_.done()) chunks_.push(data, events);
        });
      }
      if (!good) events.emplace_back(LlmError{{core::ErrorCode::protocol, options_->name + " sent too long an event"}});
      for (auto& event : events) {
        spoken = true;
        if (!emit(std::move(event))) co_return std::nullopt;
      }
      events.clear();
      if (!good) co_return std::nullopt;
      if (chunks_.done()) {
        // The end of the body lets the connection go back to the pool; it has come already or comes at once.
        if (!part->empty()) (void)co_await core::with_timeout(opened->read(), milliseconds(200), "the answer's end");
        co_return std::nullopt;
      }
    }
    co_return std::nullopt;
  }

  core::Task<std::string> error_body(net::ResponseStream& answer, core::TimePoint deadline) {
    std::string body;
    while (body.size() < most_error_bytes) {
      auto part = co_await core::with_timeout(answer.read(), until(deadline), "an error's text");
      if (!part || part->empty()) break;
      body += *part;
    }
    co_return body;
  }

  [[nodiscard]] core::Error named(const core::Error& error) const {
    return {error.code, options_->name + ": " + error.message};
  }

  net::Client& net_;
  Options options_;
  std::optional<EventOutlet<LlmEvent>> outlet_;
  ChatChunks chunks_;
  bool retry_ = false;
};

class ChatStream final : public LlmStream {
 public:
  ChatStream(core::Worker& worker, std::shared_ptr<Completion> completion, net::ClientRequest request)
      : completion_(std::move(completion)),
        task_(worker.background().spawn("chat completion", Completion::run(completion_, std::move(request)))) {}
  ~ChatStream() override {
    completion_->abandon();
    task_.cancel();
  }

 private:
  std::shared_ptr<Completion> completion_;
  core::TaskHandle task_;
};

class OpenAiChat final : public Llm {
 public:
  OpenAiChat(const Place& place, Options shared, LlmOptions options)
      : worker_(place.worker), net_(place.net), shared_(std::move(shared)), options_(std::move(options)) {
    if (options_.model.empty()) options_.model = shared_->model;
    using Field = OpenAiChatOptions::LimitField;
    const bool newer =
        shared_->limit_field == Field::max_completion_tokens ||
        (shared_->limit_field == Field::automatic && shared_->base_url.find("//api.openai.com") != std::string::npos);
    limit_field_ = newer ? "max_completion_tokens" : "max_tokens";
  }

  [[nodiscard]] std::string_view name() const override { return shared_->name; }

  ~OpenAiChat() override { warming_.cancel(); }
  OpenAiChat(const OpenAiChat&) = delete;
  OpenAiChat& operator=(const OpenAiChat&) = delete;

  void prewarm(const LlmRequest& /*prefix*/) override {
    if (warming_.done()) {
      warming_ = worker_.background().spawn("warm connection", warm(net_, url(), options_.log));
    }
  }

  [[nodiscard]] std::unique_ptr<LlmStream> stream(LlmRequest request, LlmHandler handler) override {
    net::ClientRequest http;
    http.method = "POST";
    http.url = url();
    http.headers = shared_->headers;
    http.headers.set("Content-Type", "application/json");
    http.headers.set("Accept", "text/event-stream");
    if (!shared_->api_key.empty()) http.headers.set("Authorization", "Bearer " + shared_->api_key);
    http.body = chat_request(request, options_.model, limit_field_, shared_->extra);
    http.reach = net::Reach::any;
    http.connect_timeout = shared_->connect_timeout;
    http.first_byte_timeout = shared_->first_token_timeout;
    http.idle_timeout = shared_->first_token_timeout + shared_->idle_timeout;
    auto completion = std::make_shared<Completion>(net_, shared_, options_.executor, std::move(handler));
    return std::make_unique<ChatStream>(worker_, std::move(completion), std::move(http));
  }

 private:
  [[nodiscard]] std::string url() const { return shared_->base_url + "/chat/completions"; }

  static core::Task<void> warm(net::Client& net, std::string url, core::Logger log) {
    const auto ready = co_await net.warm(std::move(url), net::Reach::any);
    if (!ready) log.warn("the language model cannot be reached: {}", ready.error().message);
  }

  core::Worker& worker_;
  net::Client& net_;
  Options shared_;
  LlmOptions options_;
  std::string_view limit_field_;
  core::TaskHandle warming_;
};

}  // namespace

LlmFactory openai_chat(OpenAiChatOptions options) {
  while (!options.base_url.empty() && options.base_url.back() == '/') options.base_url.pop_back();
  return [shared = std::make_shared<const OpenAiChatOptions>(std::move(options))](
             const Place& place, LlmOptions call) -> core::Result<std::unique_ptr<Llm>> {
    return std::make_unique<OpenAiChat>(place, shared, std::move(call));
  };
}

void add_openai_chat(Registry& registry, const Account& account) {
  OpenAiChatOptions options;
  options.api_key = account.api_key;
  if (!account.base_url.empty()) options.base_url = account.base_url;
  if (!account.model.empty()) options.model = account.model;
  registry.add_llm("openai", openai_chat(std::move(options)));
}

}  // namespace retell::providers::remote
