// Programs run beside the server: package clients, curl, espeak-ng. No shell is involved, time is bounded, and the
// child's whole process group is killed when time is up or nobody wants it any more. Blocking: pool threads only.
#pragma once
#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace retell::providers::local {

struct ChildOptions {
  std::chrono::milliseconds timeout{60'000};
  std::string input = {};   // written to its standard input, which is then closed
  std::string folder = {};  // working directory; empty: ours
  // Gets its standard output as it comes; false kills the child (that is `cancelled`). Unset: output is discarded.
  std::function<bool(std::span<const char>)> output = {};
  // Called about every 50 ms while it runs; false kills it.
  std::function<bool()> tick = {};
};

// Runs argv[0] (looked up in PATH) to its end. Fails with `unavailable` when it cannot be started, `timeout`,
// `cancelled`, or `io` with the end of its standard error when it exits with anything but 0.
[[nodiscard]] core::Result<> run_child(const std::vector<std::string>& argv, const ChildOptions& options = {});

// Whether PATH has such a program.
[[nodiscard]] bool program_exists(const std::string& name);

}  // namespace retell::providers::local
