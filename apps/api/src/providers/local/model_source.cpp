#include "providers/local/model_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "providers/local/child_process.hpp"
#include "providers/local/model_store.hpp"
#include "providers/local/whisper_convert.hpp"

namespace retell::providers::local {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

constexpr auto fetch_limit = minutes(120);  // several gigabytes over a slow line; the caller's handler may stop it
constexpr auto unpack_limit = minutes(10);

std::string safe_file_name(std::string_view text) {
  std::string out(text.substr(0, 150));
  std::replace_if(
      out.begin(), out.end(),
      [](unsigned char c) { return std::isalnum(c) == 0 && c != '.' && c != '-' && c != '_' && c != '='; }, '_');
  return out;
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code missing;
  const auto size = fs::file_size(path, missing);
  return missing ? 0 : size;
}

std::uint64_t size_below(const fs::path& folder) {
  std::uint64_t sum = 0;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored)) {
    if (entry.is_regular_file(ignored)) sum += size_of(entry.path());
  }
  return sum;
}

core::Result<> download(const ModelSource& source, const FetchPlace& place, const fs::path& target,
                        const StageHandler& stage) {
  // The half file stays when the pull is stopped; curl asks for the rest (HTTP range) the next time.
  const auto part = place.downloads / (safe_file_name(source.url) + ".part");
  const bool complete = place.expected_bytes > 0 && size_of(part) == place.expected_bytes;
  if (!complete) {
    ChildOptions options;
    options.timeout = fetch_limit;
    options.tick = [&] { return !stage || stage("fetching", size_of(part)); };
    const std::vector<std::string> argv = {
        "curl", "--fail",   "--location",  "--silent",          "--show-error", "--retry",
        "3",    "--proto",  "=https,file", "--connect-timeout", "20",           "--continue-at",
        "-",    "--output", part.string(), source.url};
    if (auto fetched = run_child(argv, options); !fetched) return fetched;
  }
  std::error_code error;
  fs::rename(part, target, error);
  if (error) return core::fail(core::ErrorCode::io, fmt::format("cannot move {}: {}", part.string(), error.message()));
  return {};
}

// The archive of a package, verified; from an earlier pull or through the package client.
core::Result<fs::path> fetch_package(SourceClient client, const Package& package, const FetchPlace& place,
                                     const StageHandler& stage) {
  auto kept = place.downloads / (safe_file_name(package.name) + (client == SourceClient::pip ? ".whl" : ".tgz"));
  if (const auto sum = file_sha256(kept); sum && *sum == package.sha256) return kept;
  const auto folder = place.work / "archive";
  // pip downloads into a temporary folder and moves the archive over at the end: one that is watched, and on a disk
  // that has room for models.
  const auto temporary = place.work / "temporary";
  std::error_code error;
  for (const auto& empty : {folder, temporary}) {
    fs::remove_all(empty, error);
    fs::create_directories(empty, error);
  }
  ChildOptions options;
  options.timeout = fetch_limit;
  options.folder = folder.string();
  options.tick = [&] { return !stage || stage("fetching", std::max(size_below(folder), size_below(temporary))); };
  std::vector<std::string> argv = {"env", "TMPDIR=" + fs::absolute(temporary).string()};
  const auto command = client == SourceClient::pip
                           ? std::vector<std::string>{"python3",  "-m",      "pip",       "--disable-pip-version-check",
                                                      "download", "--quiet", "--no-deps", "--only-binary",
                                                      ":all:",    "--dest",  ".",         package.name}
                           : std::vector<std::string>{"npm", "pack", "--silent", package.name};
  argv.insert(argv.end(), command.begin(), command.end());
  if (auto ran = run_child(argv, options); !ran) return tl::unexpected(ran.error());
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto sum = file_sha256(entry.path());
    if (!sum) return tl::unexpected(sum.error());
    if (*sum != package.sha256) {
      return core::fail(core::ErrorCode::io,
                        fmt::format("{} has checksum {}, the manifest says {}", package.name, *sum, package.sha256));
    }
    fs::rename(entry.path(), kept, error);
    if (error) return core::fail(core::ErrorCode::io, fmt::format("cannot keep {}: {}", package.name, error.message()));
    return kept;
  }
  return core::fail(core::ErrorCode::io, fmt::format("the package client brought no file for {}", package.name));
}

core::Result<> append(const fs::path& from, std::ofstream& to) {
  std::ifstream in(from, std::ios::binary);
  if (!in || !(to << in.rdbuf())) {
    return core::fail(core::ErrorCode::io, fmt::format("cannot copy {}", from.filename().string()));
  }
  return {};
}

core::Result<> unpack(const ModelSource& source, const FetchPlace& place, const fs::path& target,
                      const StageHandler& stage) {
  std::ofstream joined(target, std::ios::binary | std::ios::trunc);
  fs::path vocabulary;
  for (std::size_t i = 0; i < source.packages.size(); ++i) {
    const auto archive = fetch_package(source.client, source.packages[i], place, stage);
    if (!archive) return tl::unexpected(archive.error());
    const auto folder = place.work / fmt::format("unpacked-{}", i);
    std::error_code error;
    fs::create_directories(folder, error);
    ChildOptions options;
    options.timeout = unpack_limit;
    options.tick = [&] { return !stage || stage("unpacking", size_below(folder)); };
    const auto argv =
        source.client == SourceClient::pip
            ? std::vector<std::string>{"python3", "-m", "zipfile", "-e", archive->string(), folder.string()}
            : std::vector<std::string>{"tar", "-xzf", archive->string(), "-C", folder.string()};
    if (auto ran = run_child(argv, options); !ran) return ran;
    if (auto copied = append(folder / source.members[i], joined); !copied) return copied;
    if (const auto found = folder / source.vocabulary; !source.vocabulary.empty() && fs::exists(found, error)) {
      vocabulary = found;
    }
    // The archive has served: what it held is in place, and a second pull is rare.
    fs::remove(*archive, error);
  }
  joined.close();
  if (!joined) return core::fail(core::ErrorCode::io, fmt::format("cannot write {}", target.string()));
  if (source.conversion == Conversion::none) return {};
  if (stage && !stage("converting", 0)) return core::fail(core::ErrorCode::cancelled, "stopped");
  const auto raw = place.work / "raw";
  std::error_code error;
  fs::rename(target, raw, error);
  return convert_ctranslate2_whisper(raw, vocabulary, target);
}

}  // namespace

core::Result<> fetch_source(const ModelSource& source, const FetchPlace& place, const fs::path& target,
                            const StageHandler& stage) {
  return source.client == SourceClient::url ? download(source, place, target, stage)
                                            : unpack(source, place, target, stage);
}

}  // namespace retell::providers::local
