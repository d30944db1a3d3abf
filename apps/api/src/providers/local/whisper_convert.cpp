#include "providers/local/whisper_convert.hpp"

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "providers/local/log_mel.hpp"

namespace retell::providers::local {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t type_float32 = 0;  // CTranslate2's numbering
constexpr std::uint8_t type_float16 = 4;

struct Tensor {
  std::vector<std::uint32_t> shape;
  std::uint8_t type = 0;
  std::span<const char> bytes;
  [[nodiscard]] std::size_t rows() const { return shape.empty() ? 1 : shape[0]; }
};

// Whether the bytes are just as many as the shape and type say; no product of huge dimensions may wrap around to that.
bool fits(const Tensor& tensor) {
  std::uint64_t expected = tensor.type == type_float16 ? 2 : 4;
  for (const auto dimension : tensor.shape) {
    if (dimension == 0 || expected > tensor.bytes.size()) return false;
    expected *= dimension;
  }
  return expected == tensor.bytes.size();
}

using Tensors = std::map<std::string, Tensor, std::less<>>;

class Bytes {  // a bounds-checked cursor; after the first short read everything is zero and ok() is false
 public:
  explicit Bytes(std::span<const char> data) : data_(data) {}
  template <class T>
  T number() {
    T value{};
    const auto bytes = take(sizeof(T));
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::string text() {
    const auto bytes = take(number<std::uint16_t>());
    return bytes.empty() ? std::string() : std::string(bytes.data(), bytes.size() - 1);  // it counts a closing zero
  }
  std::span<const char> take(std::size_t count) {
    if (!ok_ || count > data_.size()) {
      ok_ = false;
      return {};
    }
    const auto out = data_.first(count);
    data_ = data_.subspan(count);
    return out;
  }
  [[nodiscard]] bool ok() const { return ok_; }

 private:
  std::span<const char> data_;
  bool ok_ = true;
};

core::Result<Tensors> read_tensors(std::span<const char> file) {
  Bytes in(file);
  const auto version = in.number<std::uint32_t>();
  const auto spec = in.text();
  (void)in.number<std::uint32_t>();  // the spec's revision
  if (!in.ok() || version < 4 || version > 20 || spec != "WhisperSpec") {
    return core::fail(core::ErrorCode::invalid, "not a CTranslate2 Whisper model");
  }
  Tensors tensors;
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    auto name = in.text();
    Tensor tensor;
    tensor.shape.resize(in.number<std::uint8_t>());
    for (auto& dimension : tensor.shape) dimension = in.number<std::uint32_t>();
    tensor.type = in.number<std::uint8_t>();
    tensor.bytes = in.take(in.number<std::uint32_t>());
    tensors.emplace(std::move(name), std::move(tensor));
  }
  if (!in.ok()) return core::fail(core::ErrorCode::invalid, "the CTranslate2 model ends too early");
  return tensors;
}

float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16U;
  const std::uint32_t exponent = (half >> 10U) & 0x1FU;
  const std::uint32_t fraction = half & 0x3FFU;
  if (exponent == 0) {  // zero and subnormal numbers
    const float value = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | (fraction << 13U));
  return std::bit_cast<float>(sign | ((exponent + 112U) << 23U) | (fraction << 13U));
}

// Writes ggml tensors; keeps the first problem.
class Writer {
 public:
  Writer(const Tensors& tensors, std::ostream& out) : tensors_(tensors), out_(out) {}

  void number(std::int32_t value) { out_.write(reinterpret_cast<const char*>(&value), sizeof value); }
  void bytes(std::span<const char> data) { out_.write(data.data(), static_cast<std::streamsize>(data.size())); }

  // `part` of `parts` equal groups of rows. Vectors and positions are stored as 32-bit floats, matrices as they are.
  void tensor(const std::string& from, const std::string& name, std::size_t part = 0, std::size_t parts = 1) {
    const auto found = tensors_.find(from);
    if (found == tensors_.end()) return problem(fmt::format("{} is missing", from));
    const auto& tensor = found->second;
    if (tensor.type != type_float16 && tensor.type != type_float32) {
      return problem(
          fmt::format("{} is quantised (type {}); only 16- and 32-bit floats can be converted", from, tensor.type));
    }
    if (tensor.shape.empty() || tensor.rows() % parts != 0 || !fits(tensor)) {
      return problem(fmt::format("{} has a wrong shape", from));
    }
    const bool conv_bias = name == "encoder.conv1.bias" || name == "encoder.conv2.bias";
    const bool as_float =
        tensor.type == type_float32 || tensor.shape.size() < 2 || name.ends_with("positional_embedding");
    auto shape = tensor.shape;
    shape[0] /= static_cast<std::uint32_t>(parts);
    if (conv_bias) shape.push_back(1);
    number(static_cast<std::int32_t>(shape.size()));
    number(static_cast<std::int32_t>(name.size()));
    number(as_float ? 0 : 1);
    for (auto dimension = shape.rbegin(); dimension != shape.rend(); ++dimension) {
      number(static_cast<std::int32_t>(*dimension));
    }
    bytes({name.data(), name.size()});
    const auto length = tensor.bytes.size() / parts;
    const auto data = tensor.bytes.subspan(part * length, length);
    if (!as_float || tensor.type == type_float32) return bytes(data);
    std::vector<float> wide(length / 2);
    for (std::size_t i = 0; i < wide.size(); ++i) {
      std::uint16_t half = 0;
      std::memcpy(&half, data.data() + 2 * i, 2);
      wide[i] = half_to_float(half);
    }
    bytes({reinterpret_cast<const char*>(wide.data()), wide.size() * sizeof(float)});
  }
  void linear(const std::string& from, const std::string& name, std::size_t part = 0, std::size_t parts = 1) {
    tensor(from + "/weight", name + ".weight", part, parts);
    if (!name.ends_with(".key")) tensor(from + "/bias", name + ".bias", part, parts);  // Whisper's keys have no bias
  }
  void norm(const std::string& from, const std::string& name) {
    tensor(from + "/gamma", name + ".weight");
    tensor(from + "/beta", name + ".bias");
  }
  void attention(const std::string& from, const std::string& to, const std::string& name) {
    norm(from + "/layer_norm", to + name + "_ln");
    const auto target = to + name;
    linear(from + "/linear_0", target + ".query", 0, 3);
    linear(from + "/linear_0", target + ".key", 1, 3);
    linear(from + "/linear_0", target + ".value", 2, 3);
    linear(from + "/linear_1", target + ".out");
  }
  void cross_attention(const std::string& from, const std::string& to) {
    norm(from + "/layer_norm", to + "cross_attn_ln");
    linear(from + "/linear_0", to + "cross_attn.query");
    linear(from + "/linear_1", to + "cross_attn.key", 0, 2);
    linear(from + "/linear_1", to + "cross_attn.value", 1, 2);
    linear(from + "/linear_2", to + "cross_attn.out");
  }
  void feed_forward(const std::string& from, const std::string& to) {
    norm(from + "/layer_norm", to + "mlp_ln");
    linear(from + "/linear_0", to + "mlp.0");
    linear(from + "/linear_1", to + "mlp.2");
  }
  [[nodiscard]] const std::string& first_problem() const { return problem_; }

 private:
  void problem(std::string text) {
    if (problem_.empty()) problem_ = std::move(text);
  }
  const Tensors& tensors_;
  std::ostream& out_;
  std::string problem_;
};

// GPT-2 writes each byte as a printable character: 33-126, 161-172 and 174-255 as themselves, the other 68 in order as
// U+0100 and up.
class ByteAlphabet {
 public:
  ByteAlphabet() {
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool plain = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
      bytes_[plain ? byte : next++] = static_cast<char>(byte);
    }
  }
  // A character outside the alphabet is kept as it stands.
  [[nodiscard]] std::string decode(std::string_view token) const {
    std::string out;
    for (std::size_t i = 0; i < token.size();) {
      const auto lead = static_cast<unsigned char>(token[i]);
      const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      const auto character = token.substr(i, length);
      const char32_t code =
          length == 1 ? lead
          : length == 2 && character.size() == 2
              ? static_cast<char32_t>((lead & 0x1FU) << 6U | (static_cast<unsigned char>(character[1]) & 0x3FU))
              : 0xFFFD;
      const auto found = bytes_.find(code);
      if (found == bytes_.end()) {
        out += character;
      } else {
        out += found->second;
      }
      i += length;
    }
    return out;
  }

 private:
  std::map<char32_t, char> bytes_;
};

std::vector<std::string> read_vocabulary(const fs::path& path) {
  std::ifstream in(path);
  const ByteAlphabet alphabet;
  std::vector<std::string> tokens;
  for (std::string line; std::getline(in, line);) tokens.push_back(alphabet.decode(line));
  return tokens;
}

std::size_t layers_of(const Tensors& tensors, std::string_view stack) {
  std::size_t layers = 0;
  while (tensors.contains(fmt::format("{}/layer_{}/ffn/linear_0/weight", stack, layers))) ++layers;
  return layers;
}

}  // namespace

core::Result<> write_whisper_ggml(std::span<const char> weights, std::vector<std::string> tokens, std::ostream& out) {
  const auto tensors = read_tensors(weights);
  if (!tensors) return tl::unexpected(tensors.error());
  const auto shape_of = [&](std::string_view name, std::size_t index) {
    const auto found = tensors->find(name);
    return found == tensors->end() || index >= found->second.shape.size()
               ? 0
               : static_cast<std::int32_t>(found->second.shape[index]);
  };
  const auto vocabulary_size = shape_of("decoder/embeddings/weight", 0);
  const auto state = shape_of("decoder/embeddings/weight", 1);
  const bool multilingual = vocabulary_size >= 51865;
  // whisper.cpp names the tokens from end-of-text on by itself.
  const std::size_t plain_tokens = multilingual ? 50257 : 50256;
  if (state == 0 || tokens.size() < plain_tokens) {
    return core::fail(core::ErrorCode::invalid,
                      fmt::format("the vocabulary has {} tokens, {} are needed", tokens.size(), plain_tokens));
  }
  tokens.resize(plain_tokens);
  constexpr std::int32_t head_size = 64;  // in every Whisper model

  Writer to(*tensors, out);
  to.number(0x67676d6c);  // "ggml"
  to.number(vocabulary_size);
  to.number(shape_of("encoder/position_encodings/encodings", 0));
  to.number(state);
  to.number(state / head_size);
  to.number(static_cast<std::int32_t>(layers_of(*tensors, "encoder")));
  to.number(shape_of("decoder/position_encodings/encodings", 0));
  to.number(state);
  to.number(state / head_size);
  to.number(static_cast<std::int32_t>(layers_of(*tensors, "decoder")));
  to.number(mel_bands);
  to.number(1);  // matrices are 16-bit floats
  const auto bank = mel_filterbank();
  to.number(mel_bands);
  to.number(mel_bins);
  to.bytes({reinterpret_cast<const char*>(bank.data()), bank.size() * sizeof(float)});
  to.number(static_cast<std::int32_t>(tokens.size()));
  for (const auto& token : tokens) {
    to.number(static_cast<std::int32_t>(token.size()));
    to.bytes({token.data(), token.size()});
  }
  to.tensor("encoder/position_encodings/encodings", "encoder.positional_embedding");
  to.linear("encoder/conv1", "encoder.conv1");
  to.linear("encoder/conv2", "encoder.conv2");
  for (std::size_t i = 0; i < layers_of(*tensors, "encoder"); ++i) {
    const auto from = fmt::format("encoder/layer_{}/", i);
    const auto block = fmt::format("encoder.blocks.{}.", i);
    to.attention(from + "self_attention", block, "attn");
    to.feed_forward(from + "ffn", block);
  }
  to.norm("encoder/layer_norm", "encoder.ln_post");
  to.tensor("decoder/position_encodings/encodings", "decoder.positional_embedding");
  to.tensor("decoder/embeddings/weight", "decoder.token_embedding.weight");
  for (std::size_t i = 0; i < layers_of(*tensors, "decoder"); ++i) {
    const auto from = fmt::format("decoder/layer_{}/", i);
    const auto block = fmt::format("decoder.blocks.{}.", i);
    to.attention(from + "self_attention", block, "attn");
    to.cross_attention(from + "attention", block);
    to.feed_forward(from + "ffn", block);
  }
  to.norm("decoder/layer_norm", "decoder.ln");
  if (!to.first_problem().empty()) return core::fail(core::ErrorCode::invalid, to.first_problem());
  return {};
}

core::Result<> convert_ctranslate2_whisper(const fs::path& weights, const fs::path& vocabulary,
                                           const fs::path& target) {
  std::error_code missing;
  const auto size = fs::file_size(weights, missing);
  std::vector<char> file(missing ? 0 : size);
  if (missing || !std::ifstream(weights, std::ios::binary).read(file.data(), static_cast<std::streamsize>(size))) {
    return core::fail(core::ErrorCode::io, fmt::format("cannot read {}", weights.string()));
  }
  std::ofstream out(target, std::ios::binary | std::ios::trunc);
  auto done = write_whisper_ggml(file, read_vocabulary(vocabulary), out);
  out.close();
  if (done && !out) return core::fail(core::ErrorCode::io, fmt::format("cannot write {}", target.string()));
  return done;
}

}  // namespace retell::providers::local
