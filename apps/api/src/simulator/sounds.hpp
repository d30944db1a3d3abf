// Sounds of a caller and his room that are no words: what must not take the floor from an agent. Made of noise and a
// voice's pulses, shaped; the same for the same seed. Pure.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace retell::simulator {

enum class Sound : std::uint8_t {
  hum,     // "mm-hm" with closed lips, the second syllable higher
  cough,   // two bursts of turbulent air through a mouth, the first one the stronger
  throat,  // "ahem": a low rattle that ends in breath
  slam,    // a door
  keys,    // typing beside the telephone
  rustle,  // the receiver against a sleeve
  street,  // three seconds of steady noise, 30 dB under full scale, with traffic's slow swell
};
[[nodiscard]] std::string_view name_of(Sound sound);

// 8 kHz.
[[nodiscard]] std::vector<std::int16_t> make_sound(Sound sound, std::uint32_t seed);

}  // namespace retell::simulator
