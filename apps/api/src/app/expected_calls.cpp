#include "app/expected_calls.hpp"

namespace retell::app {

bool ExpectedCalls::add(const std::string& token, Pending pending) {
  const auto [entry, added] = by_token_.try_emplace(token, Entry{std::move(pending), {}, {}});
  if (!added) return false;
  auto& [held, deadline, call] = entry->second;
  deadline = by_deadline_.emplace(held.deadline, entry->first);
  call = by_call_.emplace(held.call.plan.call_id, entry->first);
  return true;
}

const ExpectedCalls::Pending* ExpectedCalls::find(std::string_view token) const {
  const auto found = by_token_.find(token);
  return found == by_token_.end() ? nullptr : &found->second.pending;
}

std::optional<ExpectedCalls::Taken> ExpectedCalls::take(std::string_view token) {
  const auto found = by_token_.find(token);
  if (found == by_token_.end()) return std::nullopt;
  return take(found);
}

std::optional<ExpectedCalls::Taken> ExpectedCalls::take_call(std::string_view call_id) {
  const auto found = by_call_.find(call_id);
  if (found == by_call_.end()) return std::nullopt;
  return take(by_token_.find(found->second));
}

std::optional<ExpectedCalls::Taken> ExpectedCalls::take_late(core::TimePoint now) {
  if (by_deadline_.empty() || by_deadline_.begin()->first >= now) return std::nullopt;
  return take(by_token_.find(by_deadline_.begin()->second));
}

ExpectedCalls::Taken ExpectedCalls::take(ByToken::iterator entry) {
  by_deadline_.erase(entry->second.deadline);
  by_call_.erase(entry->second.call);  // before what it has its key from
  auto node = by_token_.extract(entry);
  return {std::move(node.key()), std::move(node.mapped().pending)};
}

}  // namespace retell::app
