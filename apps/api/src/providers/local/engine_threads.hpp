// The threads of one engine: inference is never on a worker's or the media thread. A bounded queue with two priorities;
// a job learns which thread it runs on, so that an engine can keep one context per thread. Any thread may submit.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace retell::providers::local {

enum class Priority : std::uint8_t { caller_waits, in_passing };

class EngineThreads {
 public:
  using Job = std::function<void(std::size_t thread)>;

  // `capacity`: jobs that may wait. The threads run a little below the workers' priority, so that audio stays in time.
  EngineThreads(std::string name, std::size_t threads, std::size_t capacity);
  ~EngineThreads();  // stop()
  EngineThreads(const EngineThreads&) = delete;
  EngineThreads& operator=(const EngineThreads&) = delete;

  // False when the queue is full or the threads are stopping; the job is then not kept.
  [[nodiscard]] bool submit(Job job, Priority priority = Priority::caller_waits);
  // Whether a job submitted now would start at once.
  [[nodiscard]] bool has_idle() const;
  [[nodiscard]] std::size_t size() const { return threads_.size(); }
  // Drops what waits, lets what runs end, joins. Jobs see stopping() and should end early.
  void stop();
  [[nodiscard]] bool stopping() const;

 private:
  void run(std::size_t thread);

  std::string name_;
  std::size_t capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> urgent_;
  std::deque<Job> passing_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace retell::providers::local
