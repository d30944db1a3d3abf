#include "app/progress.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace retell::app {
namespace {

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

std::string written(const File& file) {
  EXPECT_EQ(std::fseek(file.get(), 0, SEEK_SET), 0);
  std::string text(4096, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  return text;
}

TEST(Progress, a_log_gets_a_line_for_every_tenth) {
  const File file(std::tmpfile(), &std::fclose);
  ProgressBar bar("whisper-base", file.get(), false);
  for (std::uint64_t done = 0; done <= 1'000'000; done += 10'000) bar.show("fetching", done, 1'000'000);
  bar.show("converting", 0, 1'000'000);
  bar.finish(true);
  EXPECT_EQ(written(file),
            "whisper-base: fetching\n"
            "whisper-base: 100.0 kB of 1.0 MB, 10 %\nwhisper-base: 200.0 kB of 1.0 MB, 20 %\n"
            "whisper-base: 300.0 kB of 1.0 MB, 30 %\nwhisper-base: 400.0 kB of 1.0 MB, 40 %\n"
            "whisper-base: 500.0 kB of 1.0 MB, 50 %\nwhisper-base: 600.0 kB of 1.0 MB, 60 %\n"
            "whisper-base: 700.0 kB of 1.0 MB, 70 %\nwhisper-base: 800.0 kB of 1.0 MB, 80 %\n"
            "whisper-base: 900.0 kB of 1.0 MB, 90 %\nwhisper-base: ready\n");
}

TEST(Progress, a_log_gets_the_amount_when_the_size_is_not_known) {
  const File file(std::tmpfile(), &std::fclose);
  ProgressBar bar("qwen", file.get(), false);
  for (std::uint64_t done = 0; done <= 120'000'000; done += 1'000'000) bar.show("fetching", done, 0);
  bar.finish(false);
  EXPECT_EQ(written(file), "qwen: fetching\nqwen: 50.0 MB\nqwen: 100.0 MB\nqwen: failed\n");
}

TEST(Progress, a_terminal_gets_a_bar_in_place) {
  const File file(std::tmpfile(), &std::fclose);
  ProgressBar bar("joe", file.get(), true);
  bar.show("fetching", 500, 1'000);
  const auto text = written(file);
  EXPECT_NE(text.find("[===============               ]  50%"), std::string::npos) << text;
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
}

}  // namespace
}  // namespace retell::app
