#include "services/import/report.hpp"

#include <fmt/format.h>

#include "json/write.hpp"

namespace retell::services {

json::Value to_json(const ImportReport& report) { return json::write(report); }

std::string to_text(const ImportReport& report) {
  auto out = fmt::format("From {} into {}:\n\n{:<20} {:>8} {:>8} {:>10} {:>8}\n", report.source, report.workspace_id,
                         "", "created", "updated", "unchanged", "failed");
  for (const auto& [kind, counts] : report.counts) {
    out += fmt::format("{:<20} {:>8} {:>8} {:>10} {:>8}\n", kind, counts.created, counts.updated, counts.unchanged,
                       counts.failed);
  }
  const auto section = [&](const char* title, const std::vector<ImportProblem>& lines) {
    if (lines.empty()) return;
    out += fmt::format("\n{}\n", title);
    for (const auto& line : lines) out += fmt::format("  {} {}: {}\n", line.kind, line.id, line.message);
  };
  section("Could not come:", report.problems);
  section("Came, but needs a hand:", report.notes);
  if (!report.renamed.empty()) {
    out += "\nGot another id, since theirs was taken here:\n";
    for (const auto& [kind, ids] : report.renamed) {
      for (const auto& [theirs, ours] : ids) out += fmt::format("  {} {} is {}\n", kind, theirs, ours);
    }
  }
  out +=
      "\nNot part of an import: calls and chats that were, recordings, contacts, API keys, the account's webhook "
      "address.\n";
  return out;
}

}  // namespace retell::services
