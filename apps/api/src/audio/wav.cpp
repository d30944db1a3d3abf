#include "audio/wav.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "audio/g711.hpp"

namespace retell::audio {
namespace {

constexpr std::uint16_t format_pcm = 1;
constexpr std::uint16_t format_alaw = 6;
constexpr std::uint16_t format_ulaw = 7;
constexpr std::uint16_t format_extensible = 0xFFFE;
constexpr std::size_t header_within = std::size_t{64} << 10;
constexpr int max_chunks = 1000;  // a file of empty chunks must not keep us busy

using Bytes = std::span<const std::uint8_t>;

std::uint16_t u16(Bytes b, std::size_t at) { return static_cast<std::uint16_t>(b[at] | (b[at + 1] << 8)); }
std::uint32_t u32(Bytes b, std::size_t at) { return std::uint32_t{u16(b, at)} | (std::uint32_t{u16(b, at + 2)} << 16); }
bool is_tag(Bytes b, std::size_t at, const char* tag) { return std::memcmp(b.data() + at, tag, 4) == 0; }

tl::unexpected<core::Error> bad(std::string message) {
  return core::fail(core::ErrorCode::invalid, std::move(message), "wav");
}

struct Format {
  std::uint16_t tag = 0;
  int channels = 0;
  int rate = 0;
  int bits = 0;
};

core::Result<Format> parse_format(Bytes chunk) {
  if (chunk.size() < 16) return bad("the format chunk is too short");
  Format format{u16(chunk, 0), u16(chunk, 2), 0, u16(chunk, 14)};
  const std::uint32_t rate = u32(chunk, 4);
  if (rate < 4000 || rate > 192000) return bad("expected a sample rate from 4000 to 192000 Hz");
  format.rate = static_cast<int>(rate);
  if (format.tag == format_extensible) {
    if (chunk.size() < 26) return bad("the extensible format chunk is too short");
    format.tag = u16(chunk, 24);  // the sub-format's first two bytes are an ordinary tag
  }
  if (format.channels < 1 || format.channels > 2) return bad("expected one or two channels");
  const bool companded = format.tag == format_ulaw || format.tag == format_alaw;
  if (!(format.tag == format_pcm && format.bits == 16) && !(companded && format.bits == 8)) {
    return bad("expected 16-bit PCM, 8-bit mu-law or 8-bit A-law");
  }
  return format;
}

std::vector<std::int16_t> decode(std::uint16_t tag, std::size_t channels, Bytes data) {
  const std::size_t width = tag == format_pcm ? 2 : 1;
  const std::size_t count = data.size() / (width * channels) * channels;
  std::vector<std::int16_t> samples(count);
  if (tag == format_ulaw) {
    ulaw_decode(data, samples);
  } else if (tag == format_alaw) {
    alaw_decode(data, samples);
  } else {
    for (std::size_t i = 0; i < count; ++i) samples[i] = static_cast<std::int16_t>(u16(data, 2 * i));
  }
  return samples;
}

}  // namespace

std::vector<std::int16_t> WavAudio::channel(int index) const {
  std::vector<std::int16_t> out;
  if (index < 0 || index >= channels) return out;
  out.reserve(frames());
  for (auto i = static_cast<std::size_t>(index); i < samples.size(); i += static_cast<std::size_t>(channels)) {
    out.push_back(samples[i]);
  }
  return out;
}

std::vector<std::int16_t> WavAudio::mono() const {
  if (channels != 2) return samples;
  std::vector<std::int16_t> out(frames());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<std::int16_t>((samples[2 * i] + samples[2 * i + 1]) / 2);
  }
  return out;
}

std::size_t WavReader::Layout::frame_bytes() const {
  return static_cast<std::size_t>(channels) * (tag == format_pcm ? 2 : 1);
}

core::Result<WavReader::Layout> WavReader::find_sound(Bytes head, std::uint64_t size) {
  if (head.size() < 12 || !is_tag(head, 0, "RIFF") || !is_tag(head, 8, "WAVE")) return bad("not a WAV file");
  std::optional<Format> format;
  std::uint64_t at = 12;
  for (int chunk = 0; chunk < max_chunks && at + 8 <= head.size(); ++chunk) {
    const std::uint64_t rest = size - at - 8;
    const std::uint64_t stated = u32(head, at + 4);
    const bool is_data = is_tag(head, at, "data");
    if (is_data && !format) return bad("the data comes before its format");
    const std::uint64_t length = is_data && stated == 0 ? rest : std::min(stated, rest);
    if (is_data) return Layout{format->tag, format->channels, format->rate, at + 8, length};
    if (is_tag(head, at, "fmt ")) {
      auto parsed = parse_format(head.subspan(at + 8, std::min<std::uint64_t>(length, head.size() - at - 8)));
      if (!parsed) return tl::unexpected(parsed.error());
      format = *parsed;
    }
    at += 8 + length;
    if (length % 2 == 1 && at < size) ++at;  // chunks begin at even offsets
  }
  return bad("no sound data in the file");
}

core::Result<WavAudio> parse_wav(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > max_wav_bytes)
    return core::fail(core::ErrorCode::too_large, "the WAV file is over 512 MiB", "wav");
  const auto layout = WavReader::find_sound(bytes, bytes.size());
  if (!layout) return tl::unexpected(layout.error());
  return WavAudio{
      layout->rate, layout->channels,
      decode(layout->tag, static_cast<std::size_t>(layout->channels), bytes.subspan(layout->begin, layout->size))};
}

core::Result<double> wav_seconds(std::span<const std::uint8_t> bytes) {
  const auto layout = WavReader::find_sound(bytes, bytes.size());
  if (!layout) return tl::unexpected(layout.error());
  const auto frames = layout->size / layout->frame_bytes();
  return static_cast<double>(frames) / layout->rate;
}

core::Result<WavReader> WavReader::open(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return core::fail(core::ErrorCode::not_found, "cannot open " + path, "path");
  const auto size = static_cast<std::int64_t>(file.tellg());
  if (size < 0) return core::fail(core::ErrorCode::io, "cannot read " + path, "path");
  std::vector<std::uint8_t> head(std::min<std::size_t>(static_cast<std::size_t>(size), header_within));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  if (!file) return core::fail(core::ErrorCode::io, "cannot read " + path, "path");
  const auto layout = find_sound(head, static_cast<std::uint64_t>(size));
  if (!layout) return tl::unexpected(layout.error());
  return WavReader(std::move(file), *layout);
}

std::uint64_t WavReader::frames() const { return layout_.size / layout_.frame_bytes(); }

core::Result<WavAudio> WavReader::read(std::uint64_t first, std::size_t count) {
  const auto wanted = std::min<std::uint64_t>(count, frames() - std::min(first, frames()));
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(wanted) * layout_.frame_bytes());
  file_.clear();
  file_.seekg(static_cast<std::streamoff>(layout_.begin + first * layout_.frame_bytes()));
  file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file_) return core::fail(core::ErrorCode::io, "cannot read the WAV file", "path");
  return WavAudio{layout_.rate, layout_.channels,
                  decode(layout_.tag, static_cast<std::size_t>(layout_.channels), bytes)};
}

core::Result<WavAudio> read_wav(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return core::fail(core::ErrorCode::not_found, "cannot open " + path, "path");
  const auto size = file.tellg();
  if (size < 0) return core::fail(core::ErrorCode::io, "cannot read " + path, "path");
  if (static_cast<std::size_t>(size) > max_wav_bytes) {
    return core::fail(core::ErrorCode::too_large, path + " is over 512 MiB", "path");
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);
  if (file.gcount() != size) return core::fail(core::ErrorCode::io, "cannot read " + path, "path");
  return parse_wav(bytes);
}

}  // namespace retell::audio
