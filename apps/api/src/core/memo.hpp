// What was made of a text, so that the same text need not be read again: a cache shared with other processes holds
// text, and reading it costs more than fetching it. Never out of date, for it answers only to the very same text. Any
// thread.
#pragma once
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace retell::core {

template <class T>
class Memo {
 public:
  explicit Memo(std::size_t capacity) : capacity_(capacity) {}

  // What `remember` was told for this key, if it was made of this text.
  [[nodiscard]] std::optional<T> recall(const std::string& key, std::string_view text) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.text != text) return std::nullopt;
    return found->second.value;
  }
  // When it is full, everything is forgotten: whatever is in use is soon back.
  void remember(const std::string& key, std::string text, T value) {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= capacity_ && !entries_.contains(key)) entries_.clear();
    entries_.insert_or_assign(key, Entry{std::move(text), std::move(value)});
  }

 private:
  struct Entry {
    std::string text;
    T value;
  };
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace retell::core
