// Waits for what another process or thread does.
#pragma once
#include <chrono>
#include <functional>
#include <thread>

namespace retell::test {

// Looks again and again; false when it has not come true within that time.
inline bool wait_until(const std::function<bool()>& condition, std::chrono::seconds within) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

}  // namespace retell::test
