// retell call: a caller made of audio, against a running server.
#pragma once
#include <string>
#include <vector>

namespace retell::app {

struct CallOptions {
  std::string server = "http://127.0.0.1:8080";
  std::string key_file;  // empty: the variable RETELL_API_KEY
  std::string agent_id;  // empty: the demo agent
  std::string via = "twilio";
  struct Turn {
    std::string say;  // spoken by `voice`, or
    std::string wav;  // a file that is played
  };
  std::vector<Turn> turns;
  std::string voice = "rms";  // of flite; or a language, of espeak-ng
  std::string record;         // two-channel WAV of the far end; empty: none
  bool interrupt = false;
  bool json = false;
};

int call(const CallOptions& options);

}  // namespace retell::app
