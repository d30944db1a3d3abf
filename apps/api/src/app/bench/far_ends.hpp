// The far end of many telephone calls: Twilio Media Streams clients that speak, listen and answer marks on one clock.
// Deliberately lean, so that the load is not heavier than what it loads. One worker's thread.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "audio/frame.hpp"
#include "benchmarks/scripted_vendors.hpp"
#include "core/task_group.hpp"
#include "net/client.hpp"

namespace retell::benchmarks {

struct FarEndFigures {
  std::vector<double> lateness_ms;      // of the agent's frames against the steadiest pace they came at
  std::vector<double> own_lateness_ms;  // of our own clock: above a few ms this side is too busy to judge the other
  std::vector<double> added_ms;         // of each answered turn: from transcript to sound, without the vendors' times
  std::uint64_t frames_in = 0;
  std::uint64_t turns = 0;
  std::uint64_t lost_calls = 0;
};

class FarEnds {
 public:
  // `speech`: 8 kHz, what every caller says, again and again, after hearing the agent out.
  FarEnds(core::Worker& worker, ScriptedVendors& vendors, const std::vector<std::int16_t>& speech);
  ~FarEnds();
  FarEnds(const FarEnds&) = delete;
  FarEnds& operator=(const FarEnds&) = delete;

  void call(std::uint16_t port, std::size_t count);  // so many calls in all
  [[nodiscard]] FarEndFigures take();                // since the last time
  [[nodiscard]] std::size_t live() const;

 private:
  struct Call;
  [[nodiscard]] core::Task<void> run(Call& call, std::uint16_t port);
  [[nodiscard]] core::Task<void> clock();
  void tick(Call& call, core::TimePoint now);
  void hear(Call& call, std::string_view message);

  core::Worker& worker_;
  ScriptedVendors& vendors_;
  net::Client client_;
  std::vector<std::string> speech_;  // 20 ms frames in base64
  std::string silence_;
  std::vector<std::unique_ptr<Call>> calls_;
  FarEndFigures figures_;
  core::TaskGroup group_;
  bool ticking_ = false;
};

}  // namespace retell::benchmarks
