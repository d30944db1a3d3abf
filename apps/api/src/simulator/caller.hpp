// A simulated telephone call: connects to a media-stream URL as Twilio does and runs a FarEnd on the real clock, with
// absolute 20 ms deadlines. Lives on the worker of `client`.
#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "core/log.hpp"
#include "net/client.hpp"
#include "simulator/far_end.hpp"

namespace retell::simulator {

struct CallerOptions {
  std::string url;  // ws:// or wss://, of the TwiML's <Stream>
  FarEndOptions far_end;
  std::string recording_path;  // two-channel WAV, written at the end; empty: none
  // Asked all the time: until when the call is to be over and done with; nothing: it goes on. The caller then hangs up
  // at once, and the agent's server has until then to take it in.
  std::function<std::optional<std::chrono::steady_clock::time_point>()> leave_by = {};
};

class Caller {
 public:
  Caller(net::Client& client, CallerOptions options, core::Logger log)
      : client_(client), options_(std::move(options)), log_(std::move(log)) {}

  // The whole call. An error when it could not be connected or the recording could not be written; everything that the
  // agent does wrong is in the report.
  [[nodiscard]] core::Task<core::Result<Report>> run(Script script);

 private:
  net::Client& client_;
  CallerOptions options_;
  core::Logger log_;
};

// Two channels, the caller on the left.
[[nodiscard]] core::Result<> write_recording(const std::string& path, const Channels& channels);

}  // namespace retell::simulator
