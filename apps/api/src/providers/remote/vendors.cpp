#include "providers/remote/vendors.hpp"

#include <array>

#include "providers/remote/deepgram_stt.hpp"
#include "providers/remote/elevenlabs_tts.hpp"
#include "providers/remote/openai_chat.hpp"
#include "providers/remote/openai_tts.hpp"

namespace retell::providers::remote {

std::span<const Vendor> vendors() {
  // A name may stand here more than once: a vendor that hears, speaks and thinks has an adapter for each.
  static constexpr std::array all = {
      Vendor{"openai", add_openai_chat},
      Vendor{"openai", add_openai_tts},
      Vendor{"deepgram", add_deepgram},
      Vendor{"elevenlabs", add_elevenlabs},
  };
  return all;
}

}  // namespace retell::providers::remote
