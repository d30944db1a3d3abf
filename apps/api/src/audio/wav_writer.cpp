#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "audio/wav.hpp"

namespace retell::audio {
namespace {

constexpr std::size_t header_bytes = 44;
constexpr std::uint64_t max_data_bytes = 0xFFFFFFFFU - header_bytes;

std::array<std::uint8_t, header_bytes> make_header(int sample_rate, int channels, std::uint32_t data_bytes) {
  std::array<std::uint8_t, header_bytes> header{};
  std::size_t at = 0;
  const auto tag = [&](const char* text) {
    std::memcpy(header.data() + at, text, 4);
    at += 4;
  };
  const auto number = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) header[at++] = static_cast<std::uint8_t>(value >> (8 * i));
  };
  const auto rate = static_cast<std::uint32_t>(sample_rate);
  const auto frame = static_cast<std::uint32_t>(channels) * 2;
  tag("RIFF");
  number(data_bytes + header_bytes - 8, 4);
  tag("WAVE");
  tag("fmt ");
  number(16, 4);
  number(1, 2);  // PCM
  number(static_cast<std::uint32_t>(channels), 2);
  number(rate, 4);
  number(rate * frame, 4);
  number(frame, 2);
  number(16, 2);
  tag("data");
  number(data_bytes, 4);
  return header;
}

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

std::vector<std::uint8_t> encode_wav(std::span<const std::int16_t> interleaved, int sample_rate, int channels) {
  const auto header = make_header(sample_rate, channels, static_cast<std::uint32_t>(interleaved.size_bytes()));
  std::vector<std::uint8_t> out(header.begin(), header.end());
  out.reserve(header.size() + interleaved.size_bytes());
  for (const std::int16_t sample : interleaved) {
    const auto bits = static_cast<std::uint16_t>(sample);
    out.push_back(static_cast<std::uint8_t>(bits & 0xFFU));
    out.push_back(static_cast<std::uint8_t>(bits >> 8));
  }
  return out;
}

core::Result<WavWriter> WavWriter::create(const std::string& path, int sample_rate, int channels, int header_every_ms) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return core::fail(core::ErrorCode::io, "cannot write " + path + ": " + reason(), "path");
  const auto per_second = static_cast<std::size_t>(sample_rate) * static_cast<std::size_t>(channels);
  WavWriter writer(path, file, sample_rate, channels, per_second * static_cast<std::size_t>(header_every_ms) / 1000);
  if (auto written = writer.flush(); !written) return tl::unexpected(written.error());
  return writer;
}

WavWriter::WavWriter(std::string path, int file, int sample_rate, int channels, std::size_t flush_samples)
    : path_(std::move(path)),
      file_(file),
      sample_rate_(sample_rate),
      channels_(channels),
      flush_samples_(flush_samples) {
  buffer_.reserve(flush_samples_);
}

WavWriter::WavWriter(WavWriter&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      sample_rate_(other.sample_rate_),
      channels_(other.channels_),
      flush_samples_(other.flush_samples_),
      buffer_(std::move(other.buffer_)),
      frames_(other.frames_),
      data_bytes_(other.data_bytes_) {}

WavWriter& WavWriter::operator=(WavWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  std::swap(sample_rate_, other.sample_rate_);
  std::swap(channels_, other.channels_);
  std::swap(flush_samples_, other.flush_samples_);
  std::swap(buffer_, other.buffer_);
  std::swap(frames_, other.frames_);
  std::swap(data_bytes_, other.data_bytes_);
  return *this;
}

WavWriter::~WavWriter() { (void)close(); }

core::Result<> WavWriter::write(std::span<const std::int16_t> interleaved) {
  if (file_ < 0) return core::fail(core::ErrorCode::io, path_ + " is closed", "path");
  if (data_bytes_ + (buffer_.size() + interleaved.size()) * 2 > max_data_bytes) {
    return core::fail(core::ErrorCode::too_large, path_ + " has reached the 4 GiB that a WAV file can hold", "path");
  }
  buffer_.insert(buffer_.end(), interleaved.begin(), interleaved.end());
  frames_ += interleaved.size() / static_cast<std::size_t>(channels_);
  if (buffer_.size() >= flush_samples_) return flush();
  return {};
}

core::Result<> WavWriter::flush() {
  if (file_ < 0) return core::fail(core::ErrorCode::io, path_ + " is closed", "path");
  // The samples first: a crash between the two writes leaves a header that is short of them, never ahead.
  if (auto put_samples = put(buffer_.data(), buffer_.size() * 2, header_bytes + data_bytes_); !put_samples)
    return put_samples;
  data_bytes_ += buffer_.size() * 2;
  buffer_.clear();
  const auto header = make_header(sample_rate_, channels_, static_cast<std::uint32_t>(data_bytes_));
  return put(header.data(), header.size(), 0);
}

core::Result<> WavWriter::close() {
  if (file_ < 0) return {};
  auto result = flush();
  if (::close(std::exchange(file_, -1)) != 0 && result) {
    return core::fail(core::ErrorCode::io, "cannot close " + path_ + ": " + reason(), "path");
  }
  return result;
}

core::Result<> WavWriter::put(const void* data, std::size_t size, std::uint64_t offset) const {
  const auto* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::pwrite(file_, bytes, size, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return core::fail(core::ErrorCode::io, "cannot write " + path_ + ": " + reason(), "path");
    bytes += written;
    size -= static_cast<std::size_t>(written);
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

}  // namespace retell::audio
