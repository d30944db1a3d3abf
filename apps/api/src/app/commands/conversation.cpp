#include "app/commands/conversation.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>

#include "core/race.hpp"
#include "core/task_group.hpp"
#include "core/worker.hpp"
#include "json/text.hpp"
#include "net/client.hpp"
#include "simulator/caller.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;

constexpr auto record_patience = 15s;

struct Api {
  std::string server;
  std::string key;
};

core::Task<core::Result<json::Object>> ask(net::Client& client, const Api& api, std::string method, std::string path,
                                           std::string body) {
  net::ClientRequest request;
  request.method = std::move(method);
  request.url = api.server + path;
  request.headers.set("Authorization", "Bearer " + api.key);
  request.headers.set("Content-Type", "application/json");
  request.body = std::move(body);
  request.reach = net::Reach::any;
  auto answer = co_await client.send(std::move(request));
  if (!answer) {
    co_return core::fail(answer.error().code,
                         api.server + " does not answer (" + answer.error().message + "): is retell serve running?");
  }
  auto parsed = json::parse(answer->body);
  if (!parsed || !parsed->is_object())
    co_return core::fail(core::ErrorCode::protocol, api.server + path + " did not answer with JSON");
  if (answer->status >= 300) {
    const auto* message = parsed->get_object().if_contains("message");
    co_return core::fail(core::ErrorCode::unprocessable,
                         message != nullptr && message->is_string() ? std::string(message->get_string()) : "refused");
  }
  co_return std::move(parsed->get_object());
}

std::string socket_url(const ConversationOrder& order, const std::string& path) {
  return "ws" + order.server.substr(4) + path;
}

// The call itself, to the end of its record. `made`: what the server said about it.
core::Task<core::Result<Conversation>> hold(net::Client& client, const ConversationOrder& order,
                                            const json::Object& made) {
  const Api api{order.server, order.api_key};
  Conversation out;
  out.call_id = std::string(made.at("call_id").as_string());
  simulator::CallerOptions options;
  options.url = socket_url(order, std::string(made.at("stream_path").as_string()));
  for (const auto& [name, value] : made.at("parameters").as_object()) {
    options.far_end.parameters[name] = std::string(value.as_string());
  }
  options.far_end.on_moment = order.on_moment;
  options.far_end.patience = order.patience;
  options.far_end.max_duration = order.limit;
  options.far_end.leave_when_cut = order.leave_when_cut;
  options.recording_path = order.recording_path;
  options.leave_by = order.leave_by;
  simulator::Caller caller(client, options, {});
  auto report = co_await caller.run(order.script);
  if (!report) co_return tl::unexpected(report.error());
  out.report = std::move(*report);

  const auto patient_until = std::chrono::steady_clock::now() + record_patience;
  for (;;) {
    const auto leave_by = order.leave_by ? order.leave_by() : std::nullopt;
    const auto until = leave_by.value_or(patient_until);
    const auto left = std::max<std::chrono::nanoseconds>(until - std::chrono::steady_clock::now(), 0ns);
    auto record = ask(client, api, "GET", "/v2/get-call/" + out.call_id, "");
    auto answer =
        leave_by ? co_await core::with_timeout(std::move(record), left, "the record") : co_await std::move(record);
    if (!answer && leave_by) co_return out;
    if (!answer) co_return tl::unexpected(answer.error());
    out.record = std::move(*answer);
    const auto status = out.record.at("call_status").as_string();
    if (status == "ended" || status == "error" || left == 0ns) co_return out;
    co_await core::sleep_for(100ms);
  }
}

core::Task<void> follow(net::WebSocket& live, const std::function<void(const json::Object&)>& on_update) {
  (void)co_await live.run([&on_update](std::string_view data, bool) {
    const auto update = json::parse(data);
    if (update && update->is_object()) on_update(update->get_object());
  });
}

core::Task<core::Result<Conversation>> converse(net::Client& client, const ConversationOrder& order) {
  const Api api{order.server, order.api_key};
  const auto made =
      co_await ask(client, api, "POST", "/simulated-call", json::dump(json::Object{{"agent_id", order.agent_id}}));
  if (!made) co_return tl::unexpected(made.error());
  if (!order.on_update) co_return co_await hold(client, order, *made);

  net::ClientWebSocketRequest request;
  request.url = socket_url(order, "/simulated-call/" + std::string(made->at("call_id").as_string()) + "/live");
  request.headers.set("Authorization", "Bearer " + order.api_key);
  request.reach = net::Reach::any;
  auto live = co_await client.connect(std::move(request));
  if (!live) co_return tl::unexpected(live.error());
  core::TaskGroup group(co_await core::asio::this_coro::executor);
  group.spawn("live view", follow(*live, order.on_update));
  auto held = co_await hold(client, order, *made);
  live->close();
  if (order.leave_by && order.leave_by()) group.cancel();
  co_await group.join();
  co_return held;
}

core::Task<core::Result<std::string>> make(net::Client& client, Api api, json::Object llm, json::Object agent) {
  const auto made_llm = co_await ask(client, api, "POST", "/create-retell-llm", json::dump(llm));
  if (!made_llm) co_return tl::unexpected(made_llm.error());
  agent["response_engine"] = json::Object{{"type", "retell-llm"}, {"llm_id", made_llm->at("llm_id")}};
  const auto made_agent = co_await ask(client, api, "POST", "/create-agent", json::dump(agent));
  if (!made_agent) co_return tl::unexpected(made_agent.error());
  co_return std::string(made_agent->at("agent_id").as_string());
}

// Runs `task(client)` on a worker of its own and waits.
template <class F>
auto run_with_client(F task) {
  core::Worker worker(0);
  net::Client client(worker, {}, {});
  worker.start();
  auto done = boost::asio::co_spawn(worker.executor(), task(client), boost::asio::use_future);
  auto result = done.get();
  worker.stop();
  return result;
}

}  // namespace

core::Result<Conversation> hold_conversation(const ConversationOrder& order) {
  return run_with_client([&](net::Client& client) { return converse(client, order); });
}

core::Result<std::string> make_agent(const std::string& server, const std::string& api_key, json::Object llm_settings,
                                     json::Object agent_settings) {
  return run_with_client([&](net::Client& client) {
    return make(client, Api{server, api_key}, std::move(llm_settings), std::move(agent_settings));
  });
}

}  // namespace retell::app
