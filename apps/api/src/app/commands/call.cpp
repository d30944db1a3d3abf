#include "app/commands/call.hpp"

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "app/commands/common.hpp"
#include "app/commands/conversation.hpp"
#include "app/commands/speech.hpp"
#include "app/commands/telling.hpp"
#include "services/demo.hpp"

namespace retell::app {
namespace {

constexpr std::chrono::milliseconds last_wait{2'000};  // of a caller who was told to leave
constexpr int interrupted = 130;                       // as shells say it

// When the signal came, in milliseconds of the steady clock; 0: it did not.
std::atomic<std::int64_t> told_to_leave_at = 0;

extern "C" void leave(int /*signal*/) {
  told_to_leave_at =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
}

// The first Ctrl-C hangs up, the second ends the program.
void leave_on_signals() {
  struct sigaction action{};
  action.sa_handler = &leave;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  ::sigemptyset(&action.sa_mask);
  for (const int signal : {SIGINT, SIGTERM}) ::sigaction(signal, &action, nullptr);
}

std::optional<std::chrono::steady_clock::time_point> leave_by() {
  const auto at = told_to_leave_at.load();
  if (at == 0) return std::nullopt;
  return std::chrono::steady_clock::time_point(std::chrono::milliseconds(at)) + last_wait;
}

core::Result<std::string> find_key(const CallOptions& options) {
  if (!options.key_file.empty()) {
    std::ifstream file(options.key_file);
    std::string key;
    if (std::getline(file, key) && !key.empty()) return key;
    return core::fail(core::ErrorCode::invalid, options.key_file + " holds no API key in its first line", "--key");
  }
  if (const char* key = std::getenv("RETELL_API_KEY"); key != nullptr && *key != '\0') return std::string(key);
  return core::fail(core::ErrorCode::invalid,
                    "no API key: set RETELL_API_KEY or give --key FILE (make one: retell keys create)");
}

core::Result<simulator::Script> make_script(const CallOptions& options) {
  using simulator::When;
  simulator::Script script;
  const auto add = [&](std::vector<std::int16_t> samples, const std::string& label) {
    const bool over = options.interrupt && !script.empty();
    script.push_back({over ? When::while_agent_speaks : When::after_agent,
                      over ? std::chrono::milliseconds(700) : std::chrono::milliseconds(300),
                      simulator::Say{std::move(samples)}, label});
  };
  for (const auto& turn : options.turns) {
    auto samples = turn.wav.empty() ? speak(turn.say, options.voice) : read_caller_wav(turn.wav);
    if (!samples) return tl::unexpected(samples.error());
    add(std::move(*samples), turn.wav.empty() ? turn.say : turn.wav);
  }
  if (script.empty())
    return core::fail(core::ErrorCode::invalid, "what does the caller say? Give --say TEXT or --wav FILE");
  script.push_back({When::after_agent, std::chrono::milliseconds(500), simulator::HangUp{}, "hangs up"});
  return script;
}

}  // namespace

int call(const CallOptions& options) {
  auto key = find_key(options);
  if (!key) return tell(key.error());
  auto script = make_script(options);
  if (!script) return tell(script.error());

  ConversationOrder order;
  order.server = options.server;
  while (order.server.ends_with('/')) order.server.pop_back();
  if (!order.server.starts_with("http://") && !order.server.starts_with("https://")) {
    return tell({core::ErrorCode::invalid, "expected an address such as http://127.0.0.1:8080", "--server"});
  }
  order.api_key = std::move(*key);
  order.agent_id = options.agent_id.empty() ? services::demo_agent_en : options.agent_id;
  order.script = std::move(*script);
  order.recording_path = options.record;
  order.limit = std::chrono::seconds(options.limit_seconds);
  Teller teller;
  if (!options.json) {
    order.on_moment = [&teller](const auto& moment) { teller.moment(moment); };
    order.on_update = [&teller](const auto& update) { teller.update(update); };
  }
  order.leave_by = &leave_by;
  leave_on_signals();
  const auto held = hold_conversation(order);
  if (!held) return tell(held.error());
  if (options.json) {
    fmt::print("{}\n", to_json(*held));
  } else {
    const auto* url = held->record.if_contains("recording_url");
    tell_outcome(*held, url != nullptr && url->is_string() ? std::string(url->get_string()) : "none");
  }
  if (told_to_leave_at != 0) return interrupted;
  return simulator::judge(held->report).passed() ? 0 : 3;
}

}  // namespace retell::app
