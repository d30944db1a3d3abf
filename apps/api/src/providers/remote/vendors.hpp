// The vendors that are reached over the network. To add one: its file, which ends in a function that registers it, and
// a line in vendors.cpp.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "providers/registry.hpp"

namespace retell::providers::remote {

// What an operator has of a vendor.
struct Account {
  std::string api_key;   // secret
  std::string base_url;  // empty: the vendor's public address
  std::string model;     // empty: the adapter's default
};

struct Vendor {
  std::string_view name;  // in the registry, and in the configuration: providers.<name>.api_key
  void (*add)(Registry& registry, const Account& account);
};

[[nodiscard]] std::span<const Vendor> vendors();

}  // namespace retell::providers::remote
