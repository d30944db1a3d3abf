#include "providers/local/espeak_voice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstring>
#include <vector>

#include "providers/local/child_process.hpp"

namespace retell::providers::local {
namespace {

constexpr std::size_t wav_header = 44;  // as espeak-ng writes it
constexpr double words_per_minute = 165;
constexpr std::chrono::milliseconds limit{15'000};

bool is_voice_name(std::string_view name) {
  return !name.empty() && name[0] != '-' && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '+' || c == ' ';
  });
}

// Takes the WAV file apart as it streams in.
class WavSplitter {
 public:
  explicit WavSplitter(const SampleSink& sink) : sink_(sink) {}
  bool operator()(std::span<const char> bytes) {
    pending_.insert(pending_.end(), bytes.begin(), bytes.end());
    if (rate_ == 0) {
      if (pending_.size() < wav_header) return true;
      std::uint32_t rate = 0;
      std::memcpy(&rate, pending_.data() + 24, sizeof rate);
      rate_ = static_cast<int>(rate);
      pending_.erase(pending_.begin(), pending_.begin() + wav_header);
    }
    samples_.resize(pending_.size() / 2);
    if (samples_.empty()) return true;
    std::memcpy(samples_.data(), pending_.data(), samples_.size() * 2);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(samples_.size() * 2));
    return sink_(samples_, rate_);
  }

 private:
  const SampleSink& sink_;
  std::vector<char> pending_;
  std::vector<std::int16_t> samples_;
  int rate_ = 0;
};

}  // namespace

std::string espeak_language(std::string_view tag) {
  if (tag.empty() || tag == "multi") return "en-us";
  std::string out(tag);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  // Regions that espeak-ng names have a voice; of the others the language alone is known.
  constexpr std::array regional = {"en-us", "en-gb", "pt-br", "es-419", "fr-be", "fr-ch"};
  const bool known = std::find(regional.begin(), regional.end(), out) != regional.end();
  return known ? out : out.substr(0, out.find('-'));
}

core::Result<> EspeakVoice::synthesize(std::size_t /*thread*/, const SynthesisRequest& request,
                                       const SampleSink& sink) {
  const auto voice = request.voice.empty() ? espeak_language(request.language) : request.voice;
  if (!is_voice_name(voice)) {
    return core::fail(core::ErrorCode::unprocessable, fmt::format("'{}' cannot be an espeak voice", voice));
  }
  WavSplitter splitter(sink);
  ChildOptions options;
  options.timeout = limit;
  options.input = request.text;
  options.output = [&](std::span<const char> bytes) { return splitter(bytes); };
  const auto speed = std::to_string(std::lround(words_per_minute * request.speed));
  return run_child({"espeak-ng", "-b", "1", "-v", voice, "-s", speed, "--stdin", "--stdout"}, options);
}

}  // namespace retell::providers::local
