#pragma once
#include <string>
#include <string_view>

namespace retell::test {

// Absolute path of apps/api in this checkout.
std::string source_dir();

// Absolute path of a file under tests/data.
std::string data_file(std::string_view name);

}  // namespace retell::test
