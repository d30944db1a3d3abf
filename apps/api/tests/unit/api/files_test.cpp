// Uploads, and the links that open them.
#include "audio/wav.hpp"
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
    body += "--b\r\nContent-Disposition: form-data; ";
    body += head;
    body += "\r\n\r\n";
    body += content;
    body += "\r\n";
  }
  return body + "--b--\r\n";
}

// So many samples of silence as a WAV file.
std::string sound(std::size_t samples, int rate = 8'000) {
  const auto bytes = audio::encode_wav(std::vector<std::int16_t>(samples), rate, 1);
  return {bytes.begin(), bytes.end()};
}

class Files : public Endpoints {
 protected:
  net::HttpResponse upload(const std::string& path, const std::string& body) {
    return send("POST", path, body,
                {{"Authorization", "Bearer " + key}, {"Content-Type", "multipart/form-data; boundary=b"}});
  }
  net::HttpResponse upload_asset(const std::string& content) {
    return upload("/create-asset", form({{R"(name="file"; filename="hold.wav")", content}}));
  }
  json::Value make_asset() { return of(upload_asset(sound(8)).body); }
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
};

TEST_P(Files, of_assets_open_by_their_link_until_it_expires) {
  const auto asset = make_asset();
  EXPECT_EQ(text(asset.at("content_type")), "audio/wav");
  const auto url = text(asset.at("url"));
  auto answer = open(url);
  ASSERT_EQ(answer.status, 200U);
  EXPECT_EQ(body_of(answer), sound(8));
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

TEST_P(Files, of_assets_are_sound_or_images) {
  const auto message = [&](const std::string& content) {
    const auto answer = upload_asset(content);
    EXPECT_EQ(answer.status, 400U);
    return text(of(answer.body).at("message"));
  };
  EXPECT_EQ(message("just some words"),
            "file: expected audio (MP3, WAV, WebM, OGG, M4A, AAC or FLAC) or an image (PNG, JPEG, GIF, WebP or SVG)");
  EXPECT_EQ(message("RIFF____WAVE and then nothing"), "file: cannot be played as WAV: no sound data in the file");
  EXPECT_EQ(message(sound(std::size_t{211} * 8'000)), "file: audio must be at most 210 seconds long");
}

TEST_P(Files, of_assets_open_by_their_workspaces_key_alone_when_the_link_has_expired) {
  const auto path = "/files/" + text(make_asset().at("asset_id"));
  auto own = send("GET", path);
  ASSERT_EQ(own.status, 200U);
  EXPECT_EQ(body_of(own), sound(8));
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

TEST_P(Files, and_texts_of_knowledge_bases_come_as_json) {
  const auto refused = upload("/create-knowledge-base", form({{R"(name="knowledge_base_name")", "Manual"},
                                                              {R"(name="knowledge_base_texts")", "We open at nine."}}));
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.body,
            R"({"status":"error","message":"knowledge_base_texts: expected JSON, an array of objects with title, )"
            R"(text"})");
}

TEST_P(Files, that_an_earlier_version_signed_for_ever_stay_closed) {
  const auto id = text(make_asset().at("asset_id"));
  EXPECT_EQ(open("https://voice.example.com" + crypto::sign_path("/files/" + id, 0, "the server's secret")).status,
            403U);
}

class Uploads : public Files {
 protected:
  // As the server hands over a body that is too large for memory.
  net::HttpResponse upload_on_disk(const std::string& path, std::string body) {
    net::HttpRequest request;
    request.method = "POST";
    request.path = request.target = path;
    request.headers = {{"Authorization", "Bearer " + key}, {"Content-Type", "multipart/form-data; boundary=b"}};
    request.body_file = run(bodies_.make()).value();
    EXPECT_TRUE(run(request.body_file->append(std::move(body))));
    return run(router.handle(std::move(request), worker));
  }
  static std::string file_form(const std::string& name, const std::string& content) {
    return form({{R"(name="knowledge_base_name")", "Manual"},
                 {R"(name="knowledge_base_files"; filename="small.txt")", "small"},
                 {R"(name=")" + name + R"("; filename="large.bin")", content}});
  }
  // The status with which a body of this length is refused before it comes; 0: it may come.
  unsigned admission(const std::string& path, std::uint64_t length, const std::string& with_key,
                     const std::string& coding = "identity") {
    net::HttpRequest request;
    request.method = "POST";
    request.path = request.target = path;
    request.headers = {{"Authorization", "Bearer " + with_key}, {"Content-Encoding", coding}};
    const auto refusal = run(router.admit(std::move(request), length, worker));
    return refusal ? refusal->status : 0;
  }
  static constexpr std::size_t mega = std::size_t{1} << 20;

  net::BodyStore bodies_{files, (folder.path() / "incoming").string(), 4};
};

TEST_P(Uploads, may_have_files_of_fifty_megabytes_each) {
  const std::string content(50 * mega, 'x');
  const auto made = upload_on_disk("/create-knowledge-base", file_form("knowledge_base_files", content));
  ASSERT_EQ(made.status, 201U) << made.body;
  const auto base = of(made.body);
  const auto& source = base.at("knowledge_base_sources").at(1);
  EXPECT_EQ(source.at("file_size").as_int64(), 50 * static_cast<std::int64_t>(mega));
  auto there = open(text(source.at("file_url")));
  ASSERT_EQ(there.status, 200U);
  EXPECT_TRUE(body_of(there) == content);  // not EXPECT_EQ, which would print them
  const auto larger = upload_on_disk("/create-knowledge-base", file_form("knowledge_base_files", content + "x"));
  EXPECT_EQ(larger.status, 400U);
  EXPECT_EQ(larger.body, R"({"status":"error","message":"knowledge_base_files[1]: must be at most 50 MB"})");
}

TEST_P(Uploads, of_assets_have_ten_megabytes) {
  const auto send_asset = [&](std::size_t size) {
    const auto header = sound(0).size();
    return upload_on_disk("/create-asset",
                          form({{R"(name="file"; filename="hold.wav")", sound((size - header) / 2, 48'000)}}));
  };
  EXPECT_EQ(send_asset(10 * mega).status, 201U);
  const auto larger = send_asset(10 * mega + 2);
  EXPECT_EQ(larger.status, 400U);
  EXPECT_EQ(larger.body, R"({"status":"error","message":"file: must be at most 10 MB"})");
}

TEST_P(Uploads, have_fields_that_fit_into_memory) {
  const auto refused = upload_on_disk("/create-knowledge-base",
                                      form({{R"(name="knowledge_base_name")", std::string(8 * mega + 1, 'x')}}));
  EXPECT_EQ(refused.status, 413U);
  EXPECT_NE(refused.body.find("knowledge_base_name: all fields but the files"), std::string::npos) << refused.body;
}

TEST_P(Uploads, are_read_only_from_who_may_send_them_to_where_they_belong) {
  EXPECT_EQ(admission("/create-knowledge-base", std::size_t{25} * 50 * mega, key), 0U);
  EXPECT_EQ(admission("/add-knowledge-base-sources/knowledge_base_1", std::size_t{25} * 50 * mega, key), 0U);
  EXPECT_EQ(admission("/create-asset", 12 * mega, key), 0U);
  EXPECT_EQ(admission("/create-asset", 50 * mega, key), 413U);
  EXPECT_EQ(admission("/create-knowledge-base", std::size_t{26} * 51 * mega, key), 413U);
  for (const auto* path : {"/create-agent", "/upload-contact-import-file", "/nowhere"}) {
    EXPECT_EQ(admission(path, 9 * mega, key), 413U) << path;
  }
  EXPECT_EQ(admission("/create-knowledge-base", 9 * mega, "key_wrong"), 401U);
  EXPECT_EQ(admission("/create-knowledge-base", 9 * mega, key, "gzip"), 415U);
  services::KeyWish wish{.name = "reads only"};
  wish.grants = domain::grants_of(domain::Role::viewer);
  EXPECT_EQ(admission("/create-knowledge-base", 9 * mega, run(keys.create(organization, wish)).value().key), 403U);
}

RETELL_ON_EVERY_DATABASE(Files);
RETELL_ON_EVERY_DATABASE(Uploads);

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
