#include "storage/objects/spool_folder.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "json/text.hpp"
#include "storage/objects/object_store.hpp"

namespace retell::storage {
namespace {

namespace fs = std::filesystem;

fs::path note_of(const fs::path& spool, const std::string& name) {
  return spool / (".failed-" + spool_file_of(name));  // a name that no object can have
}

void read_note(const fs::path& spool, SpooledFile& file) {
  std::ifstream in(note_of(spool, file.name));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const auto note = json::parse(text);
  if (!note || !note->is_object()) return;
  const auto& members = note->get_object();
  if (const auto* attempts = members.if_contains("attempts"); attempts != nullptr && attempts->is_int64()) {
    file.attempts = static_cast<int>(attempts->get_int64());
  }
  if (const auto* error = members.if_contains("error"); error != nullptr && error->is_string()) {
    file.last_error = std::string(std::string_view(error->get_string()));
  }
}

std::int64_t epoch_ms_of(fs::file_time_type time) {
  const auto wall = std::chrono::file_clock::to_sys(time);
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall.time_since_epoch()).count();
}

}  // namespace

std::string spool_file_of(std::string name) {
  std::replace(name.begin(), name.end(), '/', '~');
  return name;
}

std::vector<SpooledFile> list_spool(const fs::path& spool) {
  std::vector<SpooledFile> files;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(spool, problem)) {
    SpooledFile file;
    file.name = entry.path().filename().string();
    std::replace(file.name.begin(), file.name.end(), '~', '/');
    if (!entry.is_regular_file(problem) || !is_object_name(file.name)) continue;
    file.bytes = entry.file_size(problem);
    if (problem) continue;  // sent in this moment
    file.since = epoch_ms_of(entry.last_write_time(problem));
    read_note(spool, file);
    files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return std::tie(a.since, a.name) < std::tie(b.since, b.name); });
  return files;
}

void note_failure(const fs::path& spool, const std::string& name, int attempts, const std::string& error) {
  const auto path = note_of(spool, name);
  auto part = path;
  part += ".part";
  std::ofstream(part) << json::dump(json::Object{{"attempts", attempts}, {"error", error}});
  std::error_code ignored;
  fs::rename(part, path, ignored);
}

void forget_failure(const fs::path& spool, const std::string& name) {
  std::error_code ignored;
  fs::remove(note_of(spool, name), ignored);
}

}  // namespace retell::storage
