#include "engine/tools/custom_tool.hpp"

#include <boost/json/parse.hpp>

#include "core/race.hpp"
#include "crypto/retell_signature.hpp"
#include "json/text.hpp"

namespace retell::engine {
namespace {

namespace json = boost::json;

constexpr std::size_t max_content = 15'000;                    // characters given to the model
constexpr std::size_t max_arguments = std::size_t{64} << 10U;  // bytes of JSON that a model may write
constexpr std::size_t max_answer = std::size_t{1} << 20;

// Cut to whole UTF-8 characters.
std::string clipped(std::string text) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (++characters > max_content) {
      text.resize(i);
      break;
    }
  }
  return text;
}

std::string with_query(std::string url, const std::map<std::string, std::string>& query) {
  char separator = url.find('?') == std::string::npos ? '?' : '&';
  for (const auto& [name, value] : query) {
    url += separator + net::percent_encode(name) + '=' + net::percent_encode(value);
    separator = '&';
  }
  return url;
}

// Properties that the schema fixes (`const`) are filled in whatever the model wrote.
void fill_constants(const json::value& schema, json::object& arguments) {
  const auto* object = schema.if_object();
  const auto* properties = object != nullptr ? object->if_contains("properties") : nullptr;
  if (properties == nullptr || !properties->is_object()) return;
  for (const auto& [name, property] : properties->get_object()) {
    if (const auto* fields = property.if_object()) {
      if (const auto* constant = fields->if_contains("const")) arguments[name] = *constant;
    }
  }
}

}  // namespace

core::Result<net::ClientRequest> custom_tool_request(const CustomToolRequest& request) {
  const auto& tool = request.tool;
  if (request.arguments.size() > max_arguments)
    return core::fail(core::ErrorCode::too_large, "the arguments are too long");
  json::object arguments;
  if (!request.arguments.empty()) {
    boost::system::error_code error;
    auto parsed = json::parse(request.arguments, error);
    if (error || !parsed.is_object()) {
      return core::fail(core::ErrorCode::invalid, "the arguments must be one JSON object", "arguments");
    }
    arguments = std::move(parsed.get_object());
  }
  fill_constants(tool.parameters, arguments);

  net::ClientRequest out;
  out.method = tool.method;
  out.url = with_query(tool.url, tool.query);
  out.reach = request.allow_private ? net::Reach::any : net::Reach::public_only;
  out.first_byte_timeout = tool.timeout;
  out.idle_timeout = tool.timeout;
  out.max_body = max_answer;
  for (const auto& [name, value] : tool.headers) out.headers.set(name, value);
  if (tool.method == "POST" || tool.method == "PUT" || tool.method == "PATCH") {
    if (tool.args_at_root) {
      out.body = retell::json::dump_as_javascript(arguments);
    } else {
      out.body = retell::json::dump_as_javascript(
          json::object{{"name", tool.name}, {"call", request.call}, {"args", std::move(arguments)}});
    }
    out.headers.set("Content-Type", "application/json");
  }
  if (!request.signing_key.empty()) {
    out.headers.set("X-Retell-Signature", crypto::sign_retell(out.body, request.signing_key, request.now_ms));
  }
  return out;
}

core::Task<ToolOutcome> run_custom_tool(net::Client& client, CustomToolRequest request) {
  const auto limit = request.tool.timeout;
  auto prepared = custom_tool_request(request);
  if (!prepared) co_return ToolOutcome{false, "Error: " + prepared.error().message};
  auto answer = co_await core::with_timeout(client.send(std::move(*prepared)), limit, "the function");
  if (!answer) co_return ToolOutcome{false, "Error: " + answer.error().message};
  const bool successful = answer->status >= 200 && answer->status < 300;
  auto text = clipped(std::move(answer->body));
  if (!successful) text = "Error: the function answered with status " + std::to_string(answer->status) + ". " + text;
  co_return ToolOutcome{successful, std::move(text)};
}

}  // namespace retell::engine
