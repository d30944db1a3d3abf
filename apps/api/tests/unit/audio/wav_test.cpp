#include "audio/wav.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdlib.h>
#include <unistd.h>
#include <vector>

#include "audio/g711.hpp"

namespace retell::audio {
namespace {

using Samples = std::vector<std::int16_t>;
using Bytes = std::vector<std::uint8_t>;

class TempFolder {
 public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "retell-wav-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string file(const char* name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

Samples ramp(std::size_t n) {
  Samples out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<std::int16_t>(i * 37 - 9000);
  return out;
}

void put(Bytes& bytes, std::size_t at, std::uint32_t value, int width) {
  for (int i = 0; i < width; ++i) bytes[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(value >> (8 * i));
}

TEST(Wav, gives_back_what_was_encoded) {
  const Samples samples = ramp(640);
  for (const int channels : {1, 2}) {
    const auto wav = parse_wav(encode_wav(samples, 16000, channels));
    ASSERT_TRUE(wav.has_value()) << wav.error().message;
    EXPECT_EQ(wav->sample_rate, 16000);
    EXPECT_EQ(wav->channels, channels);
    EXPECT_EQ(wav->samples, samples);
    EXPECT_EQ(wav->frames(), samples.size() / static_cast<std::size_t>(channels));
  }
  EXPECT_EQ(wav_seconds(encode_wav(samples, 16000, 1)).value(), 0.04);
  EXPECT_EQ(wav_seconds(encode_wav(samples, 16000, 2)).value(), 0.02);
  EXPECT_EQ(wav_seconds({}).error().message, "not a WAV file");
}

TEST(Wav, separates_and_mixes_channels) {
  const WavAudio wav{8000, 2, {10, 20, -30, -50}};
  EXPECT_EQ(wav.channel(0), (Samples{10, -30}));
  EXPECT_EQ(wav.channel(1), (Samples{20, -50}));
  EXPECT_EQ(wav.channel(2), Samples{});
  EXPECT_EQ(wav.mono(), (Samples{15, -40}));
  EXPECT_DOUBLE_EQ(wav.seconds(), 2.0 / 8000);
}

TEST(Wav, reads_companded_files) {
  Bytes bytes = encode_wav(Samples(80), 8000, 1);
  put(bytes, 20, 7, 2);  // mu-law
  put(bytes, 34, 8, 2);  // bits
  const Samples samples = ramp(160);
  ulaw_encode(samples, std::span(bytes).subspan(44));
  const auto ulaw = parse_wav(bytes);
  ASSERT_TRUE(ulaw.has_value()) << ulaw.error().message;
  EXPECT_EQ(ulaw->frames(), 160U);
  EXPECT_EQ(ulaw->samples[5], ulaw_decode(ulaw_encode(samples[5])));

  put(bytes, 20, 6, 2);  // A-law
  alaw_encode(samples, std::span(bytes).subspan(44));
  const auto alaw = parse_wav(bytes);
  ASSERT_TRUE(alaw.has_value());
  EXPECT_EQ(alaw->samples[5], alaw_decode(alaw_encode(samples[5])));
}

TEST(Wav, skips_chunks_that_it_does_not_know) {
  Bytes bytes = encode_wav(ramp(10), 8000, 1);
  const Bytes list{'L', 'I', 'S', 'T', 3, 0, 0, 0, 'a', 'b', 'c', 0};  // odd size, padded
  bytes.insert(bytes.begin() + 12, list.begin(), list.end());
  const auto wav = parse_wav(bytes);
  ASSERT_TRUE(wav.has_value()) << wav.error().message;
  EXPECT_EQ(wav->samples, ramp(10));
}

TEST(Wav, reads_extensible_headers) {
  Bytes bytes = encode_wav(ramp(10), 8000, 1);
  put(bytes, 16, 40, 4);
  put(bytes, 20, 0xFFFE, 2);
  Bytes extension(24);
  put(extension, 0, 22, 2);
  put(extension, 8, 1, 2);  // the sub-format begins with the PCM tag
  bytes.insert(bytes.begin() + 36, extension.begin(), extension.end());
  const auto wav = parse_wav(bytes);
  ASSERT_TRUE(wav.has_value()) << wav.error().message;
  EXPECT_EQ(wav->samples, ramp(10));
}

TEST(Wav, takes_an_unfinished_size_as_up_to_the_end) {
  for (const std::uint32_t size : {0U, 0xFFFFFFFFU, 4000U}) {
    Bytes bytes = encode_wav(ramp(10), 8000, 1);
    put(bytes, 40, size, 4);
    const auto wav = parse_wav(bytes);
    ASSERT_TRUE(wav.has_value());
    EXPECT_EQ(wav->samples, ramp(10)) << size;
  }
}

TEST(Wav, drops_half_a_sample_frame_at_the_end) {
  Bytes bytes = encode_wav(ramp(10), 8000, 2);
  bytes.resize(bytes.size() - 1);
  const auto wav = parse_wav(bytes);
  ASSERT_TRUE(wav.has_value());
  EXPECT_EQ(wav->frames(), 4U);
}

TEST(Wav, says_what_is_wrong_with_other_files) {
  const auto message = [](const Bytes& bytes) {
    const auto wav = parse_wav(bytes);
    EXPECT_FALSE(wav.has_value());
    return wav ? std::string() : wav.error().message;
  };
  EXPECT_EQ(message({}), "not a WAV file");
  EXPECT_EQ(message(Bytes(100, 'x')), "not a WAV file");
  Bytes bytes = encode_wav(ramp(10), 8000, 1);
  Bytes changed = bytes;
  put(changed, 34, 24, 2);
  EXPECT_EQ(message(changed), "expected 16-bit PCM, 8-bit mu-law or 8-bit A-law");
  changed = bytes;
  put(changed, 22, 6, 2);
  EXPECT_EQ(message(changed), "expected one or two channels");
  changed = bytes;
  put(changed, 24, 100, 4);
  EXPECT_EQ(message(changed), "expected a sample rate from 4000 to 192000 Hz");
  changed = bytes;
  changed.erase(changed.begin() + 12, changed.begin() + 36);
  EXPECT_EQ(message(changed), "the data comes before its format");
  changed.assign(bytes.begin(), bytes.begin() + 36);
  EXPECT_EQ(message(changed), "no sound data in the file");
}

TEST(Wav, survives_any_damage) {
  std::minstd_rand random(11);
  const Bytes sound = encode_wav(ramp(50), 8000, 2);
  int readable = 0;
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes = sound;
    for (std::size_t n = 1 + random() % 4; n > 0; --n) bytes[random() % 48] = static_cast<std::uint8_t>(random());
    bytes.resize(random() % (bytes.size() + 1));
    const auto wav = parse_wav(bytes);
    if (wav) {
      ++readable;
      ASSERT_LE(wav->samples.size(), bytes.size());
    }
  }
  EXPECT_GT(readable, 100);
}

TEST(WavWriter, writes_what_the_reader_reads) {
  const TempFolder folder;
  const std::string path = folder.file("call.wav");
  auto writer = WavWriter::create(path, 16000, 2);
  ASSERT_TRUE(writer.has_value()) << writer.error().message;
  const Samples samples = ramp(6400);
  ASSERT_TRUE(writer->write(std::span(samples).first(640)));
  ASSERT_TRUE(writer->write(std::span(samples).subspan(640)));
  EXPECT_EQ(writer->frames(), 3200U);
  ASSERT_TRUE(writer->close());
  EXPECT_FALSE(writer->write(samples).has_value());
  const auto wav = read_wav(path);
  ASSERT_TRUE(wav.has_value());
  EXPECT_EQ(wav->samples, samples);
  EXPECT_EQ(wav->channels, 2);
  EXPECT_EQ(std::filesystem::file_size(path), 44 + samples.size() * 2);
}

// What a crash leaves is what is on the disk now, with the writer still open.
TEST(WavWriter, leaves_a_playable_file_behind_a_crash) {
  const TempFolder folder;
  const std::string path = folder.file("call.wav");
  auto writer = WavWriter::create(path, 8000, 2, 200).value();
  ASSERT_TRUE(read_wav(path).has_value());  // playable from the first moment
  const Samples frame = ramp(320);          // 20 ms of two channels
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(writer.write(frame));
  auto wav = read_wav(path);
  ASSERT_TRUE(wav.has_value());
  EXPECT_DOUBLE_EQ(wav->seconds(), 0.4);  // of 0.5 s: at most one period is lost
  ASSERT_TRUE(writer.flush());
  EXPECT_DOUBLE_EQ(read_wav(path)->seconds(), 0.5);
}

TEST(WavWriter, can_be_moved_and_closes_itself) {
  const TempFolder folder;
  const std::string path = folder.file("call.wav");
  {
    auto first = WavWriter::create(path, 8000, 1).value();
    ASSERT_TRUE(first.write(ramp(100)));
    WavWriter second = std::move(first);
    ASSERT_TRUE(second.write(ramp(100)));
    EXPECT_EQ(second.path(), path);
  }
  EXPECT_EQ(read_wav(path)->frames(), 200U);
}

TEST(WavWriter, tells_why_it_cannot_write) {
  const auto writer = WavWriter::create("/nonexistent-folder/call.wav", 8000, 2);
  ASSERT_FALSE(writer.has_value());
  EXPECT_EQ(writer.error().code, core::ErrorCode::io);
  EXPECT_NE(writer.error().message.find("No such file"), std::string::npos);
}

TEST(WavWriter, tells_when_the_disk_is_full) {
  auto writer = WavWriter::create("/dev/full", 8000, 1);
  EXPECT_FALSE(writer.has_value());
}

TEST(WavReader, reads_in_pieces_what_read_wav_reads_whole) {
  const TempFolder folder;
  const auto path = folder.file("long.wav");
  auto writer = WavWriter::create(path, 8000, 2).value();
  ASSERT_TRUE(writer.write(ramp(20'000)));
  ASSERT_TRUE(writer.close());
  auto reader = WavReader::open(path).value();
  EXPECT_EQ(reader.sample_rate(), 8000);
  EXPECT_EQ(reader.channels(), 2);
  EXPECT_EQ(reader.frames(), 10'000U);
  Samples all;
  for (std::uint64_t at = 0; at < reader.frames(); at += 777) {
    const auto piece = reader.read(at, 777).value();
    all.insert(all.end(), piece.samples.begin(), piece.samples.end());
  }
  EXPECT_EQ(all, ramp(20'000));
  EXPECT_TRUE(reader.read(10'000, 5).value().samples.empty());
  EXPECT_TRUE(reader.read(99'999, 5).value().samples.empty());
}

TEST(WavReader, tells_what_is_no_recording) {
  const TempFolder folder;
  EXPECT_EQ(WavReader::open(folder.file("none.wav")).error().code, core::ErrorCode::not_found);
  std::ofstream(folder.file("bad.wav")) << "not a recording at all";
  EXPECT_EQ(WavReader::open(folder.file("bad.wav")).error().code, core::ErrorCode::invalid);
}

TEST(ReadWav, tells_a_missing_file_from_a_bad_one) {
  const TempFolder folder;
  EXPECT_EQ(read_wav(folder.file("none.wav")).error().code, core::ErrorCode::not_found);
  std::ofstream(folder.file("bad.wav")) << "hello";
  EXPECT_EQ(read_wav(folder.file("bad.wav")).error().code, core::ErrorCode::invalid);
}

}  // namespace
}  // namespace retell::audio
