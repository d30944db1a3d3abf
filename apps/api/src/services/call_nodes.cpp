// The half of CallService that is about the other processes of a deployment. A load balancer gives a call's media
// connection to any of them, and so it does with a request about a call. The record says who holds the call; while it
// waits for its media connection, it goes to whoever that connection comes to.
#include <limits>

#include "core/race.hpp"
#include "crypto/hash.hpp"
#include "json/read.hpp"
#include "json/text.hpp"
#include "json/write.hpp"
#include "services/call_arrangement.hpp"
#include "services/call_service.hpp"
#include "services/call_wish.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using storage::NodeOrderKind;

constexpr std::chrono::milliseconds orders_interval{300};
constexpr int orders_at_once = 100;
// The holder has died, or its database is slow, when it takes longer; the order stands all the same.
constexpr std::chrono::milliseconds longest_await{2'000};
constexpr std::chrono::milliseconds await_interval{50};
// Said anew with every sign of life that a process gives while it is apart. Renewed earlier than it ends by more than
// processes' clocks differ.
constexpr std::chrono::milliseconds apart_time{90'000};
constexpr std::chrono::milliseconds least_apart_time{30'000};

}  // namespace

core::Task<core::Result<bool>> CallService::enter(const storage::StoredCall& call, storage::Counted counted,
                                                  std::optional<int> most) {
  if (most && counted == storage::Counted::alone) {
    const auto apart = co_await stand_apart();
    if (!apart) co_return tl::unexpected(apart.error());
  }
  const auto now = core::epoch_ms(parts_.clock.wall());
  co_return co_await calls_.insert(call, {.most = most,
                                          .counted_together = counted == storage::Counted::together,
                                          .now_ms = now,
                                          .seen_since_ms = now - std::chrono::milliseconds(node_lifetime).count()});
}

core::Task<core::Result<>> CallService::stand_apart() {
  const auto now = core::epoch_ms(parts_.clock.wall());
  if (apart_until_ - now >= least_apart_time.count()) co_return core::Result<>{};
  const auto until = now + apart_time.count();
  const auto told = co_await calls_.announce_node(parts_.node_id, now, until);
  if (told) apart_until_ = until;
  co_return told;
}

core::Task<core::Result<>> CallService::show_life(std::int64_t now_ms, bool first) {
  const auto until = parts_.registry.apart() ? now_ms + apart_time.count() : 0;
  const auto told = first ? co_await calls_.announce_node(parts_.node_id, now_ms, until)
                          : co_await calls_.see_node(parts_.node_id, now_ms, until);
  // What was not so before is told by announcing it.
  if (told && (first || apart_until_ >= now_ms) && until > apart_until_) apart_until_ = until;
  co_return told;
}

void CallService::keep_ready(const Live& live, engine::CallPlan plan, domain::DisconnectionReason when_missed,
                             std::chrono::milliseconds within) {
  const auto& id = live.stored.call.call_id;
  parts_.launcher.expect(
      live.token, std::move(plan), sink(id),
      [this, id, when_missed] { report(id, Unconnected{.reason = when_missed, .missed = true}); }, within);
}

core::Task<bool> CallService::take_over(std::string token) {
  const auto call_id = call_of_token(token);
  if (call_id.empty()) co_return false;
  const auto log = log_.with("call_id", call_id);
  auto found = co_await calls_.find_any(call_id);
  if (!found) log.warn("a media connection has come for a call that cannot be looked up: {}", found.error().message);
  if (!found || !found->has_value()) co_return false;
  Live live{.stored = std::move(**found), .agent = {}, .token = std::move(token)};
  auto& stored = live.stored;
  const auto arrangement = read_arrangement(stored.arrangement);
  if (!arrangement || stored.call.call_status != domain::CallStatus::registered) co_return false;
  if (stored.node_id == parts_.node_id) co_return false;  // the token was good once
  if (!crypto::equal_constant_time(arrangement->token_sha256, token_digest(live.token))) co_return false;
  const std::chrono::milliseconds left(arrangement->join_until - core::epoch_ms(parts_.clock.wall()));
  if (left.count() <= 0) co_return false;

  Wish wish;
  wish.agent_id = stored.call.agent_id;
  wish.version = std::to_string(stored.call.agent_version);
  wish.agent_override = arrangement->agent_override;
  auto resolved = co_await resolve(stored.organization_id, wish);
  if (!resolved) {
    log.error("the call cannot be taken over: {}", resolved.error().message);
    co_return false;
  }
  resolved->tag = stored.call.agent_tag;
  resolved->tag_variables = arrangement->tag_variables;
  live.agent = resolved->agent.settings;
  auto plan = co_await plan_for(*resolved, stored);

  auto moved = order(stored, NodeOrderKind::moved, {});
  const auto taken = co_await calls_.take_over(stored, parts_.node_id, std::move(moved));
  if (!taken) log.error("the call cannot be taken over: {}", taken.error().message);
  if (!taken || !*taken) co_return false;
  stored.node_id = parts_.node_id;
  // It has its place already; from now on this process keeps it.
  (void)co_await parts_.registry.take(stored.organization_id, call_id, std::numeric_limits<int>::max());
  {
    const std::lock_guard lock(mutex_);
    live_.insert_or_assign(call_id, live);
  }
  keep_ready(live, std::move(plan), arrangement->when_missed, left);
  co_return true;
}

storage::NodeOrder CallService::order(const storage::StoredCall& call, NodeOrderKind kind, std::string body) {
  const auto now = core::epoch_ms(parts_.clock.wall());
  return {order_ids_.next(now), call.organization_id, call.node_id, call.call.call_id, kind, std::move(body), now};
}

core::Task<core::Result<std::string>> CallService::pass_on(const storage::StoredCall& call, NodeOrderKind kind,
                                                           std::string body) {
  // A call of ours that is not live here was left open by a crash, or is being made at this moment.
  if (call.node_id == parts_.node_id) {
    co_return core::fail(ErrorCode::unavailable, "Call " + call.call.call_id + " is between two states; ask again.");
  }
  auto given = order(call, kind, std::move(body));
  auto id = given.id;
  const auto added = co_await orders_.add(std::move(given));
  if (!added) co_return tl::unexpected(added.error());
  co_return id;
}

core::Task<core::Result<bool>> CallService::share_change(const Live& live, NodeOrderKind kind, std::string body) {
  const auto& call_id = live.stored.call.call_id;
  if (live.stored.call.call_status != domain::CallStatus::registered) co_return co_await rewrite(call_id);
  const auto kept = co_await calls_.change_waiting(live.stored);
  if (!kept) co_return tl::unexpected(kept.error());
  if (*kept) co_return true;
  // It has begun, here or elsewhere.
  auto found = co_await calls_.find_any(call_id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value() || (*found)->node_id == parts_.node_id) co_return co_await rewrite(call_id);
  const auto passed = co_await pass_on(**found, kind, std::move(body));
  if (!passed) co_return tl::unexpected(passed.error());
  co_await await_order(live.stored.organization_id, *passed);
  co_return true;
}

core::Task<void> CallService::await_order(std::string organization_id, std::string order_id) {
  const auto until = std::chrono::steady_clock::now() + longest_await;
  while (std::chrono::steady_clock::now() < until) {
    const auto waits = co_await orders_.waits(organization_id, order_id);
    if (!waits || !*waits) co_return;
    co_await core::sleep_for(await_interval);
  }
}

core::Task<core::Result<>> CallService::keep_waiting_once(const Live& live, bool& kept) {
  const auto done = co_await calls_.keep_waiting(live.stored);
  if (!done) co_return tl::unexpected(done.error());
  kept = *done;
  co_return core::Result<>{};
}

core::Task<bool> CallService::moved_on(const Live& live) {
  bool kept = false;
  const auto asked = co_await insist([&] { return keep_waiting_once(live, kept); });
  if (!asked || kept) co_return false;
  const auto found = co_await calls_.find_any(live.stored.call.call_id);
  co_return found && found->has_value() && (*found)->node_id != parts_.node_id;
}

void CallService::let_go(const Live& live) {
  const auto& id = live.stored.call.call_id;
  parts_.launcher.forget(id);
  {
    const std::lock_guard lock(mutex_);
    live_.erase(id);
  }
  parts_.registry.leave(live.stored.organization_id, id);
}

core::Task<void> CallService::tell_holder(std::string call_id, domain::DisconnectionReason reason) {
  const bool stopped = reason == domain::DisconnectionReason::manual_stopped;
  const auto found = co_await calls_.find_any(call_id);
  if (!found || !found->has_value() || !is_open((*found)->call)) co_return;
  // Who has answered meanwhile was not unanswered.
  if (!stopped && (*found)->call.call_status != domain::CallStatus::registered) co_return;
  const auto passed = co_await pass_on(**found, stopped ? NodeOrderKind::stop : NodeOrderKind::unanswered,
                                       stopped ? std::string() : std::string(json::enum_name(reason)));
  if (!passed) log_.with("call_id", call_id).warn("who holds the call is not told: {}", passed.error().message);
}

core::Task<core::Result<>> CallService::set_carrier_id(std::string organization_id, std::string call_id,
                                                       std::string carrier_id) {
  const domain::TelephonyIdentifier identifier{carrier_id};
  const auto held =
      change(call_id, [&](storage::StoredCall& stored) { stored.call.telephony_identifier = identifier; });
  if (held) {
    const auto shared = co_await share_change(*held, NodeOrderKind::carrier_id, carrier_id);
    if (!shared) co_return tl::unexpected(shared.error());
    if (*shared) co_return core::Result<>{};
  }
  auto found = co_await calls_.find(std::move(organization_id), call_id);
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return core::Result<>{};
  if (is_open((*found)->call)) {
    const auto passed = co_await pass_on(**found, NodeOrderKind::carrier_id, std::move(carrier_id));
    if (!passed) co_return tl::unexpected(passed.error());
    co_return core::Result<>{};
  }
  (*found)->call.telephony_identifier = identifier;
  co_return co_await calls_.update(std::move(**found));
}

core::Task<void> CallService::follow_orders() {
  for (;;) {
    co_await core::sleep_for(orders_interval);
    const auto orders = co_await orders_.of(parts_.node_id, orders_at_once);
    if (!orders) continue;  // the database is away; what waits, waits
    for (const auto& one : *orders) {
      const auto done = co_await carry_out(one);
      const bool later =
          !done && (done.error().code == ErrorCode::unavailable || done.error().code == ErrorCode::timeout);
      const bool stale = core::epoch_ms(parts_.clock.wall()) - one.created_at > order_lifetime.count();
      if (!done && (!later || stale)) {
        log_.with("call_id", one.call_id)
            .warn("another process's order ({}) is not carried out: {}", json::enum_name(one.kind),
                  done.error().message);
      }
      if (!later || stale) (void)co_await orders_.remove(one.organization_id, one.id);
    }
  }
}

core::Task<core::Result<>> CallService::carry_out(storage::NodeOrder order) {
  switch (order.kind) {
    case NodeOrderKind::moved: {
      const auto held = live(order.call_id);
      if (!held || held->stored.call.call_status != domain::CallStatus::registered) break;
      const auto found = co_await calls_.find(order.organization_id, order.call_id);
      if (!found) co_return tl::unexpected(found.error());
      if (found->has_value() && (*found)->node_id != parts_.node_id) let_go(*held);
      break;
    }
    case NodeOrderKind::stop:
      co_return co_await stop(order.organization_id, order.call_id);
    case NodeOrderKind::unanswered:
      if (const auto reason = json::enum_value<domain::DisconnectionReason>(order.body)) {
        unanswered(order.call_id, *reason);
      }
      break;
    case NodeOrderKind::change: {
      const auto body = json::parse(order.body);
      if (!body) co_return tl::unexpected(body.error());
      auto request = read_update_call(*body);
      if (!request) co_return tl::unexpected(request.error());
      const auto done = co_await update(order.organization_id, order.call_id, std::move(*request));
      if (!done) co_return tl::unexpected(done.error());
      break;
    }
    case NodeOrderKind::carrier_id:
      co_return co_await set_carrier_id(order.organization_id, order.call_id, order.body);
  }
  co_return core::Result<>{};
}

}  // namespace retell::services
