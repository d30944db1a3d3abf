// One API request as a handler sees it: matched, authenticated, its parts decoded on demand.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/worker.hpp"
#include "json/value.hpp"
#include "net/http_message.hpp"
#include "services/principal.hpp"
#include "services/session_service.hpp"
#include "storage/stores/engine_store.hpp"
#include "storage/stores/page.hpp"

namespace retell::api {

class Request {
 public:
  Request(net::HttpRequest http, core::Worker& worker) : http_(std::move(http)), worker_(&worker) {}

  [[nodiscard]] const net::HttpRequest& http() const { return http_; }
  [[nodiscard]] core::Worker& worker() const { return *worker_; }
  [[nodiscard]] const std::string& organization() const { return principal_.organization_id; }
  [[nodiscard]] const services::Principal& principal() const { return principal_; }
  [[nodiscard]] const std::string& id() const { return id_; }
  [[nodiscard]] const services::Visitor& visitor() const { return visitor_; }
  [[nodiscard]] const std::vector<std::string>& parameters() const { return parameters_; }

  // The text that stood where the pattern has its index-th {name}.
  [[nodiscard]] const std::string& parameter(std::size_t index) const { return parameters_.at(index); }
  [[nodiscard]] std::optional<std::string> query(std::string_view name) const;
  // A whole number from the query, nothing when it is missing; invalid for anything else.
  [[nodiscard]] core::Result<std::optional<std::int32_t>> number(std::string_view name) const;
  // true or false, false when it is missing; invalid for anything else: no typing error may pass for "no".
  [[nodiscard]] core::Result<bool> flag(std::string_view name) const;
  // ?version=; unprocessable for one that cannot exist.
  [[nodiscard]] core::Result<storage::VersionChoice> version() const;
  // The body as JSON; an empty one is an empty object. invalid, too_large.
  [[nodiscard]] core::Result<json::Value> body() const;

  // Set by the router.
  void set_id(std::string id) { id_ = std::move(id); }
  void set_parameters(std::vector<std::string> parameters) { parameters_ = std::move(parameters); }
  void set_principal(services::Principal principal) { principal_ = std::move(principal); }
  void set_visitor(services::Visitor visitor) { visitor_ = std::move(visitor); }

 private:
  net::HttpRequest http_;
  core::Worker* worker_;
  std::string id_;
  std::vector<std::string> parameters_;
  services::Principal principal_;
  services::Visitor visitor_;
};

// limit, pagination_key and sort_order of a list: from the query, or as they stood in a JSON body. invalid names the
// field.
[[nodiscard]] core::Result<storage::PageQuery> page_from_query(const Request& request);
[[nodiscard]] core::Result<storage::PageQuery> make_page(std::optional<std::int32_t> limit,
                                                         const std::optional<std::string>& pagination_key,
                                                         const std::optional<std::string>& sort_order);

}  // namespace retell::api
