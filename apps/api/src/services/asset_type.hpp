// What an uploaded asset is, told by its bytes: names and types that clients give are often wrong. Pure.
#pragma once
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace retell::services {

// The MIME type of Retell's kinds of audio and images. `invalid`, naming what is expected, for anything else, for a WAV
// file that cannot be played, and for one that is longer than Retell takes.
[[nodiscard]] core::Result<std::string> asset_type(std::string_view bytes);

}  // namespace retell::services
