#include "providers/local/whisper_convert.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <unistd.h>

namespace retell::providers::local {
namespace {

namespace fs = std::filesystem;

// Writes CTranslate2's layout: counted strings with a closing zero, then name, shape, type and bytes of each tensor.
class Ct2File {
 public:
  Ct2File(std::string_view spec, std::uint32_t tensors) {
    number<std::uint32_t>(6);
    text(spec);
    number<std::uint32_t>(3);
    number<std::uint32_t>(tensors);
  }
  void tensor(std::string_view name, std::vector<std::uint32_t> shape, std::uint8_t type, std::uint32_t size) {
    text(name);
    number(static_cast<std::uint8_t>(shape.size()));
    for (const auto dimension : shape) number(dimension);
    number(type);
    number(size);
    bytes_.append(size, '\0');
  }
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

 private:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint16_t>(value.size() + 1));
    bytes_.append(value).push_back('\0');
  }
  std::string bytes_;
};

class WhisperConvert : public ::testing::Test {
 protected:
  WhisperConvert() {
    std::string name = (fs::temp_directory_path() / "retell-convert-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
  }
  ~WhisperConvert() override { fs::remove_all(root_); }
  std::string problem(const std::string& weights, int tokens = 51'864) {
    std::ofstream(root_ / "model.bin", std::ios::binary) << weights;
    std::ofstream vocabulary(root_ / "vocabulary.txt");
    for (int i = 0; i < tokens; ++i) vocabulary << "t\n";
    vocabulary.close();
    const auto result =
        convert_ctranslate2_whisper(root_ / "model.bin", root_ / "vocabulary.txt", root_ / "ggml-model.bin");
    return result ? "" : result.error().message;
  }
  fs::path root_;
};

TEST_F(WhisperConvert, refuses_other_models) {
  EXPECT_NE(problem("hello").find("not a CTranslate2 Whisper model"), std::string::npos);
  EXPECT_NE(problem(Ct2File("TransformerSpec", 0).bytes()).find("not a CTranslate2 Whisper model"), std::string::npos);
}

TEST_F(WhisperConvert, notices_a_file_cut_short_anywhere) {
  Ct2File file("WhisperSpec", 2);
  file.tensor("decoder/embeddings/weight", {51'864, 1}, 4, 103'728);
  file.tensor("encoder/conv1/bias", {4}, 4, 8);
  const auto& whole = file.bytes();
  for (const std::size_t length : {std::size_t{3}, std::size_t{20}, std::size_t{60}, whole.size() - 1}) {
    EXPECT_FALSE(problem(whole.substr(0, length)).empty()) << length;
  }
}

TEST_F(WhisperConvert, names_the_tensor_that_is_missing_quantised_or_of_a_wrong_shape) {
  Ct2File missing("WhisperSpec", 1);
  missing.tensor("decoder/embeddings/weight", {51'864, 1}, 4, 103'728);
  EXPECT_EQ(problem(missing.bytes()), "encoder/position_encodings/encodings is missing");
  Ct2File quantised("WhisperSpec", 2);
  quantised.tensor("decoder/embeddings/weight", {51'864, 1}, 4, 103'728);
  quantised.tensor("encoder/position_encodings/encodings", {10, 1}, 1, 10);
  EXPECT_NE(problem(quantised.bytes()).find("is quantised"), std::string::npos);
  Ct2File wrong("WhisperSpec", 2);
  wrong.tensor("decoder/embeddings/weight", {51'864, 1}, 4, 103'728);
  wrong.tensor("encoder/position_encodings/encodings", {10, 1}, 4, 10);
  EXPECT_NE(problem(wrong.bytes()).find("wrong shape"), std::string::npos);
  Ct2File enormous("WhisperSpec", 2);  // the number of bytes wraps around to 0
  enormous.tensor("decoder/embeddings/weight", {51'864, 1}, 4, 103'728);
  enormous.tensor("encoder/position_encodings/encodings", {0x80000000, 0x80000000, 4}, 4, 0);
  EXPECT_NE(problem(enormous.bytes()).find("wrong shape"), std::string::npos);
  EXPECT_NE(problem(missing.bytes(), 100).find("the vocabulary has 100 tokens"), std::string::npos);
}

}  // namespace
}  // namespace retell::providers::local
