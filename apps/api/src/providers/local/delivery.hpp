// Carries events from an engine's thread to a stream's handler on the stream's executor, and guarantees that nothing
// arrives once the stream is gone. The stream owns a Delivery; jobs hold its Line, which may outlive the stream.
#pragma once
#include <boost/asio/post.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "core/task.hpp"

namespace retell::providers::local {

template <class Event>
class Line {
 public:
  Line(core::Executor executor, std::function<void(Event)> handler)
      : executor_(std::move(executor)), handler_(std::move(handler)) {}

  // Any thread: jobs ask it to give up early.
  [[nodiscard]] bool cut() const { return cut_.load(std::memory_order_relaxed); }

  // Any thread. `make()` runs on the executor, only while the stream lives, and returns the event; what an event views
  // (audio) is owned by `make`.
  template <class Make>
  static void deliver(const std::shared_ptr<Line>& line, Make make) {
    if (line->cut()) return;  // nobody listens; the executor may be on its way out too
    boost::asio::post(line->executor_, [line, make = std::move(make)]() mutable {
      if (!line->cut()) line->call(make());
    });
  }
  // Any thread. Runs `action` on the executor while the stream lives.
  template <class Action>
  static void run(const std::shared_ptr<Line>& line, Action action) {
    if (line->cut()) return;
    boost::asio::post(line->executor_, [line, action = std::move(action)]() mutable {
      if (!line->cut()) action();
    });
  }
  // On the executor.
  void call(Event event) {
    // The handler may destroy the stream, and with it this object's hold on the handler: it is kept here meanwhile.
    auto handler = std::move(handler_);
    handler(std::move(event));
    if (!cut()) handler_ = std::move(handler);
  }
  // On the executor.
  void hang_up() {
    cut_.store(true, std::memory_order_relaxed);
    handler_ = nullptr;
  }

 private:
  core::Executor executor_;
  std::function<void(Event)> handler_;  // touched on the executor only
  std::atomic<bool> cut_{false};
};

template <class Event>
class Delivery {
 public:
  Delivery(core::Executor executor, std::function<void(Event)> handler)
      : line_(std::make_shared<Line<Event>>(std::move(executor), std::move(handler))) {}
  ~Delivery() { line_->hang_up(); }
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  [[nodiscard]] const std::shared_ptr<Line<Event>>& line() const { return line_; }
  void post(Event event) const {
    Line<Event>::deliver(line_, [event = std::move(event)]() mutable { return std::move(event); });
  }

 private:
  std::shared_ptr<Line<Event>> line_;
};

}  // namespace retell::providers::local
