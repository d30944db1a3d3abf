#include "services/call_service.hpp"

#include "core/ids.hpp"
#include "json/text.hpp"
#include "json/write.hpp"
#include "services/call_arrangement.hpp"
#include "services/call_record.hpp"
#include "services/call_wish.hpp"
#include "services/runnable.hpp"
#include "services/version_choice.hpp"

namespace retell::services {
namespace {

using namespace std::chrono_literals;
using core::ErrorCode;
using core::fail;

constexpr auto web_join_time = 30s;          // Retell's
constexpr auto registered_join_time = 5min;  // Retell's
constexpr std::size_t reports_at_once = 64;  // more than the database has connections for

tl::unexpected<core::Error> too_many_calls(const std::string& limit, int most) {
  core::Error error{ErrorCode::rate_limited, limit + " of " + std::to_string(most) + " concurrent calls is reached"};
  error.retry_after = 5s;  // calls take their time
  return tl::unexpected<core::Error>(std::move(error));
}

// The settings' own check does not know where in the request they stand.
tl::unexpected<core::Error> of_override(const std::string& where, core::Error error) {
  error.message = where + ": " + error.message;
  error.field = error.field.empty() ? where : where + "." + error.field;
  return tl::unexpected<core::Error>(std::move(error));
}

}  // namespace

// One that is open and not live here is another process's, or was: that it died is found out within minutes.
bool CallService::is_open(const domain::Call& call) {
  return call.call_status == domain::CallStatus::registered || call.call_status == domain::CallStatus::ongoing;
}

// Held from before the call is there until it is among the live ones; given back when it does not come to that.
class CallService::Place {
 public:
  Place(CallService& service, std::string organization_id, std::string call_id)
      : service_(service), organization_id_(std::move(organization_id)), call_id_(std::move(call_id)) {
    const std::lock_guard lock(service_.mutex_);
    const auto here = static_cast<int>(service_.live_.size()) + ++service_.preparing_;
    full_house_ = here > service_.parts_.config.limits.max_concurrent_calls;
  }
  ~Place() {
    if (kept_) return;
    if (registered_) service_.parts_.registry.release(organization_id_, call_id_);
    const std::lock_guard lock(service_.mutex_);
    --service_.preparing_;
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  [[nodiscard]] bool full_house() const { return full_house_; }  // this process has as many calls as it may
  [[nodiscard]] core::Task<storage::CallPlace> take(int most) {
    registered_ = true;  // also when nobody waits for the answer any more
    const auto place = co_await service_.parts_.registry.take(organization_id_, call_id_, most);
    registered_ = place.taken;
    co_return place;
  }
  void keep() {  // the call is live; with the service's mutex held
    kept_ = true;
    --service_.preparing_;
  }

 private:
  CallService& service_;
  std::string organization_id_;
  std::string call_id_;
  bool full_house_ = false;
  bool registered_ = false;
  bool kept_ = false;
};

CallService::CallService(CallServiceParts parts, const core::Executor& executor, core::Logger log)
    : parts_(parts),
      calls_(parts.database),
      orders_(parts.database),
      executor_(executor),
      log_(std::move(log)),
      reports_(std::make_shared<core::Lanes<Happening>>(
          executor, reports_at_once,
          [this](std::string call_id, Happening what) { return apply(std::move(call_id), std::move(what)); },
          &CallService::join_report, log_)) {}

core::Task<core::Result<ResolvedAgent>> CallService::resolve(std::string organization_id, const Wish& wish) {
  const auto version = parse_version(wish.version);
  if (!version) co_return tl::unexpected(version.error());
  auto agent = co_await parts_.agents.snapshot(organization_id, wish.agent_id, *version);
  if (!agent) co_return tl::unexpected(agent.error());
  if (wish.agent_override && wish.agent_override->agent) {
    auto settings = domain::patch_agent_settings(agent->settings, *wish.agent_override->agent);
    if (!settings) co_return of_override("agent_override.agent", settings.error());
    agent->settings = std::move(*settings);
  }
  const auto* engine = std::get_if<domain::RetellLlmEngine>(&agent->settings.response_engine);
  if (engine == nullptr) {
    const bool flow = std::holds_alternative<domain::ConversationFlowEngine>(agent->settings.response_engine);
    co_return fail(ErrorCode::unprocessable,
                   std::string("Calls with agents of type ") + (flow ? "conversation-flow" : "custom-llm") +
                       " are not available on this server yet; retell-llm agents are.",
                   "response_engine.type");
  }
  storage::VersionChoice llm_version;
  if (engine->version) llm_version = {storage::VersionChoice::Kind::exact, *engine->version};
  auto llm = co_await parts_.llms.snapshot(organization_id, engine->llm_id, llm_version);
  if (!llm) co_return tl::unexpected(llm.error());
  if (wish.agent_override && wish.agent_override->retell_llm) {
    auto settings = domain::patch_llm_settings(llm->settings, *wish.agent_override->retell_llm);
    if (!settings) co_return of_override("agent_override.retell_llm", settings.error());
    llm->settings = std::move(*settings);
  }
  if (const auto able = check_runnable(llm->settings); !able) co_return tl::unexpected(able.error());
  auto voice = parts_.voices.find(agent->settings.voice_id);
  if (!voice) co_return tl::unexpected(voice.error());
  ResolvedAgent resolved{std::move(*agent), std::move(*llm), std::move(*voice)};
  if (version->kind == storage::VersionChoice::Kind::tag) {
    auto tag = co_await parts_.agents.tag(std::move(organization_id), wish.agent_id, version->name);
    if (!tag) co_return tl::unexpected(tag.error());
    if (tag->has_value()) {
      resolved.tag = (*tag)->tag;
      resolved.tag_variables = std::move((*tag)->dynamic_variables);
    }
  }
  co_return resolved;
}

core::Task<core::Result<CallService::Live>> CallService::prepare(std::string organization_id, Wish wish) {
  if (!parts_.launcher.takes_calls()) {
    co_return fail(ErrorCode::unavailable, "the server is shutting down and takes no new calls");
  }
  auto resolved = co_await resolve(organization_id, wish);
  if (!resolved) co_return tl::unexpected(resolved.error());

  // The place is taken before the record is written, so that calls made at the same moment cannot pass the limit.
  if (wish.call.call_id.empty()) wish.call.call_id = core::make_id("call_");
  Place place(*this, organization_id, wish.call.call_id);
  if (place.full_house()) co_return too_many_calls("this server's limit", parts_.config.limits.max_concurrent_calls);
  const auto wanted = co_await wanted_limit(organization_id);
  const int most = wanted.value_or(default_limit());
  const auto taken = co_await place.take(most);
  if (!taken) co_return too_many_calls("the limit", most);

  Live live{.stored = {.organization_id = organization_id, .call = std::move(wish.call), .created_at = 0},
            .agent = {},
            .token = {}};
  auto& call = live.stored.call;
  call.agent_id = resolved->agent.agent_id;
  call.agent_version = resolved->agent.version;
  call.agent_name = resolved->agent.settings.agent_name;
  call.agent_tag = resolved->tag;
  call.call_status = domain::CallStatus::registered;
  call.data_storage_setting = resolved->agent.settings.data_storage_setting;
  call.opt_in_signed_url = resolved->agent.settings.opt_in_signed_url.value_or(false);
  live.stored.created_at = core::epoch_ms(parts_.clock.wall());
  live.stored.node_id = parts_.node_id;
  live.agent = resolved->agent.settings;

  const auto call_id = call.call_id;
  live.token = wish.token.empty() ? make_media_token(call_id) : std::move(wish.token);
  if (call.call_type == domain::CallType::web_call) call.access_token = live.token;
  live.stored.arrangement = to_text({.token_sha256 = token_digest(live.token),
                                     .agent_override = std::move(wish.agent_override),
                                     .tag_variables = resolved->tag_variables,
                                     .when_missed = wish.when_missed,
                                     .join_until = live.stored.created_at + wish.join_time.count()});
  keep_ready(live, co_await plan_for(*resolved, live.stored), wish.when_missed, wish.join_time);
  const auto entered = co_await enter(live.stored, taken.counted, wanted);
  if (!entered || !*entered) {
    parts_.launcher.forget(call_id);
    if (entered) co_return too_many_calls("the limit", most);
    co_return tl::unexpected(entered.error());
  }
  {
    const std::lock_guard lock(mutex_);
    live_.emplace(call_id, live);
    place.keep();
  }
  co_return live;
}

core::Task<engine::CallPlan> CallService::plan_for(const ResolvedAgent& resolved, const storage::StoredCall& stored) {
  const auto signing_key = co_await parts_.keys.signing_key(stored.organization_id);
  const PlanContext context{parts_.config, parts_.clock.wall(), stored.organization_id, signing_key.value_or(""),
                            keeps_content(stored.call) ? parts_.recordings.path_for(stored.call.call_id) : ""};
  co_return make_call_plan(resolved, stored.call, context);
}

core::Task<core::Result<domain::Call>> CallService::create_web_call(std::string organization_id,
                                                                    WebCallRequest request) {
  Wish wish;
  wish.agent_id = std::move(request.agent_id);
  wish.version = version_text(request.agent_version);
  wish.agent_override = std::move(request.agent_override);
  wish.call.call_type = domain::CallType::web_call;
  wish.call.metadata = std::move(request.metadata);
  wish.call.retell_llm_dynamic_variables = std::move(request.retell_llm_dynamic_variables);
  wish.join_time = web_join_time;
  auto live = co_await prepare(std::move(organization_id), std::move(wish));
  if (!live) co_return tl::unexpected(live.error());
  co_return std::move(live->stored.call);
}

core::Task<core::Result<domain::Call>> CallService::register_phone_call(std::string organization_id,
                                                                        RegisterCallRequest request) {
  Wish wish;
  wish.call.call_id = core::make_id("call_");
  wish.token = registered_call_token(parts_.secret, wish.call.call_id);
  wish.agent_id = std::move(request.agent_id);
  wish.version = version_text(request.agent_version);
  wish.agent_override = std::move(request.agent_override);
  wish.call.call_type = domain::CallType::phone_call;
  wish.call.direction = request.direction.value_or(domain::Direction::inbound);
  wish.call.from_number = request.from_number.value_or("");
  wish.call.to_number = request.to_number.value_or("");
  wish.call.metadata = std::move(request.metadata);
  wish.call.retell_llm_dynamic_variables = std::move(request.retell_llm_dynamic_variables);
  wish.when_missed = domain::DisconnectionReason::registered_call_timeout;
  wish.join_time = registered_join_time;
  auto live = co_await prepare(std::move(organization_id), std::move(wish));
  if (!live) co_return tl::unexpected(live.error());
  co_return std::move(live->stored.call);
}

void CallService::unanswered(const std::string& call_id, domain::DisconnectionReason reason) {
  parts_.launcher.forget(call_id);
  report(call_id, Unconnected{reason});
}

core::Task<core::Result<domain::Call>> CallService::get(std::string organization_id, std::string call_id) {
  auto running = live(call_id);
  if (running && running->stored.organization_id != organization_id) running.reset();
  // One that waits for its media connection may have been taken over.
  const bool held = running && running->stored.call.call_status != domain::CallStatus::registered;
  if (held) co_return std::move(running->stored.call);
  auto found = co_await calls_.find(std::move(organization_id), call_id);
  const bool here = running && (!found || !found->has_value() || (*found)->node_id == parts_.node_id);
  if (here) co_return std::move(running->stored.call);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return fail(ErrorCode::unprocessable, "Call " + call_id + " not found");
  co_return std::move((*found)->call);
}

core::Task<core::Result<storage::CallPage>> CallService::list(std::string organization_id, storage::CallQuery query) {
  co_return co_await calls_.list(std::move(organization_id), std::move(query));
}

core::Task<core::Result<domain::Call>> CallService::update(std::string organization_id, std::string call_id,
                                                           UpdateCallRequest request) {
  if (request.override_dynamic_variables && !request.override_dynamic_variables->empty()) {
    co_return fail(ErrorCode::unprocessable,
                   "Dynamic variables of a running call cannot be changed on this server yet.",
                   "override_dynamic_variables");
  }
  const auto change = [&](domain::Call& call) -> core::Result<> {
    if (request.data_storage_setting) {
      if (*request.data_storage_setting < call.data_storage_setting.value_or(domain::DataStorage::everything)) {
        return fail(ErrorCode::invalid, "data_storage_setting: can only become stricter", "data_storage_setting");
      }
      call.data_storage_setting = request.data_storage_setting;
    }
    if (request.metadata) call.metadata = request.metadata->is_null() ? std::nullopt : request.metadata;
    if (request.custom_attributes) {
      call.custom_attributes = request.custom_attributes->empty() ? std::nullopt : request.custom_attributes;
    }
    return {};
  };
  std::optional<Live> held;
  {
    const std::lock_guard lock(mutex_);
    const auto running = live_.find(call_id);
    if (running != live_.end() && running->second.stored.organization_id == organization_id) {
      if (auto done = change(running->second.stored.call); !done) co_return tl::unexpected(done.error());
      held = running->second;
    }
  }
  const auto as_text = [&] { return json::dump(json::write(request)); };
  if (held) {
    const auto shared = co_await share_change(*held, storage::NodeOrderKind::change, as_text());
    if (!shared) co_return tl::unexpected(shared.error());
    if (*shared) co_return std::move(held->stored.call);
  }
  auto found = co_await calls_.find(organization_id, call_id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return fail(ErrorCode::unprocessable, "Call " + call_id + " not found");
  if (auto done = change((*found)->call); !done) co_return tl::unexpected(done.error());
  if (is_open((*found)->call)) {  // what we wrote would be written over
    const auto passed = co_await pass_on(**found, storage::NodeOrderKind::change, as_text());
    if (!passed) co_return tl::unexpected(passed.error());
    // Whoever asks next, whichever process, is to be shown the change.
    co_await await_order(std::move(organization_id), *passed);
    co_return std::move((*found)->call);
  }
  if (!keeps_content((*found)->call)) {
    strip_content((*found)->call);
    const auto gone = co_await drop_content(**found);
    if (!gone) co_return tl::unexpected(gone.error());
  }
  const auto stored = co_await calls_.update(**found);
  if (!stored) co_return tl::unexpected(stored.error());
  co_return std::move((*found)->call);
}

core::Task<core::Result<>> CallService::stop(std::string organization_id, std::string call_id) {
  const auto running = live(call_id);
  if (!running || running->stored.organization_id != organization_id) {
    const auto found = co_await calls_.find(std::move(organization_id), call_id);
    if (!found) co_return tl::unexpected(found.error());
    if (!found->has_value()) co_return fail(ErrorCode::unprocessable, "Call " + call_id + " not found");
    if (!is_open((*found)->call)) co_return core::Result<>{};  // stopping twice is fine
    const auto passed = co_await pass_on(**found, storage::NodeOrderKind::stop, {});
    if (!passed) co_return tl::unexpected(passed.error());
    co_return core::Result<>{};
  }
  if (!parts_.launcher.end(call_id, engine::EndReason::manual_stop)) {
    unanswered(call_id, domain::DisconnectionReason::manual_stopped);
  }
  co_return core::Result<>{};
}

core::Task<core::Result<>> CallService::remove(std::string organization_id, std::string call_id) {
  auto found = co_await calls_.find(organization_id, call_id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return fail(ErrorCode::unprocessable, "Call " + call_id + " not found");
  if (live(call_id) || is_open((*found)->call))
    co_return fail(ErrorCode::unprocessable, "Call " + call_id + " is still running");
  if (!(*found)->recording_key.empty()) {
    const auto gone = co_await parts_.recordings.forget((*found)->recording_key);
    if (!gone) co_return gone;
  }
  auto statements = storage::CallStore::remove_all_of(organization_id, call_id);
  statements.back().at_least_rows = 1;
  const auto done = co_await parts_.database.transaction(std::move(statements));
  if (!done && done.error().field == storage::too_few_rows) {
    co_return fail(ErrorCode::unprocessable, "Call " + call_id + " not found");
  }
  if (!done) co_return tl::unexpected(done.error());
  co_return core::Result<>{};
}

core::Task<std::optional<int>> CallService::wanted_limit(std::string organization_id) const {
  const auto own = co_await parts_.workspaces.concurrent_calls(std::move(organization_id));
  if (own) co_return own;
  const int most = parts_.workspaces.defaults().max_concurrent_calls;
  co_return most > 0 ? std::optional(most) : std::nullopt;
}

core::Task<int> CallService::limit(std::string organization_id) const {
  co_return (co_await wanted_limit(std::move(organization_id))).value_or(default_limit());
}

int CallService::default_limit() const {
  const int most = parts_.workspaces.defaults().max_concurrent_calls;
  return most > 0 ? most : parts_.registry.capacity();
}

core::Task<core::Result<int>> CallService::concurrency(std::string organization_id) {
  const auto known = co_await parts_.registry.count(organization_id);
  const auto apart = co_await calls_.others_apart(parts_.node_id, core::epoch_ms(parts_.clock.wall()));
  if (known.together && apart && !*apart) co_return known.calls;
  co_return co_await calls_.open_calls(std::move(organization_id));
}

std::optional<CallService::Live> CallService::live(const std::string& call_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(call_id);
  return found == live_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<CallService::Live> CallService::change(const std::string& call_id,
                                                     const std::function<void(storage::StoredCall&)>& how) {
  const std::lock_guard lock(mutex_);
  const auto found = live_.find(call_id);
  if (found == live_.end()) return std::nullopt;
  how(found->second.stored);
  return found->second;
}

}  // namespace retell::services
