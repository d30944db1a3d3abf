// When a task on Amazon ECS asks to be spared by scale-in and deployments: while it has calls, and a little longer.
// Such a protection is a lease, renewed in good time. Pure: time is an argument, and somebody else does the asking.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "core/clock.hpp"

namespace retell::app {

// What to ask for.
struct ProtectionOrder {
  bool on = false;
  std::chrono::minutes lease{0};  // of a protection that is on
  bool operator==(const ProtectionOrder&) const = default;
};

// What came of it.
struct ProtectionAnswer {
  enum class Kind : std::uint8_t {
    done,
    refused,   // by ECS, with a reason that may pass
    hopeless,  // refused with a reason that will hardly pass: no permission, not a task of a service
    failed,    // nobody knows whether it was done
  };
  Kind kind = Kind::done;
  std::string why = {};  // for people; the same for the same cause
};

struct ScaleInGuardOptions {
  std::chrono::minutes lease{30};
  std::chrono::minutes renew_after{20};  // what then remains is for trying again
  std::chrono::seconds linger{60};       // after the last call, so that it is not switched for every one
  std::chrono::seconds first_pause{2};   // after a failure; doubles
  std::chrono::seconds longest_pause{60};
  std::chrono::seconds hopeless_pause{600};
};

class ScaleInGuard {
 public:
  explicit ScaleInGuard(ScaleInGuardOptions options = {}) : options_(options) {}

  // What to ask for now, if anything; then `answered` comes before the next step.
  [[nodiscard]] std::optional<ProtectionOrder> step(core::TimePoint now, int calls);
  // Whether people should hear of it: the first failure of a cause, and the first success after one.
  [[nodiscard]] bool answered(core::TimePoint now, const ProtectionOrder& order, const ProtectionAnswer& answer);
  [[nodiscard]] bool is_protected(core::TimePoint now) const { return now < protected_until_; }

 private:
  ScaleInGuardOptions options_;
  core::TimePoint last_call_{};
  core::TimePoint protected_until_{};        // surely
  core::TimePoint maybe_protected_until_{};  // asked for, with or without an answer
  core::TimePoint renew_at_{};
  int failures_ = 0;  // since the last success
  std::string told_;  // the cause that people know of
  std::optional<bool> failed_order_;
  core::TimePoint next_try_{};
};

}  // namespace retell::app
