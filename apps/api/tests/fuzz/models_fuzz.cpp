// Files that describe or hold local models, and what local models write: the manifest, a voice's configuration,
// Whisper weights to be converted, tool calls in a model's text, transcripts, phonemes. The first byte chooses.
#include <cstdint>
#include <cstdlib>
#include <ostream>
#include <span>
#include <streambuf>
#include <string>
#include <string_view>

#include "providers/local/chat_prompt.hpp"
#include "providers/local/manifest.hpp"
#include "providers/local/piper_text.hpp"
#include "providers/local/transcript_text.hpp"
#include "providers/local/whisper_convert.hpp"

namespace {

using namespace retell::providers;

// What is accepted becomes folders, files and arguments of package clients: none may lead elsewhere.
void manifest(std::string_view text) {
  const auto parsed = local::parse_manifest(text);
  if (!parsed) {
    if (parsed.error().message.empty()) std::abort();
    return;
  }
  const auto safe = [](std::string_view name) {
    return !name.empty() && name.front() != '.' && name.find('/') == std::string_view::npos;
  };
  for (const auto& model : parsed->models) {
    if (!safe(model.name) || model.files.empty()) std::abort();
    for (const auto& file : model.files) {
      if (!safe(file.path)) std::abort();
      for (const auto& source : file.sources) {
        for (const auto& package : source.packages) {
          if (package.name.starts_with('-') || package.sha256.size() != 64) std::abort();
        }
      }
    }
  }
}

void voice(std::string_view text) {
  const auto line = text.find('\n');
  const auto config = local::parse_piper_config(text.substr(0, line));
  const auto rest = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
  if (config) (void)local::piper_ids(*config, local::tidy_phonemes(rest));
  for (const auto& clause : local::split_clauses(rest)) {
    if (clause.text.size() > rest.size()) std::abort();
  }
}

// Counts what it is given and keeps nothing.
class Counter : public std::streambuf {
 public:
  std::streamsize xsputn(const char*, std::streamsize count) override { return written += count; }
  int_type overflow(int_type c) override { return ++written, traits_type::not_eof(c); }
  std::streamsize written = 0;
};

void weights(std::span<const char> bytes) {
  static const std::vector<std::string> tokens(50'257, "t");
  Counter counter;
  std::ostream out(&counter);
  (void)local::write_whisper_ggml(bytes, tokens, out);
  // Half floats become floats, and every tensor is written at most once (a layer's is split in three).
  if (counter.written > (std::streamsize{1} << 20) + 2 * static_cast<std::streamsize>(bytes.size())) std::abort();
}

// However the model's text is cut, the same is said and called.
struct Reply {
  std::string text;
  std::string calls;
  bool operator==(const Reply&) const = default;
};
Reply reply(std::string_view text, std::size_t step) {
  Reply seen;
  local::ReplyParser parser(
      {"end_call", "look_up"}, [&](const std::string& piece) { seen.text += piece; },
      [&](const ToolCall& call) { seen.calls += call.name + call.arguments + "\n"; });
  for (std::size_t at = 0; at < text.size(); at += step) parser.push(text.substr(at, step));
  parser.finish();
  return seen;
}

void transcript(std::string_view text) {
  if (local::without_sound_marks(text).size() > text.size()) std::abort();
  if (local::without_repetition(std::string(text)).size() > text.size()) std::abort();
  (void)local::language_code(text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  switch (data[0] % 5U) {
    case 0:
      manifest(text);
      break;
    case 1:
      voice(text);
      break;
    case 2:
      weights(text);
      break;
    case 3:
      if (reply(text, 1 + data[1] % 16U) != reply(text, size)) std::abort();
      break;
    default:
      transcript(text);
  }
  return 0;
}
