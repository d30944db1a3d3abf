// The built program as a child on a free port, and a client that notes what was acknowledged.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "core/service_thread.hpp"
#include "json/value.hpp"
#include "net/client.hpp"
#include "support/run.hpp"

namespace retell::test {

struct Answer {
  unsigned status = 0;  // 0: nobody answered
  json::Value body = {};
  bool has_retry_after = false;
};

class Program {
 public:
  // `environment`: RETELL_ variables. Makes an API key and starts.
  explicit Program(std::map<std::string, std::string> environment);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void set(const std::string& name, const std::string& value) { environment_[name] = value; }  // from the next start on
  void wrap(std::vector<std::string> wrapper) { wrapper_ = std::move(wrapper); }  // a command before it, the same
  void start();                                                                   // waits until it is ready
  void kill();                                                                    // SIGKILL
  int stop();                                                                     // SIGTERM; the exit status
  [[nodiscard]] Answer ask(const std::string& method, const std::string& path, const std::string& body = "",
                           const net::Headers& headers = {});
  // Opens a WebSocket, sends the messages and reads until the program closes it; how many came, or nothing when it
  // could not be opened. Blocks.
  [[nodiscard]] std::optional<int> converse(const std::string& path, const std::vector<std::string>& messages);
  // What a link of this program's gives to anybody; empty without an answer.
  [[nodiscard]] std::optional<net::HttpResponse> follow(const std::string& link);
  // Starts `retell ARGUMENTS…` beside it, with its data and its API key; the output goes to `log` in the folder.
  [[nodiscard]] pid_t command(std::vector<std::string> arguments, const std::string& log);
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string log() const;
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

 private:
  [[nodiscard]] core::Task<std::optional<int>> talk(std::string path, std::vector<std::string> messages);
  [[nodiscard]] core::Result<net::HttpResponse> send(net::ClientRequest request);
  [[nodiscard]] pid_t launch(const std::vector<std::string>& arguments, const std::string& log,
                             const std::vector<std::string>& wrapper = {}) const;

  TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  std::vector<std::string> wrapper_;
  std::uint16_t port_;
  std::string key_;
  pid_t child_ = 0;
  core::ServiceThread thread_{"client"};
  net::Client client_{thread_.worker(), {}, {}};
};

}  // namespace retell::test
