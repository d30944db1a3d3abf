// Custom functions: the customer's own HTTP endpoint, called as Retell calls it. On the call's worker.
#pragma once
#include <boost/json/object.hpp>

#include <string>

#include "core/task.hpp"
#include "engine/call_plan.hpp"
#include "net/client.hpp"

namespace retell::engine {

struct ToolOutcome {
  bool successful = false;
  std::string content;  // what the model is told, at most 15,000 characters (Retell's limit)
};

struct CustomToolRequest {
  ToolPlan tool;
  std::string arguments;       // JSON text as the model wrote it
  boost::json::object call;    // the call so far, sent along unless args_at_root
  std::string signing_key;     // signs X-Retell-Signature; empty: unsigned
  bool allow_private = false;  // may reach private addresses
  std::int64_t now_ms = 0;     // epoch, for the signature
};

// What goes over the wire, without sending it; for tests and for run_custom_tool. `invalid` when the arguments are not
// a JSON object: the message is meant for the model, which can then try again.
[[nodiscard]] core::Result<net::ClientRequest> custom_tool_request(const CustomToolRequest& request);

// Never fails: what goes wrong is told to the model in `content`. A cancelled call does not wait for it.
[[nodiscard]] core::Task<ToolOutcome> run_custom_tool(net::Client& client, CustomToolRequest request);

}  // namespace retell::engine
