// Those who watch calls while they run: each is shown what its call reports, as the JSON texts that the call page gets
// (transports/browser/call_updates.hpp). Any thread.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/task.hpp"
#include "engine/call_event.hpp"

namespace retell::app {

class LiveViews {
 public:
  using Show = std::function<void(std::string json)>;

  // A watcher of one call for as long as this lives. Made and destroyed on the thread of `executor`, where `show` is
  // called.
  class View {
   public:
    View(LiveViews& views, const std::string& call_id, core::Executor executor, Show show);
    ~View();
    View(const View&) = delete;
    View& operator=(const View&) = delete;

   private:
    LiveViews& views_;
    std::shared_ptr<Show> show_;  // what was posted and comes too late finds it gone
  };

  // `sink`, with whoever watches the call at the time of each event.
  [[nodiscard]] engine::CallEventSink watched(std::string call_id, engine::CallEventSink sink);

 private:
  struct Watcher {
    core::Executor executor;
    std::weak_ptr<Show> show;
  };
  void tell(const std::string& call_id, const engine::CallEvent& event);

  std::mutex mutex_;
  std::multimap<std::string, Watcher> watchers_;  // by call id
};

}  // namespace retell::app
