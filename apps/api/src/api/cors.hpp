// Lets browsers on other origins call the API. Keys travel in a header, never in cookies, so nothing rides along.
#pragma once
#include <string>
#include <vector>

#include "net/http_message.hpp"

namespace retell::api {

class Cors {
 public:
  explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

  [[nodiscard]] static bool is_preflight(const net::HttpRequest& request);
  [[nodiscard]] net::HttpResponse preflight(const net::HttpRequest& request) const;
  void decorate(const net::HttpRequest& request, net::HttpResponse& response) const;

 private:
  [[nodiscard]] std::string allowed(const net::HttpRequest& request) const;  // empty: not allowed
  std::vector<std::string> origins_;
};

}  // namespace retell::api
