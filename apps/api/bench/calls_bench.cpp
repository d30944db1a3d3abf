// bench_calls density|added-latency SPEECH.wav [calls] [seconds]: calls per core and what a call adds to its vendors.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "audio/wav.hpp"
#include "benchmarks/call_benchmarks.hpp"

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: bench_calls density|added-latency SPEECH.wav [calls] [seconds]\n");
    return 2;
  }
  const auto speech = retell::audio::read_wav(argv[2]);
  if (!speech || speech->sample_rate != 8000) {
    fmt::print(stderr, "{} is no WAV file of 8 kHz\n", argv[2]);
    return 1;
  }
  retell::benchmarks::CallBenchOptions options;
  options.speech = speech->samples;
  if (argc > 3) options.calls = std::atoi(argv[3]);
  if (argc > 4) options.seconds = std::atoi(argv[4]);
  options.on_progress = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  if (std::string(argv[1]) == "density") {
    fmt::print("{}\n", to_json(density(options)));
  } else {
    fmt::print("{}\n", to_json(added_latency(options)));
  }
}
