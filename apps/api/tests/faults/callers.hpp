// What calls to the program under test need: the three vendors as loopback servers, and a caller's voice.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "audio/wav.hpp"
#include "fakes/fake_deepgram.hpp"
#include "fakes/fake_elevenlabs.hpp"
#include "fakes/fake_openai.hpp"
#include "faults/program.hpp"

namespace retell::test {

struct CallVendors {
  [[nodiscard]] static fakes::FakeDeepgram::Options listener() {
    fakes::FakeDeepgram::Options options;
    options.utterances = {{"What is the capital of France?"}};
    options.repeat = true;
    return options;
  }
  [[nodiscard]] std::map<std::string, std::string> environment() const {
    return {{"RETELL_PROVIDERS_STT", "deepgram"},
            {"RETELL_PROVIDERS_DEEPGRAM_BASE_URL", ears.base_url()},
            {"RETELL_PROVIDERS_DEEPGRAM_API_KEY", "dg-key"},
            {"RETELL_PROVIDERS_TTS", "elevenlabs"},
            {"RETELL_PROVIDERS_ELEVENLABS_BASE_URL", mouth.base_url()},
            {"RETELL_PROVIDERS_ELEVENLABS_API_KEY", "xi-key"},
            {"RETELL_PROVIDERS_LLM", "openai"},
            {"RETELL_PROVIDERS_OPENAI_BASE_URL", mind.base_url()},
            {"RETELL_PROVIDERS_OPENAI_API_KEY", "sk-key"}};
  }

  fakes::FakeDeepgram ears{listener()};
  fakes::FakeElevenLabs mouth;
  fakes::FakeOpenAi mind;
};

// The demo agent answers callers who say a second of noise.
class Callers {
 public:
  explicit Callers(Program& program) : program_(program) {
    std::vector<std::int16_t> sound(8'000);
    for (std::size_t i = 0; i < sound.size(); ++i) sound[i] = static_cast<std::int16_t>(i % 40 < 20 ? 4'000 : -4'000);
    auto file = audio::WavWriter::create(voice(), 8'000, 1).value();
    if (!file.write(sound)) throw std::runtime_error("cannot write " + voice());
    const auto changed = program.ask("PATCH", "/update-agent/agent_demo_en", R"({"voice_id":"11labs-Adrian"})");
    if (changed.status != 200) throw std::runtime_error("the demo agent is not there: " + program.log());
  }
  // Speaks so many times, and hangs up. Its child process; what it printed is in `log`.
  [[nodiscard]] pid_t phone(int turns, const std::string& log) {
    std::vector<std::string> arguments{"call", "--server", program_.url(), "--json", "--limit", "40"};
    for (int i = 0; i < turns; ++i) arguments.insert(arguments.end(), {"--wav", voice()});
    return program_.command(std::move(arguments), log);
  }

 private:
  [[nodiscard]] std::string voice() const { return (program_.folder() / "caller.wav").string(); }
  Program& program_;
};

}  // namespace retell::test
