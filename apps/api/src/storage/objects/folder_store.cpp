#include "storage/objects/folder_store.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "core/ids.hpp"

namespace retell::storage {
namespace {

namespace fs = std::filesystem;
using core::ErrorCode;
using core::fail;

core::Result<> bad_name() { return fail(ErrorCode::invalid, "not a valid object name"); }

core::Result<> write_file(const fs::path& path, const std::string& content) {
  std::error_code problem;
  fs::create_directories(path.parent_path(), problem);
  // Readers see the old file or the whole new one, never half of it.
  const auto temporary = path.string() + core::make_id(".new-", 8);
  {
    std::ofstream out(temporary, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    out.flush();
    if (!out) {
      fs::remove(temporary, problem);
      return fail(ErrorCode::io, "cannot write " + path.filename().string());
    }
  }
  fs::rename(temporary, path, problem);
  if (problem) return fail(ErrorCode::io, "cannot write " + path.filename().string() + ": " + problem.message());
  return {};
}

core::Result<> move_file(const fs::path& from, const fs::path& to) {
  std::error_code problem;
  if (from == to) return {};
  if (!fs::exists(from, problem) && fs::exists(to, problem)) return {};  // taken over before
  fs::create_directories(to.parent_path(), problem);
  fs::rename(from, to, problem);
  if (problem == std::errc::cross_device_link) {
    const auto temporary = to.string() + core::make_id(".new-", 8);
    fs::copy_file(from, temporary, fs::copy_options::overwrite_existing, problem);
    if (!problem) fs::rename(temporary, to, problem);
    if (!problem) fs::remove(from, problem);
  }
  if (problem) return fail(ErrorCode::io, "cannot store " + to.filename().string() + ": " + problem.message());
  return {};
}

core::Result<std::string> read_file(const fs::path& path, std::uint64_t offset, std::size_t length) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return fail(ErrorCode::not_found, "there is no such file");
  in.seekg(static_cast<std::streamoff>(offset));
  std::string content(length, '\0');
  in.read(content.data(), static_cast<std::streamsize>(length));
  if (in.bad()) return fail(ErrorCode::io, "cannot read " + path.filename().string());
  content.resize(static_cast<std::size_t>(std::max<std::streamsize>(in.gcount(), 0)));
  return content;
}

}  // namespace

bool is_object_name(std::string_view name) {
  if (name.empty() || name.size() > 200 || name.ends_with('/')) return false;
  bool part_begins = true;
  for (const char c : name) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    if (!plain && c != '.' && c != '/') return false;
    if (part_begins && (c == '.' || c == '/')) return false;
    part_begins = c == '/';
  }
  return true;
}

core::Task<core::Result<>> FolderStore::put(std::string name, std::string content) {
  if (!is_object_name(name)) co_return bad_name();
  auto work = [path = root_ / name, content = std::move(content)] { return write_file(path, content); };
  co_return co_await files_.run(std::move(work));
}

core::Task<core::Result<>> FolderStore::adopt(std::string name, std::string local_path) {
  if (!is_object_name(name)) co_return bad_name();
  auto work = [to = root_ / name, from = fs::path(local_path)] { return move_file(from, to); };
  co_return co_await files_.run(std::move(work));
}

core::Task<core::Result<std::uint64_t>> FolderStore::size(std::string name) {
  if (!is_object_name(name)) co_return tl::unexpected(bad_name().error());
  auto work = [path = root_ / name]() -> core::Result<std::uint64_t> {
    std::error_code problem;
    const auto bytes = fs::file_size(path, problem);
    if (problem) return fail(ErrorCode::not_found, "there is no such file");
    return std::uint64_t{bytes};
  };
  co_return co_await files_.run(std::move(work));
}

core::Task<core::Result<std::string>> FolderStore::read(std::string name, std::uint64_t offset, std::size_t length) {
  if (!is_object_name(name)) co_return tl::unexpected(bad_name().error());
  auto work = [path = root_ / name, offset, length] { return read_file(path, offset, length); };
  co_return co_await files_.run(std::move(work));
}

core::Task<core::Result<std::optional<std::string>>> FolderStore::link(std::string, std::chrono::seconds) {
  co_return std::optional<std::string>();
}

core::Task<core::Result<>> FolderStore::remove(std::string name) {
  if (!is_object_name(name)) co_return bad_name();
  auto work = [path = root_ / name]() -> core::Result<> {
    std::error_code problem;
    fs::remove(path, problem);
    if (problem) return fail(ErrorCode::io, "cannot remove " + path.filename().string());
    return {};
  };
  co_return co_await files_.run(std::move(work));
}

}  // namespace retell::storage
