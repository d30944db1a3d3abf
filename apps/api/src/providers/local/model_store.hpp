// The models on this machine: a folder outside the checkout, one sub-folder a model, filled from the manifest.
//   <cache>/models/<model>/<file>        complete and verified; put there by one rename
//   <cache>/models/<model>/<file>.sha256 what was verified (or, for an unpinned source, recorded)
//   <cache>/downloads/                   archives and halves of downloads, kept so that an interrupted pull goes on
// Functions block (minutes, for pull): pool threads or a command only. Safe between processes: a pull holds a lock
// file.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "providers/local/manifest.hpp"

namespace retell::providers::local {

struct PullProgress {
  std::string_view file;    // of the model
  std::string_view stage;   // fetching, unpacking, converting, verifying
  std::uint64_t done = 0;   // bytes, while fetching
  std::uint64_t total = 0;  // 0 when not known
};
// Called about 20 times a second from the pulling thread; false stops the pull (`cancelled`), which can go on later.
using PullHandler = std::function<bool(const PullProgress&)>;

struct StoredModel {
  const Model* model = nullptr;
  bool present = false;
  std::uint64_t bytes = 0;  // on disk when present, else what the manifest says
};

class ModelStore {
 public:
  // `manifest` outlives the store. `cache`: see default_cache_dir().
  ModelStore(const Manifest& manifest, std::filesystem::path cache, core::Logger log = {});

  [[nodiscard]] std::vector<StoredModel> list() const;
  [[nodiscard]] core::Result<const Model*> known(std::string_view name) const;  // `invalid` lists the names there are
  // The folder of a present model; `not_found` (with what to run) when it is absent, `invalid` when unknown.
  [[nodiscard]] core::Result<std::filesystem::path> folder(std::string_view name) const;
  // The same for its only or first file.
  [[nodiscard]] core::Result<std::filesystem::path> path(std::string_view name) const;
  // Does nothing but verify when present. Tries the sources in the manifest's order.
  [[nodiscard]] core::Result<std::filesystem::path> pull(std::string_view name, const PullHandler& progress = {});
  // Reads a present model whole: io when a file is not what was fetched.
  [[nodiscard]] core::Result<> verify(std::string_view name) const;
  [[nodiscard]] core::Result<> remove(std::string_view name);

  [[nodiscard]] const Manifest& manifest() const { return manifest_; }
  // RETELL_CACHE_DIR, else ~/.cache/retell.
  [[nodiscard]] static std::filesystem::path default_cache_dir();

 private:
  [[nodiscard]] bool present(const Model& model) const;
  [[nodiscard]] core::Result<> pull_file(const Model& model, const ModelFile& file, const PullHandler& progress) const;

  const Manifest& manifest_;
  std::filesystem::path cache_;
  core::Logger log_;
};

// Lower-case hex of a file's SHA-256.
[[nodiscard]] core::Result<std::string> file_sha256(const std::filesystem::path& path);

}  // namespace retell::providers::local
