#include "support/paths.hpp"

namespace retell::test {

std::string source_dir() { return RETELL_SOURCE_DIR; }

std::string data_file(std::string_view name) { return source_dir() + "/tests/data/" + std::string(name); }

}  // namespace retell::test
