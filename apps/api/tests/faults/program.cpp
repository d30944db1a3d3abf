#include "faults/program.hpp"

#include <fmt/format.h>

#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>

#include "json/text.hpp"
#include "support/child.hpp"

namespace retell::test {
namespace {

std::string binary() {
  const char* path = std::getenv("RETELL_BINARY");
  if (path == nullptr) throw std::runtime_error("RETELL_BINARY names the program under test");
  return path;
}

}  // namespace

Program::Program(std::map<std::string, std::string> environment)
    : environment_(std::move(environment)), port_(free_port()) {
  environment_["RETELL_DATA_DIR"] = (folder() / "data").string();
  if (wait_child(launch({"keys", "create", "--quiet"}, "key")) != 0)
    throw std::runtime_error(read_file(folder() / "key"));
  key_ = read_file(folder() / "key");
  while (!key_.empty() && key_.back() == '\n') key_.pop_back();
  key_ = key_.substr(key_.rfind('\n') == std::string::npos ? 0 : key_.rfind('\n') + 1);
  environment_["RETELL_API_KEY"] = key_;
  start();
}

Program::~Program() {
  kill();
  thread_.stop();
}

pid_t Program::launch(const std::vector<std::string>& arguments, const std::string& log,
                      const std::vector<std::string>& wrapper) const {
  // It has the settings of the test alone, whatever the tester's own are; the tests' own would be warned of. Only where
  // the models lie is the machine's affair.
  auto all = wrapper;
  all.emplace_back("env");
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view name = std::string_view(*variable).substr(0, std::string_view(*variable).find('='));
    if (name.starts_with("RETELL_") && name != "RETELL_CACHE_DIR") all.insert(all.end(), {"-u", std::string(name)});
  }
  for (const auto& [name, value] : environment_) all.push_back(fmt::format("{}={}", name, value));
  all.push_back(binary());
  all.insert(all.end(), arguments.begin(), arguments.end());
  return start_child(all, folder() / log, false);
}

void Program::start() {
  child_ = launch({"serve", "--port", std::to_string(port_)}, "log", wrapper_);
  for (int i = 0; i < 600; ++i) {
    if (ask("GET", "/ready").status == 200) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  throw std::runtime_error("the program did not start: " + log());
}

void Program::kill() { stop_child(std::exchange(child_, 0), SIGKILL); }

int Program::stop() {
  ::kill(child_, SIGTERM);
  return wait_child(std::exchange(child_, 0));
}

std::string Program::log() const { return read_file(folder() / "log"); }

Answer Program::ask(const std::string& method, const std::string& path, const std::string& body,
                    const net::Headers& headers) {
  net::ClientRequest request;
  request.headers = headers;
  request.method = method;
  request.url = "http://127.0.0.1:" + std::to_string(port_) + path;
  request.headers.set("Authorization", "Bearer " + key_);
  if (!body.empty()) {
    request.headers.set("Content-Type", "application/json");
    request.body = body;
  }
  const auto answer = send(std::move(request));
  if (!answer) return {};
  auto document = json::parse(answer->body);
  return {answer->status, document ? std::move(*document) : json::Value(), answer->headers.has("Retry-After")};
}

std::optional<int> Program::converse(const std::string& path, const std::vector<std::string>& messages) {
  return run(thread_.run(talk(path, messages)));
}

core::Task<std::optional<int>> Program::talk(std::string path, std::vector<std::string> messages) {
  net::ClientWebSocketRequest request;
  request.url = "ws://127.0.0.1:" + std::to_string(port_) + path;
  request.reach = net::Reach::any;
  auto socket = co_await client_.connect(std::move(request));
  if (!socket) co_return std::nullopt;
  for (const auto& message : messages) socket->send_text(message);
  int count = 0;
  (void)co_await socket->run([&](std::string_view, bool) { ++count; });
  co_return count;
}

std::optional<net::HttpResponse> Program::follow(const std::string& link) {
  net::ClientRequest request;
  request.url = link;
  auto answer = send(std::move(request));
  return answer ? std::optional(std::move(*answer)) : std::nullopt;
}

pid_t Program::command(std::vector<std::string> arguments, const std::string& log) { return launch(arguments, log); }

core::Result<net::HttpResponse> Program::send(net::ClientRequest request) {
  request.reach = net::Reach::any;
  return run(thread_.run(client_.send(std::move(request))));
}

}  // namespace retell::test
