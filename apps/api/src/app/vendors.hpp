// Which vendors this server offers, from its configuration, and the voices that come with them.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/log.hpp"
#include "providers/registry.hpp"
#include "services/voice_catalog.hpp"

namespace retell::app {

// Models loaded into this process, shared by all calls; nothing when the build has no local engines. Outlives the
// registry's adapters.
class LocalEngines {
 public:
  LocalEngines();
  ~LocalEngines();
  class Impl;
  std::unique_ptr<Impl> impl;
};

// The models that agents of this configuration need unless their own settings say otherwise: those that it names, and
// the defaults where it names none. None in a build without engines of its own.
[[nodiscard]] std::vector<std::string> local_models(const config::Config& config);

// The names that a configuration may ask for: of its adapters none is made.
[[nodiscard]] providers::Registry offered_vendors(const config::Config& config);

// Fills both. Vendors without credentials are left out; an error names a setting that asks for what is not there, in a
// configuration that was not checked when it was read (load_config). `engines` is filled when local models are used,
// which loads them (seconds).
[[nodiscard]] core::Result<> register_vendors(const config::Config& config, LocalEngines& engines,
                                              providers::Registry& registry, services::VoiceCatalog& voices,
                                              const core::Logger& log);

// How many calls this machine's own engines serve at a time without keeping callers waiting; nothing when no call
// depends on them: there are none among the configured vendors, or others stand behind them.
[[nodiscard]] std::optional<int> most_local_calls(const config::Config& config);

}  // namespace retell::app
