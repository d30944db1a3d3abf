#include "web_call/files.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "support/paths.hpp"

namespace retell::web_call {
namespace {

TEST(CallPage, is_the_folder_byte_for_byte) {
  for (const auto& path : paths()) {
    const auto file = find(path);
    ASSERT_TRUE(file.has_value()) << path;
    std::ifstream on_disk(test::source_dir() + "/web-call/" + (path == "/" ? "index.html" : path.substr(1)));
    std::stringstream content;
    content << on_disk.rdbuf();
    EXPECT_EQ(file->content, content.str()) << path;
  }
  EXPECT_GE(paths().size(), 8U);
}

TEST(CallPage, has_nothing_outside_its_folder) {
  for (const auto* path : {"", "index.html", "/../CMakeLists.txt", "/nothing", "//index.html", "/index.html/"}) {
    EXPECT_FALSE(find(path).has_value()) << path;
  }
}

TEST(CallPage, tells_types_and_one_tag_for_each_content) {
  EXPECT_EQ(find("/")->type, "text/html; charset=utf-8");
  EXPECT_EQ(find("/app.js")->type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find("/style.css")->type, "text/css; charset=utf-8");
  EXPECT_EQ(find("/")->etag, find("/index.html")->etag);
  EXPECT_NE(find("/")->etag, find("/app.js")->etag);
}

TEST(CallPage, lives_with_its_strict_policy) {
  const std::string html(find("/")->content);
  EXPECT_FALSE(std::regex_search(html, std::regex(R"(\sstyle=|\son[a-z]+=|<style|<script>|javascript:)")));
  for (const auto& path : paths()) {
    const std::string content(find(path)->content);
    EXPECT_FALSE(std::regex_search(content, std::regex(R"((src|href|from|import)[ =(]*["']https?:)"))) << path;
  }
}

TEST(CallPage, imports_only_files_that_it_has) {
  const std::regex imported(R"((?:from|import|addModule\(|href=|src=)\s*\(?["']\.?/?([a-z0-9-]+\.(?:js|css|svg))["'])");
  for (const auto& path : paths()) {
    const std::string content(find(path)->content);
    for (std::sregex_iterator it(content.begin(), content.end(), imported), end; it != end; ++it) {
      EXPECT_TRUE(find("/" + (*it)[1].str()).has_value()) << path << " needs " << (*it)[1];
    }
  }
}

}  // namespace
}  // namespace retell::web_call
