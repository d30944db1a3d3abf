// What people write to each other in business, and how it must sound: tests/data/spoken has a sentence, how it is read,
// and an empty line, judged by ear.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "support/paths.hpp"
#include "text/speech_normaliser.hpp"

namespace retell::text {
namespace {

int read_aloud(const std::string& file, Language language) {
  std::ifstream in(test::data_file("spoken/" + file));
  const SpeechNormaliser normaliser(language);
  std::string written;
  std::string spoken;
  std::string blank;
  int sentences = 0;
  while (std::getline(in, written) && std::getline(in, spoken)) {
    EXPECT_EQ(normaliser(written).text(), spoken) << written;
    ++sentences;
    if (!std::getline(in, blank)) break;
    EXPECT_EQ(blank, "") << "after: " << written;
  }
  return sentences;
}

TEST(SpokenSentences, in_english) { EXPECT_GE(read_aloud("en.txt", Language::en), 70); }
TEST(SpokenSentences, in_portuguese) { EXPECT_GE(read_aloud("pt.txt", Language::pt), 70); }

}  // namespace
}  // namespace retell::text
