#include "app/live_views.hpp"

#include <boost/asio/post.hpp>

#include <utility>

#include "transports/browser/call_updates.hpp"

namespace retell::app {

LiveViews::View::View(LiveViews& views, const std::string& call_id, core::Executor executor, Show show)
    : views_(views), show_(std::make_shared<Show>(std::move(show))) {
  const std::lock_guard lock(views_.mutex_);
  views_.watchers_.emplace(call_id, Watcher{std::move(executor), show_});
}

LiveViews::View::~View() {
  const std::lock_guard lock(views_.mutex_);
  show_.reset();
  std::erase_if(views_.watchers_, [](const auto& entry) { return entry.second.show.expired(); });
}

engine::CallEventSink LiveViews::watched(std::string call_id, engine::CallEventSink sink) {
  return [this, call_id = std::move(call_id), sink = std::move(sink)](const engine::CallEvent& event) {
    sink(event);
    tell(call_id, event);
  };
}

void LiveViews::tell(const std::string& call_id, const engine::CallEvent& event) {
  const std::lock_guard lock(mutex_);
  const auto [first, last] = watchers_.equal_range(call_id);
  if (first == last) return;
  const auto update = transports::browser::call_update(event);
  if (!update) return;
  for (auto it = first; it != last; ++it) {
    boost::asio::post(it->second.executor, [weak = it->second.show, json = *update]() mutable {
      if (const auto show = weak.lock()) (*show)(std::move(json));
    });
  }
}

}  // namespace retell::app
