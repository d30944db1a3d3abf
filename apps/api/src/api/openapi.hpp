// The OpenAPI 3.1 document of the endpoint table. Any thread.
#pragma once
#include <span>
#include <string>

#include "api/endpoint.hpp"

namespace retell::api {

[[nodiscard]] json::Object openapi_document(std::span<const Resource> resources);
// Of all endpoints, as compact JSON; made once.
[[nodiscard]] const std::string& openapi_text();

}  // namespace retell::api
