#include "services/asset_type.hpp"

#include <cstdint>
#include <span>

#include "audio/wav.hpp"

namespace retell::services {
namespace {

constexpr double longest_sound = 210;          // seconds
constexpr std::size_t look_for_markup = 4096;  // bytes before the first element of an SVG: prolog, comments, doctype

tl::unexpected<core::Error> bad(std::string message) {
  return core::fail(core::ErrorCode::invalid, "file: " + std::move(message), "file");
}

std::uint8_t byte(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

// The header of a frame of MPEG audio, layer III: the reserved values of its fields stand for nothing.
bool is_mp3_frame(std::string_view bytes) {
  if (bytes.size() < 4 || byte(bytes, 0) != 0xFF || (byte(bytes, 1) & 0xE6U) != 0xE2) return false;
  const bool version = (byte(bytes, 1) & 0x18U) != 0x08;
  const bool rates = (byte(bytes, 2) & 0xF0U) != 0xF0 && (byte(bytes, 2) & 0x0CU) != 0x0C;
  return version && rates;
}

// The header of an ADTS frame.
bool is_aac_frame(std::string_view bytes) {
  return bytes.size() >= 7 && byte(bytes, 0) == 0xFF && (byte(bytes, 1) & 0xF6U) == 0xF0;
}

bool is_svg(std::string_view bytes) {
  const auto head = bytes.substr(0, look_for_markup);
  const auto first = head.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  return first != std::string_view::npos && head[first] == '<' && head.find("<svg") != std::string_view::npos;
}

core::Result<std::string> wav_type(std::string_view bytes) {
  const auto seconds = audio::wav_seconds({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  if (!seconds) return bad("cannot be played as WAV: " + seconds.error().message);
  if (*seconds > longest_sound) return bad("audio must be at most 210 seconds long");
  return "audio/wav";
}

}  // namespace

core::Result<std::string> asset_type(std::string_view bytes) {
  const auto at = [bytes](std::size_t place, std::string_view tag) {
    return bytes.size() > place && bytes.substr(place).starts_with(tag);
  };
  if (at(0, "RIFF") && at(8, "WAVE")) return wav_type(bytes);
  if (at(0, "RIFF") && at(8, "WEBP")) return "image/webp";
  if (at(0, "\x89PNG\r\n\x1A\n")) return "image/png";
  if (at(0, "\xFF\xD8\xFF")) return "image/jpeg";
  if (at(0, "GIF87a") || at(0, "GIF89a")) return "image/gif";
  if (at(0, "OggS")) return "audio/ogg";
  if (at(0, "fLaC")) return "audio/flac";
  if (at(4, "ftyp")) return "audio/mp4";
  // The EBML header names the kind of its document.
  if (at(0, "\x1A\x45\xDF\xA3") && bytes.substr(0, 64).find("webm") != std::string_view::npos) return "audio/webm";
  if (at(0, "ID3") || is_mp3_frame(bytes)) return "audio/mpeg";
  if (is_aac_frame(bytes)) return "audio/aac";
  if (is_svg(bytes)) return "image/svg+xml";
  return bad("expected audio (MP3, WAV, WebM, OGG, M4A, AAC or FLAC) or an image (PNG, JPEG, GIF, WebP or SVG)");
}

}  // namespace retell::services
