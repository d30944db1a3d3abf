// Which vendors exist, by the names used in configuration and voices. Filled once at start by app/, then read only.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/worker.hpp"
#include "net/client.hpp"
#include "providers/end_of_turn.hpp"
#include "providers/llm.hpp"
#include "providers/stt.hpp"
#include "providers/tts.hpp"

namespace retell::providers {

// Where an adapter lives: the call's worker and its connections.
struct Place {
  core::Worker& worker;
  net::Client& net;
};

using SttFactory = std::function<core::Result<std::unique_ptr<Stt>>(const Place&, SttOptions)>;
using TtsFactory = std::function<core::Result<std::unique_ptr<Tts>>(const Place&, TtsOptions)>;
using LlmFactory = std::function<core::Result<std::unique_ptr<Llm>>(const Place&, LlmOptions)>;
using EndOfTurnFactory = std::function<core::Result<std::unique_ptr<EndOfTurn>>(const Place&, core::Executor)>;

class Registry {
 public:
  void add_stt(std::string name, SttFactory factory) { stt_[std::move(name)] = std::move(factory); }
  void add_tts(std::string name, TtsFactory factory) { tts_[std::move(name)] = std::move(factory); }
  void add_llm(std::string name, LlmFactory factory) { llm_[std::move(name)] = std::move(factory); }
  void add_end_of_turn(std::string name, EndOfTurnFactory factory) {
    end_of_turn_[std::move(name)] = std::move(factory);
  }

  // The error (unprocessable) lists the names that exist.
  [[nodiscard]] core::Result<std::unique_ptr<Stt>> stt(std::string_view name, const Place& place,
                                                       SttOptions options) const;
  [[nodiscard]] core::Result<std::unique_ptr<Tts>> tts(std::string_view name, const Place& place,
                                                       TtsOptions options) const;
  [[nodiscard]] core::Result<std::unique_ptr<Llm>> llm(std::string_view name, const Place& place,
                                                       LlmOptions options) const;
  [[nodiscard]] core::Result<std::unique_ptr<EndOfTurn>> end_of_turn(std::string_view name, const Place& place,
                                                                     core::Executor executor) const;
  [[nodiscard]] std::vector<std::string> stt_names() const;
  [[nodiscard]] std::vector<std::string> tts_names() const;
  [[nodiscard]] std::vector<std::string> llm_names() const;
  [[nodiscard]] std::vector<std::string> end_of_turn_names() const;

 private:
  std::map<std::string, SttFactory, std::less<>> stt_;
  std::map<std::string, TtsFactory, std::less<>> tts_;
  std::map<std::string, LlmFactory, std::less<>> llm_;
  std::map<std::string, EndOfTurnFactory, std::less<>> end_of_turn_;
};

}  // namespace retell::providers
