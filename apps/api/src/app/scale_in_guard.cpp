#include "app/scale_in_guard.hpp"

#include <algorithm>

namespace retell::app {

std::optional<ProtectionOrder> ScaleInGuard::step(core::TimePoint now, int calls) {
  if (calls > 0) last_call_ = now;
  std::optional<ProtectionOrder> order;
  if (calls > 0 && (!is_protected(now) || now >= renew_at_)) {
    order = ProtectionOrder{true, options_.lease};
  } else if (calls == 0 && now < maybe_protected_until_ && now - last_call_ >= options_.linger) {
    order = ProtectionOrder{false, {}};
  }
  // The pause is for what failed; a call that comes meanwhile does not wait for it.
  if (order && failed_order_ == order->on && now < next_try_) return std::nullopt;
  return order;
}

bool ScaleInGuard::answered(core::TimePoint now, const ProtectionOrder& order, const ProtectionAnswer& answer) {
  using Kind = ProtectionAnswer::Kind;
  if (answer.kind == Kind::done) {
    protected_until_ = order.on ? now + order.lease : core::TimePoint{};
    maybe_protected_until_ = protected_until_;
    renew_at_ = now + options_.renew_after;
    failures_ = 0;
    failed_order_.reset();
    return !std::exchange(told_, {}).empty();
  }
  if (answer.kind == Kind::failed && order.on) maybe_protected_until_ = now + order.lease;
  if (failed_order_ != order.on) failures_ = 0;
  failed_order_ = order.on;
  constexpr int most_doublings = 10;
  const auto pause =
      std::min(options_.longest_pause, options_.first_pause * (1 << std::min(failures_, most_doublings)));
  ++failures_;
  next_try_ = now + (answer.kind == Kind::hopeless ? options_.hopeless_pause : pause);
  return std::exchange(told_, answer.why) != answer.why;
}

}  // namespace retell::app
