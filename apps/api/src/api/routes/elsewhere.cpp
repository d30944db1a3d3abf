// What belongs to Retell's own marketplace, or cannot be done on this server yet. Lists are truthful: there is nothing
// in them. Everything else is refused in Retell's error shape, never in a way that clients would try again.
#include "api/routes/routes.hpp"

namespace retell::api {
namespace {

constexpr auto no_apps = "Apps (integrations of Retell's marketplace) are not offered here.";
constexpr auto no_crm = "CRM connections of Retell's marketplace are not offered here; contacts are.";

struct CreateApp {
  std::string provider;
  std::string type;
  std::optional<json::Object> auth_config = {};
  std::optional<json::Object> crm_config = {};
  std::optional<std::string> name = {};
  std::optional<std::string> tenant_id = {};
  std::optional<std::string> tenant_url = {};
};
BOOST_DESCRIBE_STRUCT(CreateApp, (), (provider, type, auth_config, crm_config, name, tenant_id, tenant_url))

struct CrmConfig {
  std::optional<std::string> app_id = {};
  std::optional<std::vector<std::string>> contact_columns_order = {};
  std::optional<std::vector<json::Object>> crm_analysis_data_mappings = {};
  std::optional<std::vector<json::Object>> custom_fields = {};
};
BOOST_DESCRIBE_STRUCT(CrmConfig, (), (app_id, contact_columns_order, crm_analysis_data_mappings, custom_fields))

core::Task<Outcome> create_app(Api&, const Request&, CreateApp) { co_return not_offered(no_apps); }
core::Task<Outcome> update_app(Api&, const Request&, Patch<CreateApp>) { co_return not_offered(no_apps); }
core::Task<Outcome> app(Api&, const Request&) { co_return not_offered(no_apps); }
core::Task<Outcome> update_crm(Api&, const Request&, CrmConfig) { co_return not_offered(no_crm); }
core::Task<Outcome> crm(Api&, const Request&) { co_return not_offered(no_crm); }

// Apps and exports cannot be made here, so there are none.
core::Task<Outcome> none(Api&, const Request& request) {
  if (const auto query = page_from_query(request); !query) co_return tl::unexpected(query.error());
  co_return json_reply(200, json::Object{{"items", json::Array{}}, {"has_more", false}});
}

core::Task<Outcome> mcp_tools(Api& api, const Request& request) {
  auto version = request.version();
  if (!version) co_return tl::unexpected(version.error());
  const auto agent = co_await api.agents.view(request.organization(), request.parameter(0), std::move(*version));
  if (!agent) co_return tl::unexpected(agent.error());
  if (!request.query("mcp_id")) co_return core::fail(core::ErrorCode::invalid, "mcp_id: is required", "mcp_id");
  co_return not_offered("Asking MCP servers for their tools is not available on this server yet.");
}

constexpr QueryField mcp_fields[] = {
    {"mcp_id", "string", "The MCP server.", true},
    {"component_id", "string", "Of this component."},
    version_field[0],
};
constexpr QueryField app_field[] = {{"app_id", "string", "Of this app."}};

constexpr Route table[] = {
    endpoint<&mcp_tools, std::vector<json::Object>>(
        "GET", "/get-mcp-tools/{agent_id}", 200, "Tools of an MCP server (not available yet)", {.query = mcp_fields}),
    endpoint<&none, Items<json::Object>>("GET", "/v2/list-export-requests", 200, "List exports: there are none",
                                         {.query = page_fields}),
    endpoint<&create_app, json::Object>("POST", "/create-app", 201, "Connect an app (not offered here)"),
    endpoint<&update_app, json::Object>("PATCH", "/update-app/{app_id}", 200, "Change an app (not offered here)"),
    endpoint<&none, Items<json::Object>>("GET", "/list-apps", 200, "List apps: there are none", {.query = page_fields}),
    endpoint<&app>("DELETE", "/delete-app/{app_id}", 204, "Delete an app (not offered here)", {.query = force_field}),
    endpoint<&app, json::Object>("GET", "/get-app/{app_id}", 200, "Get an app (not offered here)"),
    endpoint<&app, Items<json::Object>>("GET", "/list-app-usages/{app_id}", 200, "Uses of an app (not offered here)",
                                        {.query = page_fields}),
    endpoint<&app, json::Object>("POST", "/test-app-auth/{app_id}", 200, "Test an app (not offered here)"),
    endpoint<&crm, json::Object>("GET", "/get-crm-config", 200, "Get the CRM connection (not offered here)"),
    endpoint<&update_crm, json::Object>("POST", "/update-crm-config", 200,
                                        "Change the CRM connection (not offered here)"),
    endpoint<&crm, json::Object>("GET", "/get-crm-schema", 200, "Get the CRM's fields (not offered here)",
                                 {.query = app_field}),
    endpoint<&crm, json::Object>("GET", "/get-sync-job-status", 200, "State of the CRM's sync (not offered here)"),
    endpoint<&crm, json::Object>("POST", "/run-sync-job", 200, "Run the CRM's sync (not offered here)"),
};

}  // namespace

std::span<const Route> elsewhere_routes() { return table; }

}  // namespace retell::api
