// The one way in which an adapter's stream reports: nothing leaves once the stream is gone, even when the handler
// itself destroys the stream. One thread.
#pragma once
#include <boost/asio/post.hpp>

#include <functional>
#include <memory>
#include <utility>

#include "core/task.hpp"

namespace retell::providers::remote {

template <class Event>
class EventOutlet {
 public:
  EventOutlet(core::Executor executor, std::function<void(Event)> handler)
      : state_(std::make_shared<State>(State{std::move(executor), std::move(handler), true})) {}
  ~EventOutlet() { state_->open = false; }
  EventOutlet(const EventOutlet&) = delete;
  EventOutlet& operator=(const EventOutlet&) = delete;

  // False when the handler has destroyed the outlet (and with it the stream): touch nothing of the stream then.
  bool emit(Event event) {
    const auto state = state_;
    if (state->open) state->handler(std::move(event));
    return state->open;
  }

  // Whoever owns the stream from now on. Not from inside an event.
  void listen(std::function<void(Event)> handler) { state_->handler = std::move(handler); }

  // For what is found out inside open(), send() or finalize(), from where nothing may be delivered.
  template <class Action>
  void later(Action action) {
    boost::asio::post(state_->executor, [state = state_, action = std::move(action)]() mutable {
      if (state->open) action();
    });
  }

 private:
  struct State {
    core::Executor executor;
    std::function<void(Event)> handler;
    bool open;
  };
  std::shared_ptr<State> state_;  // kept by a delivery that is under way
};

}  // namespace retell::providers::remote
