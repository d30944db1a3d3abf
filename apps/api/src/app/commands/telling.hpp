// How a simulated conversation is shown to people and programs.
#pragma once
#include <cstdint>
#include <string>

#include "app/commands/conversation.hpp"
#include "simulator/far_end.hpp"

namespace retell::app {

// Tells a call on standard output as it happens: the words of both sides as they come, and for each answer how long the
// caller waited for it, by his own ear. On one thread.
class Teller {
 public:
  void moment(const simulator::Moment& moment);
  void update(const json::Object& update);

 private:
  void line(double at_ms, const char* who, const std::string& note, const std::string& text);
  void more(const char* who, const std::string& text);  // a line without a time
  void agent_words();

  bool open_ = false;       // the agent's line may be added to
  std::int64_t turn_ = -1;  // whose words these are
  std::string words_;       // what the agent says in this turn, as far as it is known
  std::size_t told_ = 0;    // of them
  bool sounds_ = false;     // the turn has been heard to begin
  bool headed_ = false;     // its line has been begun and has no words yet
};

// Transcript, latencies, interruptions and the far end's verdict. `recording`: where it is.
void tell_outcome(const Conversation& conversation, const std::string& recording);
[[nodiscard]] std::string to_json(const Conversation& conversation);

}  // namespace retell::app
