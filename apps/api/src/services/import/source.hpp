// Another server of Retell's API, read page by page. Patient with one that is busy or breaks off: what may pass is
// tried again, for as long as it asks. Used by one task at a time.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.hpp"
#include "core/task.hpp"
#include "json/value.hpp"
#include "net/client.hpp"

namespace retell::services {

struct SourceList {
  std::string method = "GET";
  std::string path;        // with its query, if any
  std::string older_path;  // a bare array, for servers that do not know the first; empty: none
};

class ImportSource {
 public:
  using Send = std::function<core::Task<core::Result<net::HttpResponse>>(net::ClientRequest)>;
  using Wait = std::function<core::Task<void>(std::chrono::milliseconds)>;  // sleeps; a test's own does not

  // `allow_private`: the files that answers link to may lie on hosts that are not on the public Internet.
  ImportSource(std::string base_url, std::string api_key, Send send, Wait wait, core::Logger log,
               bool allow_private = false);

  // not_found also for what the server calls unprocessable: that is how it speaks of records that it does not have.
  // unauthorized, forbidden: the key. unavailable: it stayed so for all tries. protocol: an answer that is no JSON.
  [[nodiscard]] core::Task<core::Result<json::Value>> get(std::string path);
  // All pages. protocol for pages that lead nowhere.
  [[nodiscard]] core::Task<core::Result<std::vector<json::Value>>> list(SourceList what);
  // A file that an answer links to. The key is sent to the server itself only.
  [[nodiscard]] core::Task<core::Result<std::string>> download(std::string url);

  [[nodiscard]] const std::string& base_url() const { return base_url_; }

  static constexpr int most_tries = 6;

 private:
  [[nodiscard]] core::Task<core::Result<json::Value>> ask(std::string method, std::string path);

  std::string base_url_;  // without a slash at the end
  std::string api_key_;
  Send send_;
  Wait wait_;
  core::Logger log_;
  bool allow_private_;
};

}  // namespace retell::services
