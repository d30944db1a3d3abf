#include "providers/local/engine_threads.hpp"

#include <fmt/format.h>

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace retell::providers::local {
namespace {

constexpr int niceness = 5;  // below the workers: a decode may take 300 ms, a media tick may not wait that long

void name_this_thread(const std::string& name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());  // the kernel keeps 15 characters
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), niceness);
}

}  // namespace

EngineThreads::EngineThreads(std::string name, std::size_t threads, std::size_t capacity)
    : name_(std::move(name)), capacity_(capacity) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this, i] { run(i); });
}

EngineThreads::~EngineThreads() { stop(); }

bool EngineThreads::submit(Job job, Priority priority) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || urgent_.size() + passing_.size() >= capacity_) return false;
    (priority == Priority::caller_waits ? urgent_ : passing_).push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

bool EngineThreads::has_idle() const {
  const std::lock_guard lock(mutex_);
  return idle_ > urgent_.size() + passing_.size();
}

bool EngineThreads::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void EngineThreads::stop() {
  std::deque<Job> urgent;  // destroyed outside the lock: a job may hold the last reference to a stream's state
  std::deque<Job> passing;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    urgent.swap(urgent_);
    passing.swap(passing_);
  }
  wake_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void EngineThreads::run(std::size_t thread) {
  name_this_thread(fmt::format("{}-{}", name_, thread));
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !urgent_.empty() || !passing_.empty(); });
    --idle_;
    if (stopping_) return;
    auto& queue = urgent_.empty() ? passing_ : urgent_;
    auto job = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    job(thread);
    job = nullptr;
    lock.lock();
  }
}

}  // namespace retell::providers::local
