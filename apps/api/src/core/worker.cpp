#include "core/worker.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <pthread.h>

namespace retell::core {

Worker::Worker(std::size_t index)
    : index_(index), work_(context_.get_executor()), background_(context_.get_executor()) {}

Worker::~Worker() { stop(); }

void Worker::start(const char* name) {
  thread_ = std::thread([this, name = name + ("-" + std::to_string(index_))] {
    pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // the kernel's limit
    context_.run();
  });
}

void Worker::stop(std::chrono::milliseconds grace) {
  if (!thread_.joinable()) return;
  auto drained = std::make_shared<std::promise<void>>();
  auto done = drained->get_future();
  asio::post(context_, [this, drained] {
    background_.cancel();
    asio::co_spawn(
        context_, [](TaskGroup& group) -> Task<void> { co_await group.join(); }(background_),
        [drained](const std::exception_ptr&) { drained->set_value(); });
  });
  done.wait_for(grace);
  work_.reset();
  context_.stop();
  thread_.join();
}

WorkerPool::WorkerPool(std::size_t count) {
  workers_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) workers_.push_back(std::make_unique<Worker>(i));
}

void WorkerPool::start() {
  for (auto& worker : workers_) worker->start();
}

void WorkerPool::stop() {
  for (auto& worker : workers_) worker->stop();
}

Worker& WorkerPool::least_loaded() {
  auto* best = workers_.front().get();
  for (auto& worker : workers_) {
    if (worker->load.load(std::memory_order_relaxed) < best->load.load(std::memory_order_relaxed)) best = worker.get();
  }
  return *best;
}

}  // namespace retell::core
