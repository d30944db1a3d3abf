// Sounds of a caller and his room that are no words: what must not take the floor from an agent. Made of shaped noise,
// the same for the same seed. Pure.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace retell::simulator {

enum class Sound : std::uint8_t {
  cough,   // two bursts of turbulent air through a mouth
  throat,  // "ahem": a low rattle
  slam,    // a door
  keys,    // typing beside the telephone
  hiss,    // three seconds of steady street noise, 40 dB under full scale
};
[[nodiscard]] std::string_view name_of(Sound sound);

// 8 kHz.
[[nodiscard]] std::vector<std::int16_t> make_sound(Sound sound, std::uint32_t seed);

}  // namespace retell::simulator
