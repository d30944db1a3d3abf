// ONNX Runtime, opened at run time: the server starts without it, and only the models that need it then say what is
// missing. The C interface is reached by position in its function table, which Microsoft keeps fixed for ever ("members
// may only be added at the end"); the positions used are in onnx_runtime.cpp. Any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/result.hpp"

namespace retell::providers::local {

struct OnnxTensor {  // viewed, not owned
  std::string name;
  std::vector<std::int64_t> shape;
  std::variant<std::span<const float>, std::span<const std::int64_t>> values;
};

class OnnxSession {
 public:
  virtual ~OnnxSession() = default;
  // Runs the model and returns its first output. Several threads may call it at once.
  [[nodiscard]] core::Result<std::vector<float>> run(const std::vector<OnnxTensor>& inputs) const;
  // The same for outputs by name, in their order.
  [[nodiscard]] virtual core::Result<std::vector<std::vector<float>>> run(
      const std::vector<OnnxTensor>& inputs, const std::vector<std::string>& outputs) const = 0;
  [[nodiscard]] virtual const std::string& first_output() const = 0;
};

// Loads a model with so many threads inside one run. The library is looked for in RETELL_ONNXRUNTIME, beside the
// program (lib/), where the build found it, and where the system looks. Blocking: tenths of a second.
[[nodiscard]] core::Result<std::unique_ptr<OnnxSession>> load_onnx(const std::filesystem::path& model, int threads);

}  // namespace retell::providers::local
