#include "app/record_view.hpp"

#include "json/text.hpp"
#include "json/traits.hpp"

namespace retell::app {
namespace {

// The lines so far, each with no more than a watcher is shown.
json::Array lines_of(const domain::Call& call) {
  json::Array lines;
  for (const auto& line : call.transcript_with_tool_calls.value_or(json::Array{})) {
    json::Object shown;
    for (const auto* name : {"role", "content", "name"}) {
      if (const auto* value = line.as_object().if_contains(name)) shown[name] = *value;
    }
    lines.push_back(std::move(shown));
  }
  return lines;
}

}  // namespace

std::vector<std::string> RecordView::changes(const domain::Call& call) {
  std::vector<std::string> news;
  auto lines = lines_of(call);
  if (!lines.empty()) {
    auto text = json::dump(json::Object{{"type", "transcript"}, {"transcript", std::move(lines)}});
    if (text != transcript_) news.push_back(transcript_ = std::move(text));
  }
  const auto status = call.call_status;
  if (over_ || status == domain::CallStatus::registered || status == domain::CallStatus::ongoing) return news;
  over_ = true;
  if (const auto* turns = call.latency ? call.latency->unknown.if_contains("turns") : nullptr) {
    for (const auto& turn : turns->as_array()) {
      news.push_back(json::dump(json::Object{{"type", "latency"}, {"latency", turn}}));
    }
  }
  const auto reason = call.disconnection_reason.value_or(domain::DisconnectionReason::error_unknown);
  news.push_back(json::dump(json::Object{{"type", "ended"}, {"reason", json::enum_name(reason)}}));
  return news;
}

}  // namespace retell::app
