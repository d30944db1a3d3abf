// Makes the engines inside the process known under their names. With RETELL_LOCAL_MODELS=OFF the same names exist and
// answer with what is missing.
#pragma once
#include "providers/local/manifest.hpp"
#include "providers/registry.hpp"

namespace retell::providers::local {

class LocalInference;

// Speech to text: local, whisper, pocketsphinx. Text to speech: local, piper, flite, espeak. Language: local, llama.
// End of turn: smart_turn. `inference` outlives the registry; null in a build without the
// engines, and where only the names are asked for.
void register_local(Registry& registry, LocalInference* inference);

}  // namespace retell::providers::local
