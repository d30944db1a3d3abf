// Writes the server's figures into its log for CloudWatch, once in a while and a last time at the end. On a thread of
// its own: a log that takes nothing holds up nobody else.
#pragma once
#include <chrono>
#include <functional>
#include <string>

#include "app/cloudwatch_lines.hpp"
#include "core/log.hpp"
#include "core/service_thread.hpp"

namespace retell::app {

class FiguresPublisher {
 public:
  using Take = std::function<CloudWatchFigures()>;
  // Writes one line, whole and with its end; false when it cannot.
  using Write = std::function<bool(const std::string& line)>;

  FiguresPublisher(CloudWatchLines lines, std::chrono::milliseconds interval, Take take, Write write, core::Logger log);
  ~FiguresPublisher();  // after the last line; what `take` reads must still be there
  FiguresPublisher(const FiguresPublisher&) = delete;
  FiguresPublisher& operator=(const FiguresPublisher&) = delete;

 private:
  [[nodiscard]] core::Task<void> run(std::chrono::milliseconds interval);
  void publish();

  CloudWatchLines lines_;
  Take take_;
  Write write_;
  core::Logger log_;
  bool broken_ = false;
  core::ServiceThread thread_{"figures"};
};

// To standard output. The log's lines go to standard error: the two cannot mix.
[[nodiscard]] bool write_to_stdout(const std::string& line);

}  // namespace retell::app
