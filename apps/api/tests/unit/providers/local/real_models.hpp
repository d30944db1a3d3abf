// What the tests with real weights share: the models themselves, a caller's voice, a worker to hear events on.
#pragma once
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace retell::providers::local {
class WhisperEngine;
}

namespace retell::test {

// The model's first file, pulled when it is not there yet. A failure to pull fails the test.
std::filesystem::path model_file(std::string_view name);

// Whisper tiny.en with one decoder of one thread, the same for all tests of a program.
providers::local::WhisperEngine& tiny_whisper();

// 20 things a caller says, the words without punctuation.
std::span<const std::string_view> caller_sentences();

// The sentence spoken by a voice of flite's at 16 kHz, with 300 ms of silence before it; `tail_ms` of it after.
std::vector<std::int16_t> spoken(std::string_view sentence, int tail_ms = 0, std::string_view voice = "rms");
// The same through a telephone: 8 kHz mu-law and back, still at 8 kHz.
std::vector<std::int16_t> over_telephone(std::span<const std::int16_t> wideband);

// Word errors (substituted, missing, added) of `heard` against `said`, case and punctuation apart.
struct WordErrors {
  int errors = 0;
  int words = 0;
};
WordErrors word_errors(std::string_view said, std::string_view heard);

// Runs the context until `done` or the limit; whether it was done.
bool run_until(boost::asio::io_context& context, const std::function<bool()>& done,
               std::chrono::milliseconds limit = std::chrono::seconds(60));

double milliseconds_since(std::chrono::steady_clock::time_point start);

}  // namespace retell::test
