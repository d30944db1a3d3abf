// Any bytes as retell.toml, and as the value of every variable: no crash, and a refusal always says what to mend.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.hpp"

namespace {

using namespace retell;

// A file in memory that parsers open by name.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : descriptor_(::memfd_create("retell.toml", MFD_CLOEXEC)) {
    if (::write(descriptor_, content.data(), content.size()) != static_cast<ssize_t>(content.size())) std::abort();
  }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

void require(const core::Result<config::Config>& loaded) {
  if (!loaded && loaded.error().message.empty()) std::abort();
}

std::string variable_of(std::string key) {
  for (char& c : key) c = c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return "RETELL_" + key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 != 0) {
    const MemoryFile file(text);
    require(config::load({.file = file.path()}));
    return 0;
  }
  static const auto keys = config::known_keys();
  const auto& key = keys[data[0] / 4U % keys.size()];
  require(config::load({.environment = {{variable_of(key), text}}}));
  require(config::load({.overrides = {{key, text}}}));
  return 0;
}
