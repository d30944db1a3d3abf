// What is done to a call while it runs, and to its analysis afterwards.
#include "api/routes/routes.hpp"
#include "api/types.hpp"

namespace retell::api {
namespace {

struct CallControl {
  std::optional<std::string> additional_context = {};
  std::optional<bool> trigger_response = {};
};
BOOST_DESCRIBE_STRUCT(CallControl, (), (additional_context, trigger_response))

struct LiveFields {
  std::optional<domain::TextMap> override_dynamic_variables = {};
  std::optional<json::Value> metadata = {};
  std::optional<domain::DataStorage> data_storage_setting = {};
};
BOOST_DESCRIBE_STRUCT(LiveFields, (), (override_dynamic_variables, metadata, data_storage_setting))

struct UpdateLiveCall {
  std::optional<LiveFields> fields_to_override = {};
  std::optional<CallControl> call_control = {};
};
BOOST_DESCRIBE_STRUCT(UpdateLiveCall, (), (fields_to_override, call_control))

struct Success {
  bool success = true;
};
BOOST_DESCRIBE_STRUCT(Success, (), (success))

core::Task<core::Result<>> must_run(Api& api, const Request& request) {
  const auto call = co_await api.calls.get(request.organization(), request.parameter(0));
  if (!call) co_return tl::unexpected(call.error());
  if (call->call_status != domain::CallStatus::ongoing && call->call_status != domain::CallStatus::registered) {
    co_return core::fail(core::ErrorCode::unprocessable, "Call " + call->call_id + " is not running");
  }
  co_return core::Result<>{};
}

core::Task<Outcome> update(Api& api, const Request& request, UpdateLiveCall body) {
  const auto running = co_await must_run(api, request);
  if (!running) co_return tl::unexpected(running.error());
  auto fields = std::move(body.fields_to_override).value_or(LiveFields{});
  if (body.call_control || fields.override_dynamic_variables) {
    co_return not_offered(
        "This server cannot steer a running conversation yet: only metadata and data_storage_setting "
        "of a live call can be changed.");
  }
  const auto call = co_await api.calls.update(request.organization(), request.parameter(0),
                                              {std::move(fields.metadata), {}, fields.data_storage_setting, {}});
  if (!call) co_return tl::unexpected(call.error());
  co_return json_reply(200, json::write(Success{}));
}

core::Task<Outcome> listen(Api& api, const Request& request) {
  const auto running = co_await must_run(api, request);
  if (!running) co_return tl::unexpected(running.error());
  co_return not_offered("Listening to live calls is not available on this server yet.");
}

struct TakeOver {
  std::string participant_id;
};
BOOST_DESCRIBE_STRUCT(TakeOver, (), (participant_id))

core::Task<Outcome> take_over(Api& api, const Request& request, TakeOver) {
  const auto running = co_await must_run(api, request);
  if (!running) co_return tl::unexpected(running.error());
  co_return not_offered("Taking over live calls is not available on this server yet.");
}

core::Task<Outcome> rerun_analysis(Api& api, const Request& request) {
  const auto call = co_await api.calls.get(request.organization(), request.parameter(0));
  if (!call) co_return tl::unexpected(call.error());
  co_return not_offered("Analysis by a language model is not available on this server yet, so there is none to rerun.");
}

constexpr Route table[] = {
    endpoint<&update, Success>("PATCH", "/v2/update-live-call/{call_id}", 200, "Change a running call"),
    endpoint<&listen>("POST", "/v2/listen-live-call/{call_id}", 200, "Listen to a running call (not available yet)"),
    endpoint<&take_over, Success>("POST", "/v2/take-over-live-call/{call_id}", 200,
                                  "Take over a running call (not available yet)"),
    endpoint<&rerun_analysis, domain::Call>(
        "PUT", "/rerun-call-analysis/{call_id}", 200, "Analyse a call again (not available yet)",
        {.needs = {.need = domain::Need{domain::Area::history, domain::Access::edit}}}),
};

}  // namespace

std::span<const Route> live_call_routes() { return table; }

}  // namespace retell::api
