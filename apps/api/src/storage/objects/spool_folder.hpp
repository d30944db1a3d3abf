// The folder of files that wait for the object store, as it lies on disk: whoever looks into it sees what waits, since
// when, and why. A file that could not be sent has a note beside it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace retell::storage {

struct SpooledFile {
  std::string name;  // in the object store
  std::uint64_t bytes = 0;
  std::int64_t since = 0;  // epoch ms: when it was finished
  int attempts = 0;        // that failed
  std::string last_error = {};
};

// Names hold no '~', so a name and its file in the flat folder tell each other.
[[nodiscard]] std::string spool_file_of(std::string name);
// Oldest first; nothing when there is no such folder.
[[nodiscard]] std::vector<SpooledFile> list_spool(const std::filesystem::path& spool);

// Best effort: a note that cannot be written is no reason to stop sending.
void note_failure(const std::filesystem::path& spool, const std::string& name, int attempts, const std::string& error);
void forget_failure(const std::filesystem::path& spool, const std::string& name);

}  // namespace retell::storage
