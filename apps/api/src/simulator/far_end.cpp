#include "simulator/far_end.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "audio/frame.hpp"
#include "audio/g711.hpp"
#include "core/ids.hpp"
#include "crypto/encoding.hpp"

namespace retell::simulator {
namespace {

namespace bj = boost::json;

constexpr float audible_dbfs = -50.0F;
// Quiet between two words of the agent, no end of its talking for the moments that are told.
constexpr double breath_ms = 300;
constexpr double frame_ms = 20;

std::string quoted(std::string_view text) { return bj::serialize(bj::value(text)); }

std::string_view text_of(const bj::value* value) {
  const auto* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

const bj::value* member(const bj::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::string upper_id(const char* prefix) { return core::make_id(prefix); }

}  // namespace

FarEnd::FarEnd(FarEndOptions options, Script script)
    : options_(std::move(options)), script_(std::move(script)), stream_sid_(upper_id("MZ")) {
  if (options_.call_sid.empty()) options_.call_sid = upper_id("CA");
}

std::string FarEnd::numbered(std::string_view event, std::string_view rest) {
  return fmt::format(R"({{"event":"{}","sequenceNumber":"{}",{},"streamSid":"{}"}})", event, ++sequence_, rest,
                     stream_sid_);
}

FarEnd::Messages FarEnd::open() {
  bj::object parameters;
  for (const auto& [name, value] : options_.parameters) parameters[name] = value;
  const auto start = fmt::format(
      R"("start":{{"accountSid":{},"streamSid":"{}","callSid":{},"tracks":["inbound"],"mediaFormat":{{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}},"customParameters":{}}})",
      quoted(options_.account_sid), stream_sid_, quoted(options_.call_sid), bj::serialize(parameters));
  report_.connected = true;
  tell(Moment::Kind::connected);
  return {R"({"event":"connected","protocol":"Call","version":"1.0.0"})", numbered("start", start)};
}

void FarEnd::on_message(std::string_view text, double at_ms) {
  boost::system::error_code error;
  const auto message = bj::parse(text, error);
  const auto event = error ? std::string_view() : text_of(member(message, "event"));
  if (event.empty() || text_of(member(message, "streamSid")) != stream_sid_) {
    ++report_.bad_messages;
    return;
  }
  if (event == "media") {
    const auto* media = member(message, "media");
    const auto codes = media == nullptr ? std::nullopt : crypto::from_base64(text_of(member(*media, "payload")));
    if (!codes) {
      ++report_.bad_messages;
      return;
    }
    scratch_.resize(codes->size());
    std::transform(codes->begin(), codes->end(), scratch_.begin(),
                   [](char code) { return audio::ulaw_decode(static_cast<std::uint8_t>(code)); });
    buffer_.push(scratch_, at_ms);
  } else if (event == "mark") {
    const auto* mark = member(message, "mark");
    const auto name = mark == nullptr ? std::string_view() : text_of(member(*mark, "name"));
    if (name.empty()) {
      ++report_.bad_messages;
      return;
    }
    ++report_.marks;
    buffer_.mark(std::string(name));
  } else if (event == "clear") {
    for (auto& name : buffer_.clear()) owed_marks_.push_back(std::move(name));
    tell(Moment::Kind::cleared);
    if (options_.leave_when_cut) end("caller");
  } else {
    ++report_.bad_messages;
  }
}

FarEnd::Messages FarEnd::tick() {
  Messages out;
  if (done_) return out;
  std::array<std::int16_t, line_frame> agent{};
  auto marks = buffer_.play(agent, now_ms());
  marks.insert(marks.begin(), owed_marks_.begin(), owed_marks_.end());
  owed_marks_.clear();
  for (const auto& name : marks) {
    out.push_back(numbered("mark", fmt::format(R"("mark":{{"name":{}}})", quoted(name))));
  }
  hear(agent);
  advance_script(out);

  std::array<std::int16_t, line_frame> caller{};
  if (saying_ != nullptr) {
    const auto count = std::min(caller.size(), saying_->samples.size() - said_);
    std::copy_n(saying_->samples.begin() + static_cast<std::ptrdiff_t>(said_), count, caller.begin());
    said_ += count;
    if (audio::dbfs(caller) > audible_dbfs) voice_end_ms_ = now_ms() + frame_ms;
  }
  std::array<std::uint8_t, line_frame> codes{};
  audio::ulaw_encode(caller, codes);
  if (!done_ && (options_.send_silence || saying_ != nullptr)) {
    const std::string_view bytes(reinterpret_cast<const char*>(codes.data()), codes.size());
    out.push_back(
        numbered("media", fmt::format(R"("media":{{"track":"inbound","chunk":"{}","timestamp":"{}","payload":"{}"}})",
                                      ++chunk_, ticks_ * 20, crypto::to_base64(bytes))));
  }
  auto& channels = report_.channels;
  channels.caller.insert(channels.caller.end(), caller.begin(), caller.end());
  channels.agent.insert(channels.agent.end(), agent.begin(), agent.end());
  ++ticks_;
  if (saying_ != nullptr && said_ >= saying_->samples.size()) {
    saying_ = nullptr;
    report_.spoken.back().end = static_cast<std::int64_t>(channels.caller.size());
    step_from_ms_ = now_ms();
    // An answer that began while the caller was still speaking counts for him as the answer.
    agent_spoke_ = false;
    tell(Moment::Kind::caller_silent);
  }
  if (now_ms() >= static_cast<double>(options_.max_duration.count())) end("the longest duration");
  return out;
}

void FarEnd::hear(std::span<const std::int16_t> frame) {
  const bool audible = audio::dbfs(frame) > audible_dbfs;
  if (audible) {
    if (agent_since_ms_ < 0) {
      agent_since_ms_ = now_ms();
      const bool answers = saying_ == nullptr && !report_.spoken.empty();
      tell(Moment::Kind::agent_speaks, {}, answers ? now_ms() - voice_end_ms_ : -1);
    }
    agent_last_ms_ = now_ms();
    agent_spoke_ = true;
  } else if (agent_since_ms_ >= 0 && now_ms() - agent_last_ms_ >= breath_ms) {
    agent_since_ms_ = -1;
    tell(Moment::Kind::agent_silent);
  }
}

bool FarEnd::may_begin(const Step& step) {
  const double waited = now_ms() - step_from_ms_;
  const auto delay = static_cast<double>(step.delay.count());
  switch (step.when) {
    case When::at_once:
      return waited >= delay;
    case When::after_agent:
      if (agent_spoke_ && now_ms() - agent_last_ms_ >= static_cast<double>(options_.agent_quiet.count()) + delay) {
        return true;
      }
      // Patience counts silence, not a long answer.
      return now_ms() - std::max(step_from_ms_, agent_last_ms_) >= static_cast<double>(options_.patience.count());
    case When::while_agent_speaks:
      if (agent_since_ms_ >= 0 && now_ms() - std::max(agent_since_ms_, step_from_ms_) >= delay) return true;
      return now_ms() - std::max(step_from_ms_, agent_last_ms_) >= static_cast<double>(options_.patience.count());
  }
  return true;
}

void FarEnd::advance_script(Messages& out) {
  while (!done_ && saying_ == nullptr) {
    if (step_ >= script_.size()) return end("caller");
    const auto& step = script_[step_];
    if (!may_begin(step)) return;
    ++step_;
    begin(step, out);
  }
}

void FarEnd::begin(const Step& step, Messages& out) {
  if (const auto* say = std::get_if<Say>(&step.what)) {
    saying_ = say;
    said_ = 0;
    Spoken spoken;
    spoken.label = step.label;
    spoken.begin = static_cast<std::int64_t>(report_.channels.caller.size());
    spoken.interruption = step.when == When::while_agent_speaks && agent_since_ms_ >= 0;
    // Only what the script waits for is expected.
    spoken.expects_answer = step_ < script_.size() && script_[step_].when != When::at_once;
    report_.spoken.push_back(std::move(spoken));
    tell(Moment::Kind::caller_speaks, step.label);
    return;
  }
  if (const auto* press = std::get_if<Press>(&step.what)) {
    out.push_back(numbered("dtmf", fmt::format(R"("dtmf":{{"track":"inbound_track","digit":"{}"}})", press->digit)));
  } else if (std::holds_alternative<HangUp>(step.what)) {
    return end("caller");
  }
  step_from_ms_ = now_ms();
  agent_spoke_ = false;
}

FarEnd::Messages FarEnd::close() {
  return {numbered("stop", fmt::format(R"("stop":{{"accountSid":{},"callSid":{}}})", quoted(options_.account_sid),
                                       quoted(options_.call_sid)))};
}

void FarEnd::agent_closed(std::string why) { end(std::move(why)); }

void FarEnd::hang_up() { end("caller"); }

void FarEnd::end(std::string how) {
  if (done_) return;
  done_ = true;
  report_.ended_by = std::move(how);
  tell(Moment::Kind::ended, report_.ended_by);
}

Report FarEnd::report() {
  if (saying_ != nullptr) report_.spoken.back().end = static_cast<std::int64_t>(report_.channels.caller.size());
  auto result = report_;
  result.seconds = now_ms() / 1000.0;
  result.pacing = buffer_.pacing();
  measure(result);
  return result;
}

void FarEnd::tell(Moment::Kind kind, std::string label, double heard_ms) const {
  if (options_.on_moment) options_.on_moment({kind, now_ms(), std::move(label), heard_ms});
}

}  // namespace retell::simulator
