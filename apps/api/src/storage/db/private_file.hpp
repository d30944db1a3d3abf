// Files that hold what callers said: for their owner alone, whatever the umask.
#pragma once
#include <filesystem>

namespace retell::storage {

// Makes an empty file that only its owner may read; one that is there keeps its mode, which may be its operator's will.
// What hinders is for who opens it to say.
void make_private_file(const std::filesystem::path& path);

}  // namespace retell::storage
