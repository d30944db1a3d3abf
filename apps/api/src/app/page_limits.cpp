#include "app/page_limits.hpp"

#include <algorithm>

#include "services/sign_in_guard.hpp"

namespace retell::app {
namespace {

using namespace std::chrono_literals;

constexpr auto making = 10s;    // a call that has no id by then was not made
constexpr auto joining = 40s;   // a call whose media does not come by then is none
constexpr auto goodbye = 30s;   // beyond a call's longest time
constexpr auto a_moment = 10s;  // when one of several calls may have ended
constexpr auto hour = std::chrono::hours(1);

}  // namespace

std::size_t PageLimits::calls_at(core::TimePoint now) {
  std::erase_if(calls_, [now](const auto& call) { return call.second <= now; });
  while (!let_through_.empty() && let_through_.front() <= now) let_through_.pop_front();
  return calls_.size() + let_through_.size();
}

std::optional<std::chrono::seconds> PageLimits::too_early_by(core::TimePoint now, std::string_view address) {
  const std::lock_guard lock(mutex_);
  if (calls_at(now) >= static_cast<std::size_t>(options_.max_calls)) return a_moment;
  if (options_.calls_per_hour > 0) {
    if (const auto wait = count(now, address)) return wait;
  }
  let_through_.push_back(now + making);
  return std::nullopt;
}

std::optional<std::chrono::seconds> PageLimits::count(core::TimePoint now, std::string_view address) {
  const auto key = services::address_subject(address);
  if (addresses_.size() >= most_addresses && !addresses_.contains(key)) {
    std::erase_if(addresses_, [now](const auto& one) { return one.second <= now; });
    if (addresses_.size() >= most_addresses) return a_moment;
  }
  const auto step = std::chrono::duration_cast<core::TimePoint::duration>(hour) / options_.calls_per_hour;
  auto& next = addresses_[key];
  const auto moved = std::max(next, now) + step;
  if (const auto ahead = moved - now; ahead > hour) return std::chrono::ceil<std::chrono::seconds>(ahead - hour);
  next = moved;
  return std::nullopt;
}

void PageLimits::made(core::TimePoint now, const std::string& call_id) {
  const std::lock_guard lock(mutex_);
  if (!let_through_.empty()) let_through_.pop_front();
  calls_[call_id] = now + joining + options_.longest + goodbye;
}

void PageLimits::ended(const std::string& call_id) {
  const std::lock_guard lock(mutex_);
  calls_.erase(call_id);
}

std::vector<std::string> PageLimits::to_look_up(core::TimePoint now) {
  const std::lock_guard lock(mutex_);
  if (now - looked_up_ < 1s) return {};
  looked_up_ = now;
  std::vector<std::string> ids;
  ids.reserve(calls_.size());
  for (const auto& [id, until] : calls_) ids.push_back(id);
  return ids;
}

double longest_call(const domain::AgentSettings& agent, std::chrono::seconds longest) {
  const auto most = static_cast<double>(core::Millis(longest).count());
  return std::min(most, agent.max_call_duration_ms.value_or(most));
}

}  // namespace retell::app
