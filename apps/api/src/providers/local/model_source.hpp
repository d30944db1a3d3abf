// Brings one file of a model from one of its sources. Blocking; used by ModelStore alone.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string_view>

#include "core/result.hpp"
#include "providers/local/manifest.hpp"

namespace retell::providers::local {

struct FetchPlace {
  std::filesystem::path downloads;  // archives and partial downloads, kept between tries
  std::filesystem::path work;       // emptied afterwards by the caller
  std::uint64_t expected_bytes = 0;
};
using StageHandler = std::function<bool(std::string_view stage, std::uint64_t done)>;  // false: stop

// Makes `target` from the source. The result is complete but not yet verified against ModelSource::sha256.
[[nodiscard]] core::Result<> fetch_source(const ModelSource& source, const FetchPlace& place,
                                          const std::filesystem::path& target, const StageHandler& stage);

}  // namespace retell::providers::local
