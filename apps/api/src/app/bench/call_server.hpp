// The platform's call path on one core: server, Media Streams transport, engine with detection, turn-taking and
// recording, and the real vendor adapters, pointed at scripted vendors. What `serve` runs for a call, without the API.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace retell::benchmarks {

struct ServerFigures {
  double frame_lateness_p99_ms = 0;  // of the media clock: when a frame was served against when it was due
  double core_percent = 0;
};

class CallServer {
 public:
  // Recordings go to `folder` and are removed as their calls end.
  CallServer(int core, std::uint16_t vendor_port, std::string folder);
  ~CallServer();
  CallServer(const CallServer&) = delete;
  CallServer& operator=(const CallServer&) = delete;

  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] ServerFigures take();  // since the last time

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace retell::benchmarks
