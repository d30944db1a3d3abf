#include "api/openapi.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "api/routes/routes.hpp"
#include "json/text.hpp"
#include "support/paths.hpp"

namespace retell::api {
namespace {

// One member a line, so that a change shows as the lines it changes.
void print(std::ostream& out, const json::Value& value, const std::string& indent = "") {
  const auto deeper = indent + "  ";
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out << "{";
    const char* between = "\n";
    for (const auto& member : *object) {
      out << between << deeper << json::dump(json::Value(member.key())) << ": ";
      print(out, member.value(), deeper);
      between = ",\n";
    }
    out << "\n" << indent << "}";
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    out << "[";
    const char* between = "\n";
    for (const auto& item : *array) {
      out << between << deeper;
      print(out, item, deeper);
      between = ",\n";
    }
    out << "\n" << indent << "]";
  } else {
    out << json::dump(value);
  }
}

TEST(OpenApi, is_the_published_document) {
  const auto path = test::source_dir() + "/openapi/openapi.json";
  std::ostringstream made;
  print(made, json::Value(openapi_document(all_resources())));
  made << "\n";
  if (std::getenv("RETELL_WRITE_OPENAPI") != nullptr) std::ofstream(path) << made.str();
  std::stringstream kept;
  kept << std::ifstream(path).rdbuf();
  EXPECT_TRUE(kept.str() == made.str())
      << "the endpoints have changed: run test_api with RETELL_WRITE_OPENAPI=1 and look at the difference";
}

TEST(OpenApi, refers_only_to_what_it_defines) {
  const auto document = openapi_document(all_resources());
  const auto& schemas = document.at("components").at("schemas").as_object();
  const auto text = json::dump(document);
  constexpr std::string_view reference = "#/components/schemas/";
  std::set<std::string> named;
  for (auto at = text.find(reference); at != std::string::npos; at = text.find(reference, at + 1)) {
    const auto begin = at + reference.size();
    named.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  for (const auto& name : named) EXPECT_TRUE(schemas.contains(name)) << name;
}

TEST(OpenApi, tells_of_every_endpoint_once) {
  std::set<std::string> ids;
  for (const auto& resource : all_resources()) {
    for (const auto& route : resource.routes) EXPECT_FALSE(route.about.summary.empty()) << route.pattern;
  }
  const auto document = openapi_document(all_resources());
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      const auto id = std::string(operation.value().at("operationId").as_string());
      EXPECT_TRUE(ids.insert(id).second) << id;
    }
  }
}

}  // namespace
}  // namespace retell::api
