// The load in a process of its own on another core: scripted vendors and the far ends of the calls. Start it before
// the program has threads. Blocking; one thread.
#pragma once
#include <cstdint>
#include <sys/types.h>
#include <vector>

#include "benchmarks/scripted_vendors.hpp"

namespace retell::benchmarks {

struct LoadFigures {
  double lateness_p50_ms = 0;
  double lateness_p99_ms = 0;
  double own_lateness_p99_ms = 0;
  double added_p50_ms = 0;
  double added_p99_ms = 0;
  std::uint64_t measured_turns = 0;
  std::uint64_t turns = 0;
  std::uint64_t frames_in = 0;
  std::uint64_t lost_calls = 0;
  std::uint64_t live_calls = 0;
  double core_percent = 0;  // of one core, since the figures before
};

class LoadProcess {
 public:
  LoadProcess(int core, VendorTimes times, const std::vector<std::int16_t>& speech);
  ~LoadProcess();  // ends it
  LoadProcess(const LoadProcess&) = delete;
  LoadProcess& operator=(const LoadProcess&) = delete;

  [[nodiscard]] std::uint16_t vendor_port() const { return vendor_port_; }  // 0: it could not start
  void call(std::uint16_t port, std::uint32_t count);
  [[nodiscard]] LoadFigures take();

 private:
  struct Command;
  [[noreturn]] static void serve(int channel, int core, VendorTimes times, const std::vector<std::int16_t>& speech);
  int channel_ = -1;
  pid_t child_ = -1;
  std::uint16_t vendor_port_ = 0;
};

}  // namespace retell::benchmarks
