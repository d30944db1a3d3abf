// A file descriptor on its way between two threads; closes it unless somebody takes it. Internal to net/.
#pragma once
#include <unistd.h>
#include <utility>

namespace retell::net {

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  [[nodiscard]] int release() { return std::exchange(value_, -1); }
  [[nodiscard]] int get() const { return value_; }

 private:
  int value_;
};

}  // namespace retell::net
