// Which vendors this server offers, from its configuration, and the voices that come with them.
#pragma once
#include <memory>

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

// Fills both. Vendors without credentials are left out; an error names every
// setting that asks for what is not there. `engines` is filled when local models are used, which loads them (seconds).
[[nodiscard]] core::Result<> register_vendors(const config::Config& config, LocalEngines& engines,
                                              providers::Registry& registry, services::VoiceCatalog& voices,
                                              const core::Logger& log);

}  // namespace retell::app
