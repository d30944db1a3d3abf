// Any request to the REST API, through routing, reading, services and SQL: whatever a caller sends, the answer is never
// a fault of the server (5xx), and it is well-formed JSON.
//
// An input is "METHOD target\nbody". @agent, @call and @number stand for objects that exist.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "unit/api/endpoints.hpp"

namespace {

using namespace retell;

class World final : public api::EndpointsOn {
 public:
  World() : EndpointsOn(storage::Dialect::sqlite) {
    agent_ = make_agent(R"(,"opt_in_signed_url":true)");
    call_ = make_web_call(agent_).call_id;
    send("POST", "/import-phone-number", R"({"phone_number":"+14155550100","termination_uri":"x"})");
  }
  net::HttpResponse ask(std::string_view text) {
    const auto line = text.substr(0, text.find('\n'));
    const auto space = line.find(' ');
    const auto body = line.size() == text.size() ? std::string_view() : text.substr(line.size() + 1);
    const auto target = space == std::string_view::npos ? std::string_view() : line.substr(space + 1);
    return send(std::string(line.substr(0, space)), filled(std::string(target)), filled(std::string(body)));
  }

 private:
  void TestBody() override {}
  [[nodiscard]] std::string filled(std::string text) const {
    const std::pair<std::string_view, std::string_view> places[] = {
        {"@agent", agent_}, {"@call", call_}, {"@number", "+14155550100"}};
    for (const auto& [name, value] : places) {
      for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) {
        text.replace(at, name.size(), value);
      }
    }
    return text;
  }
  std::string agent_;
  std::string call_;
};

void fail(std::string_view why, const net::HttpResponse& response) {
  std::fprintf(stderr, "%.*s: %u %s\n", static_cast<int>(why.size()), why.data(), response.status,
               response.body.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Requests change the world: a new one now and then keeps it small, and a failing input little dependent on the past.
  constexpr int requests_each = 200;
  static std::unique_ptr<World> world;
  static int requests = 0;
  if (!world || ++requests % requests_each == 0) world = std::make_unique<World>();
  auto response = world->ask({reinterpret_cast<const char*>(data), size});
  if (response.status >= 500) fail("a fault of the server", response);
  if (response.status < 200) fail("no answer", response);
  const auto type = response.headers.get("Content-Type").value_or("");
  if (type.starts_with("application/json") && !response.body.empty()) {
    if (!json::parse(response.body, {.bytes = std::size_t{64} << 20U, .depth = 128})) fail("no JSON", response);
  }
  for (const auto& [name, value] : response.headers.all()) {
    if (value.find_first_of("\r\n") != std::string::npos) fail("a header of two lines", response);
  }
  return 0;
}
