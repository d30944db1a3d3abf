#include "app/chat_model.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/mailbox.hpp"

namespace retell::app {
namespace {

constexpr std::chrono::seconds longest_completion{120};  // chat clients wait up to 300 s
constexpr std::size_t most_events = 100'000;

// The events of one completion. Their handler may outlive the coroutine that reads them, so both share the box.
using Events = core::Mailbox<providers::LlmEvent>;

// Whether asking again cannot help until somebody changes something: the model is not on the machine or not
// configured, or its vendor refuses the key or the request.
bool is_permanent(const core::Error& error) {
  using enum core::ErrorCode;
  switch (error.code) {
    case invalid:
    case unauthorized:
    case forbidden:
    case not_found:
    case unprocessable:
      return true;
    default:
      return false;
  }
}

}  // namespace

core::Task<core::Result<services::ChatReply>> RegistryChatModel::run(std::string vendor,
                                                                     providers::LlmRequest request) {
  const auto colon = vendor.find(':');
  const auto model = colon == std::string::npos ? std::string() : vendor.substr(colon + 1);
  auto llm =
      registry_.llm(vendor.substr(0, colon), {worker_, host_.client(worker_)}, {worker_.executor(), log_, model});
  if (!llm) co_return tl::unexpected(llm.error());
  const auto events = std::make_shared<Events>(worker_.executor(), most_events, core::Overflow::reject);
  boost::asio::steady_timer limit(worker_.executor(), longest_completion);
  limit.async_wait([events](const boost::system::error_code& cancelled) {
    if (!cancelled) events->close();
  });
  services::ChatReply reply;
  const auto stream =
      (*llm)->stream(std::move(request), [events](providers::LlmEvent event) { (void)events->push(std::move(event)); });
  while (auto event = co_await events->pop()) {
    if (auto* text = std::get_if<providers::LlmText>(&*event)) {
      reply.text += text->delta;
    } else if (auto* call = std::get_if<providers::LlmToolCall>(&*event)) {
      reply.tool_calls.push_back(std::move(call->call));
    } else if (auto* error = std::get_if<providers::LlmError>(&*event)) {
      co_return tl::unexpected(error->error);
    } else {
      co_return reply;
    }
  }
  co_return core::fail(core::ErrorCode::timeout, "the language model did not answer in time");
}

core::Task<core::Result<services::ChatReply>> RegistryChatModel::complete(services::ChatPrompt prompt) {
  std::vector<std::string> vendors{std::move(prompt.vendor)};
  vendors.insert(vendors.end(), prompt.fallbacks.begin(), prompt.fallbacks.end());
  std::string permanent;  // what is wrong with each
  bool may_recover = false;
  for (const auto& vendor : vendors) {
    // The caller may live on another worker; the models' connections belong to this one.
    auto reply =
        co_await boost::asio::co_spawn(worker_.executor(), run(vendor, prompt.request), boost::asio::use_awaitable);
    if (reply) co_return reply;
    log_.warn("chat: {} failed: {}", vendor, reply.error().message);
    if (is_permanent(reply.error()))
      permanent += (permanent.empty() ? "" : "; ") + reply.error().message;
    else
      may_recover = true;
  }
  // Clients ask again after a 503. One model that may come back is enough for that to make sense.
  if (may_recover) co_return core::fail(core::ErrorCode::unavailable, "no language model answered");
  co_return core::fail(core::ErrorCode::unprocessable, "no language model can be used: " + permanent);
}

}  // namespace retell::app
