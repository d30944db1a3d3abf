// Short-lived values by key. What is lost is only time.
#pragma once
#include <chrono>
#include <optional>
#include <string>

namespace retell::storage {

class Cache {
 public:
  virtual ~Cache() = default;
  [[nodiscard]] virtual std::optional<std::string> get(const std::string& key) = 0;
  virtual void set(const std::string& key, std::string value, std::chrono::milliseconds lifetime) = 0;
  virtual void remove(const std::string& key) = 0;
};

}  // namespace retell::storage
