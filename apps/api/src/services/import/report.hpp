// What an import did, and what it could not.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "json/traits.hpp"
#include "json/value.hpp"

namespace retell::services {

struct ImportCounts {
  int created = 0;
  int updated = 0;
  int unchanged = 0;  // was here from an earlier import
  int failed = 0;
};
BOOST_DESCRIBE_STRUCT(ImportCounts, (), (created, updated, unchanged, failed))

struct ImportProblem {
  std::string kind;
  std::string id;  // the source's
  std::string message;
};
BOOST_DESCRIBE_STRUCT(ImportProblem, (), (kind, id, message))

struct ImportReport {
  std::string source;
  std::string workspace_id;
  std::map<std::string, ImportCounts> counts = {};
  std::vector<ImportProblem> problems = {};                                // what did not come, and why
  std::vector<ImportProblem> notes = {};                                   // what came, but needs a hand
  std::map<std::string, std::map<std::string, std::string>> renamed = {};  // kind, the source's id, ours
};
BOOST_DESCRIBE_STRUCT(ImportReport, (), (source, workspace_id, counts, problems, notes, renamed))

[[nodiscard]] json::Value to_json(const ImportReport& report);
[[nodiscard]] std::string to_text(const ImportReport& report);

}  // namespace retell::services
