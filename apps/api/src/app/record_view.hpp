// What a watcher is shown of a call that another process holds: its record, read again and again, told as what the call
// itself reports (transports/browser/call_updates.hpp), whole turns instead of words while they come. Pure.
#pragma once
#include <string>
#include <vector>

#include "domain/call.hpp"

namespace retell::app {

class RecordView {
 public:
  // What has changed since the last time.
  [[nodiscard]] std::vector<std::string> changes(const domain::Call& call);
  [[nodiscard]] bool over() const { return over_; }  // the end has been told

 private:
  std::string transcript_ = {};  // as it was shown
  bool over_ = false;
};

}  // namespace retell::app
