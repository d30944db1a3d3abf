#include "storage/cache/memory_call_registry.hpp"

namespace retell::storage {

core::Task<CallPlace> MemoryCallRegistry::take(std::string organization_id, std::string call_id, int most) {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(organization_id);
  const bool known = found != calls_.end() && found->second.contains(call_id);
  const auto count = found == calls_.end() ? 0 : static_cast<int>(found->second.size());
  if (!known && count >= most) co_return CallPlace{};
  calls_[std::move(organization_id)].insert(std::move(call_id));
  co_return CallPlace{true};
}

void MemoryCallRegistry::release(std::string organization_id, std::string call_id) {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(organization_id);
  if (found == calls_.end()) return;
  found->second.erase(call_id);
  if (found->second.empty()) calls_.erase(found);
}

core::Task<CallCount> MemoryCallRegistry::count(std::string organization_id) {
  const std::lock_guard lock(mutex_);
  const auto found = calls_.find(organization_id);
  co_return CallCount{found == calls_.end() ? 0 : static_cast<int>(found->second.size())};
}

void MemoryCallRegistry::add(const std::string& organization_id, std::string call_id) {
  const std::lock_guard lock(mutex_);
  calls_[organization_id].insert(std::move(call_id));
}

MemoryCallRegistry::Batch MemoryCallRegistry::after(const Batch& last, std::size_t most) const {
  const std::lock_guard lock(mutex_);
  for (auto one = calls_.lower_bound(last.organization_id); one != calls_.end(); ++one) {
    const auto& [organization_id, calls] = *one;
    const bool begun = organization_id == last.organization_id && !last.calls.empty();
    Batch batch{organization_id};
    for (auto call = begun ? calls.upper_bound(last.calls.back()) : calls.begin();
         call != calls.end() && batch.calls.size() < most; ++call) {
      batch.calls.push_back(*call);
    }
    if (!batch.calls.empty()) return batch;
  }
  return {};
}

}  // namespace retell::storage
