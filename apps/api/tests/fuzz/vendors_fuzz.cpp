// The messages of every remote vendor, from any bytes: nothing crashes, and what is gathered stays bounded. The first
// byte chooses the vendor; line feeds part the messages of one stream.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "providers/remote/deepgram_wire.hpp"
#include "providers/remote/elevenlabs_wire.hpp"
#include "providers/remote/openai_chat_wire.hpp"
#include "providers/remote/vendor_error.hpp"

namespace {

using namespace retell::providers;  // NOLINT: one small program

template <class Each>
void each_line(std::string_view text, Each each) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    each(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

void chat(std::string_view text) {
  remote::ChatChunks chunks("fuzz");
  std::vector<LlmEvent> events;
  each_line(text, [&](std::string_view line) { chunks.push(line, events); });
  chunks.end(events);
  std::size_t ends = 0;
  for (const auto& event : events) {
    if (std::holds_alternative<LlmDone>(event) || std::holds_alternative<LlmError>(event)) ++ends;
  }
  if (ends != 1) std::abort();  // every completion ends exactly once
}

void deepgram(std::string_view text) {
  remote::DeepgramSegments segments;
  each_line(text, [&](std::string_view line) {
    auto message = remote::read_deepgram(line);
    if (!message) return;
    if (auto* result = std::get_if<remote::DeepgramResult>(&*message)) {
      if (result->end_s < result->start_s) std::abort();
      (void)segments.take(*result);
    }
  });
}

void elevenlabs(std::string_view text) {
  remote::WordTimer timer;
  each_line(text, [&](std::string_view line) {
    const auto message = remote::read_elevenlabs(line);
    if (!message) return;
    for (const auto& word : timer.add(message->characters, 0)) {
      if (word.text.empty() || word.end_ms < word.start_ms) std::abort();
    }
  });
  (void)timer.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      chat(text);
      break;
    case 1:
      deepgram(text);
      break;
    case 2:
      elevenlabs(text);
      break;
    default:
      if (remote::vendor_words(text).size() > 300) std::abort();
  }
  return 0;
}
