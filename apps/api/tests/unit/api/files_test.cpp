// Uploads, and the links that open them.
#include "crypto/signed_url.hpp"
#include "fakes/fake_s3.hpp"
#include "storage/objects/s3_store.hpp"
#include "unit/api/endpoints.hpp"

namespace retell::api {
namespace {

using namespace std::chrono_literals;

std::string form(const std::vector<std::pair<std::string, std::string>>& parts) {
  std::string body;
  for (const auto& [head, content] : parts) {
    body += "--b\r\nContent-Disposition: form-data; " + head + "\r\n\r\n" + content + "\r\n";
  }
  return body + "--b--\r\n";
}

class Files : public Endpoints {
 protected:
  net::HttpResponse upload(const std::string& path, const std::string& body) {
    return send("POST", path, body,
                {{"Authorization", "Bearer " + key}, {"Content-Type", "multipart/form-data; boundary=b"}});
  }
  json::Value make_asset(const std::string& content) {
    return of(upload("/create-asset", form({{R"(name="file"; filename="hold.wav")", content}})).body);
  }
  json::Value make_knowledge_base() {
    return of(upload("/create-knowledge-base",
                     form({{R"(name="knowledge_base_name")", "Manual"},
                           {R"(name="knowledge_base_texts")", R"([{"title":"Hours","text":"9 to 5"}])"},
                           {R"(name="knowledge_base_files"; filename="a.pdf")", "the pages"}}))
                  .body);
  }
  // What somebody without any key is answered.
  net::HttpResponse open(const std::string& url) {
    const std::string origin = "https://voice.example.com";
    EXPECT_TRUE(url.starts_with(origin)) << url;
    return send("GET", url.substr(origin.size()), "", {{"Authorization", ""}});
  }
  std::string body_of(net::HttpResponse& response) {
    std::string body;
    for (;;) {
      const auto part = run(response.stream->reader()).value();
      if (part.empty()) return body;
      body += part;
    }
  }
};

TEST_P(Files, of_assets_open_by_their_link_until_it_expires) {
  const auto asset = make_asset("sound");
  const auto url = text(asset.at("url"));
  auto answer = open(url);
  ASSERT_EQ(answer.status, 200U);
  EXPECT_EQ(body_of(answer), "sound");
  EXPECT_EQ(answer.headers.get("Content-Disposition"), "attachment");
  clock.advance(1h - 1ms);
  EXPECT_EQ(open(url).status, 200U);
  clock.advance(1ms);
  const auto late = open(url);
  EXPECT_EQ(late.status, 403U);
  EXPECT_EQ(late.body, R"({"status":"error","message":"The link is not valid or has expired."})");
  // Nobody can put the end off.
  const auto begin = url.find("expires=") + 8;
  auto longer = url;
  longer.replace(begin, url.find('&') - begin, std::to_string(core::epoch_ms(clock.wall()) + 60'000));
  EXPECT_EQ(open(longer).status, 403U);
}

TEST_P(Files, of_assets_open_by_their_workspaces_key_alone_when_the_link_has_expired) {
  const auto path = "/files/" + text(make_asset("sound").at("asset_id"));
  auto own = send("GET", path);
  ASSERT_EQ(own.status, 200U);
  EXPECT_EQ(body_of(own), "sound");
  const auto other = run(workspaces.create("Other", ""))->id;
  const auto theirs = run(keys.create(other, "Theirs")).value().key;
  EXPECT_EQ(send("GET", path, "", {{"Authorization", "Bearer " + theirs}}).status, 403U);
  EXPECT_EQ(send("GET", path, "", {{"Authorization", ""}}).status, 403U);
}

TEST_P(Files, of_knowledge_bases_get_fresh_links_whenever_the_base_is_read) {
  const auto made = make_knowledge_base();
  const auto link = [](const json::Value& base, int source, const char* member) {
    return text(base.at("knowledge_base_sources").at(static_cast<std::size_t>(source)).at(member));
  };
  const auto first = link(made, 0, "content_url");
  clock.advance(2h);
  EXPECT_EQ(open(first).status, 403U);
  EXPECT_EQ(open(link(made, 1, "file_url")).status, 403U);
  const auto again = of(send("GET", "/get-knowledge-base/" + text(made.at("knowledge_base_id"))).body);
  auto words = open(link(again, 0, "content_url"));
  ASSERT_EQ(words.status, 200U);
  EXPECT_EQ(body_of(words), "9 to 5");
  EXPECT_EQ(words.headers.get("Content-Type"), "text/plain; charset=utf-8");
  auto pages = open(link(again, 1, "file_url"));
  ASSERT_EQ(pages.status, 200U);
  EXPECT_EQ(body_of(pages), "the pages");
}

TEST_P(Files, that_an_earlier_version_signed_for_ever_stay_closed) {
  const auto id = text(make_asset("sound").at("asset_id"));
  EXPECT_EQ(open("https://voice.example.com" + crypto::sign_path("/files/" + id, 0, "the server's secret")).status,
            403U);
}

RETELL_ON_EVERY_DATABASE(Files);

TEST(FilesInABucket, are_fetched_there_by_a_link_that_expires_as_well) {
  const crypto::AwsKeys keys{"AKIDEXAMPLE", "the/secret+key"};
  fakes::FakeS3 bucket(keys);
  core::BlockingPool pool(1);
  core::SystemClock now;
  storage::S3Options options;
  options.bucket = "uploads";
  options.endpoint = bucket.endpoint();
  options.path_style = true;
  options.keys = keys;
  storage::S3Store store(options, storage::AwsEnvironment{}, pool, now, {});
  services::FileService files(store, {"https://voice.example.com", "secret", 1h}, now);
  ASSERT_TRUE(test::run(files.put("asset_1", "sound")));
  const auto there = test::run(files.elsewhere("asset_1")).value().value();
  EXPECT_TRUE(there.starts_with(bucket.endpoint() + "/uploads/files/asset_1?")) << there;
  EXPECT_NE(there.find("X-Amz-Expires=300"), std::string::npos) << there;
  services::FileService hidden(store, {"https://voice.example.com", "secret", 1h, false}, now);
  EXPECT_EQ(test::run(hidden.elsewhere("asset_1")).value(), std::nullopt);
}

}  // namespace
}  // namespace retell::api
