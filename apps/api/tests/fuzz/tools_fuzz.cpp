// What a language model writes as a tool's arguments, and what callers and customers put into {{variables}}: no crash,
// no request but the one that the customer set up, and no text that fills the memory.
#include <boost/json/parse.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "domain/variables.hpp"
#include "engine/tools/custom_tool.hpp"

namespace {

using namespace retell;

// First line: the schema of the arguments; the rest: the arguments.
void tool(std::string_view text) {
  const auto line = text.find('\n');
  boost::system::error_code wrong;
  engine::CustomToolRequest request;
  request.tool.parameters = boost::json::parse(text.substr(0, line), wrong);
  request.tool.name = "look_up";
  request.tool.url = "https://shop.example/look-up";
  request.arguments = line == std::string_view::npos ? std::string() : std::string(text.substr(line + 1));
  request.signing_key = "key";
  for (const bool at_root : {false, true}) {
    request.tool.args_at_root = at_root;
    const auto built = engine::custom_tool_request(request);
    if (!built) {
      if (built.error().message.empty()) std::abort();
      continue;
    }
    if (built->url != request.tool.url || !boost::json::parse(built->body).is_object()) std::abort();
  }
}

// First line: a variable's value; the rest: the text.
void variables(std::string_view text) {
  constexpr std::size_t longest = 10'000;
  const auto line = text.find('\n');
  domain::Variables values{{"name", std::string(text.substr(0, line))}, {"zone", "America/Sao_Paulo"}};
  const auto rest = line == std::string_view::npos ? std::string_view() : text.substr(line + 1);
  const core::WallTime now{std::chrono::milliseconds(1'700'000'000'000)};
  values.merge(domain::time_variables(now, std::string(text.substr(0, line))));
  domain::add_zoned_time_variables(rest, now, values);
  if (domain::fill_variables(rest, values, longest).size() > longest + rest.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0)
    tool(text);
  else
    variables(text);
  return 0;
}
