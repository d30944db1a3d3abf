#include "providers/local/model_store.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

#include "providers/local/model_source.hpp"

namespace retell::providers::local {
namespace {

namespace fs = std::filesystem;

// Held while a pull writes; two processes pulling the same model take turns.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& path) : fd_(::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644)) {
    if (fd_ >= 0) ::flock(fd_, LOCK_EX);
  }
  ~FolderLock() {
    if (fd_ >= 0) ::close(fd_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_;
};

class TemporaryFolder {
 public:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    fs::create_directories(path_, ignored);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

fs::path checksum_file(const fs::path& file) { return fs::path(file) += ".sha256"; }

// What a pull wrote down beside the file that it verified.
struct Recorded {
  std::string sum;
  std::uint64_t size = 0;  // 0: not recorded
};

Recorded recorded(const fs::path& file) {
  std::ifstream in(checksum_file(file));
  Recorded out;
  in >> out.sum >> out.size;
  return out;
}

// A file that was cut or lost is noticed at every look; one whose bytes have changed, by verify().
bool whole(const fs::path& file) {
  const auto then = recorded(file);
  std::error_code missing;
  const auto size = fs::file_size(file, missing);
  return !missing && !then.sum.empty() && (then.size == 0 || then.size == size);
}

}  // namespace

core::Result<std::string> file_sha256(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return core::fail(core::ErrorCode::not_found, fmt::format("cannot read {}", path.string()));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  EVP_DigestInit_ex(digest.get(), EVP_sha256(), nullptr);
  std::vector<char> buffer(1 << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    EVP_DigestUpdate(digest.get(), buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned int length = 0;
  EVP_DigestFinal_ex(digest.get(), bytes.data(), &length);
  std::string hex;
  for (unsigned int i = 0; i < length; ++i) hex += fmt::format("{:02x}", bytes[i]);
  return hex;
}

fs::path ModelStore::default_cache_dir() {
  if (const char* set = std::getenv("RETELL_CACHE_DIR"); set != nullptr && *set != '\0') return set;
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "/tmp" : home) / ".cache" / "retell";
}

ModelStore::ModelStore(const Manifest& manifest, fs::path cache, core::Logger log)
    : manifest_(manifest), cache_(std::move(cache)), log_(std::move(log)) {}

core::Result<const Model*> ModelStore::known(std::string_view name) const {
  if (const auto* model = manifest_.find(name)) return model;
  std::string names;
  for (const auto& model : manifest_.models) names += (names.empty() ? "" : ", ") + model.name;
  return core::fail(core::ErrorCode::invalid, fmt::format("no model is called '{}'; there are {}", name, names));
}

bool ModelStore::present(const Model& model) const {
  for (const auto& file : model.files) {
    if (!whole(cache_ / "models" / model.name / file.path)) return false;
  }
  return true;
}

std::vector<StoredModel> ModelStore::list() const {
  std::vector<StoredModel> out;
  for (const auto& model : manifest_.models) {
    StoredModel stored{&model, present(model), 0};
    for (const auto& file : model.files) {
      std::error_code missing;
      const auto size = fs::file_size(cache_ / "models" / model.name / file.path, missing);
      stored.bytes += missing ? file.bytes : size;
    }
    out.push_back(stored);
  }
  return out;
}

core::Result<fs::path> ModelStore::folder(std::string_view name) const {
  const auto model = known(name);
  if (!model) return tl::unexpected(model.error());
  if (!present(**model)) {
    return core::fail(
        core::ErrorCode::not_found,
        fmt::format("the model '{0}' is not on this machine; fetch it with: retell models pull {0}", name));
  }
  return cache_ / "models" / name;
}

core::Result<fs::path> ModelStore::path(std::string_view name) const {
  auto where = folder(name);
  if (!where) return where;
  return *where / manifest_.find(name)->files.front().path;
}

core::Result<fs::path> ModelStore::pull(std::string_view name, const PullHandler& progress) {
  const auto model = known(name);
  if (!model) return tl::unexpected(model.error());
  auto target = cache_ / "models" / (*model)->name;
  std::error_code error;
  fs::create_directories(target, error);
  fs::create_directories(cache_ / "downloads", error);
  if (error) {
    return core::fail(core::ErrorCode::io, fmt::format("cannot make {}: {}", target.string(), error.message()));
  }
  const FolderLock lock(cache_ / "models" / ("." + (*model)->name + ".lock"));
  for (const auto& file : (*model)->files) {
    if (auto pulled = pull_file(**model, file, progress); !pulled) return tl::unexpected(pulled.error());
  }
  return target;
}

core::Result<> ModelStore::pull_file(const Model& model, const ModelFile& file, const PullHandler& progress) const {
  const auto target = cache_ / "models" / model.name / file.path;
  if (whole(target)) {
    if (progress && !progress({file.path, "verifying", 0, file.bytes}))
      return core::fail(core::ErrorCode::cancelled, fmt::format("the pull of {} was stopped", model.name));
    if (const auto sum = file_sha256(target); sum && *sum == recorded(target).sum) return {};
    log_.warn("{}/{} has changed since it was fetched: it is fetched anew", model.name, file.path);
  }
  std::string problems;
  for (const auto& source : file.sources) {
    const TemporaryFolder work(cache_ / "models" / ("." + model.name + ".work"));
    const auto fresh = work.path() / file.path;
    bool stopped = false;
    const auto stage = [&](std::string_view what, std::uint64_t done) {
      if (progress && !progress({file.path, what, done, file.bytes})) stopped = true;
      return !stopped;
    };
    auto fetched = fetch_source(source, {cache_ / "downloads", work.path(), file.bytes}, fresh, stage);
    if (stopped) return core::fail(core::ErrorCode::cancelled, fmt::format("the pull of {} was stopped", model.name));
    if (fetched) {
      (void)stage("verifying", file.bytes);
      const auto sum = file_sha256(fresh);
      if (!sum) return tl::unexpected(sum.error());
      if (source.sha256.empty() && source.client == SourceClient::url) {
        log_.warn("{}/{}: its source has no checksum in the manifest; recorded {}", model.name, file.path, *sum);
      }
      if (source.sha256.empty() || *sum == source.sha256) {
        fs::rename(fresh, target);
        std::ofstream(checksum_file(target)) << *sum << ' ' << fs::file_size(target) << '\n';
        return {};
      }
      fetched = core::fail(core::ErrorCode::io, fmt::format("checksum {} instead of {}", *sum, source.sha256));
    }
    log_.warn("{}/{}: a source failed: {}", model.name, file.path, fetched.error().message);
    problems += (problems.empty() ? "" : "; ") + fetched.error().message;
  }
  return core::fail(core::ErrorCode::unavailable,
                    fmt::format("no source of {}/{} could be used: {}", model.name, file.path, problems));
}

core::Result<> ModelStore::verify(std::string_view name) const {
  const auto where = folder(name);
  if (!where) return tl::unexpected(where.error());
  for (const auto& file : manifest_.find(name)->files) {
    const auto sum = file_sha256(*where / file.path);
    if (!sum) return tl::unexpected(sum.error());
    if (*sum != recorded(*where / file.path).sum) {
      return core::fail(core::ErrorCode::io, fmt::format("{}/{} has changed since it was fetched", name, file.path));
    }
  }
  return {};
}

core::Result<> ModelStore::remove(std::string_view name) {
  const auto model = known(name);
  if (!model) return tl::unexpected(model.error());
  std::error_code error;
  fs::remove_all(cache_ / "models" / (*model)->name, error);
  if (error) return core::fail(core::ErrorCode::io, fmt::format("cannot remove {}: {}", name, error.message()));
  return {};
}

}  // namespace retell::providers::local
