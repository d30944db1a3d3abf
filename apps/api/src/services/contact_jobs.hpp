// What is done to many contacts at once: imports of CSV files, and filling their fields from what calls were analysed
// for. Both run to their end before the request is answered. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "services/call_service.hpp"
#include "services/contact_service.hpp"
#include "services/file_service.hpp"

namespace retell::services {

struct ColumnMapping {
  std::string external_field_name;  // the column's title in the file
  std::string field_name;           // phone_number, first_name, last_name, tags, do_not_call, or a custom field's name
};
BOOST_DESCRIBE_STRUCT(ColumnMapping, (), (external_field_name, field_name))

struct ImportContacts {
  std::string upload_id;
  std::vector<ColumnMapping> column_mapping;
  std::optional<std::string> default_country = {};    // of numbers without one; ISO 3166 alpha-2
  std::optional<std::vector<std::string>> tags = {};  // for all that come in
};
BOOST_DESCRIBE_STRUCT(ImportContacts, (), (upload_id, column_mapping, default_country, tags))

struct BackfillContacts {
  std::vector<std::string> backfill_attributes;           // names of custom analysis data
  std::optional<json::Object> backfill_call_filter = {};  // of agent and start_timestamp, as lists of calls take it
};
BOOST_DESCRIBE_STRUCT(BackfillContacts, (), (backfill_attributes, backfill_call_filter))

// Retell's reply for both: idle when nothing runs.
struct JobReport {
  std::string status = "idle";
  std::optional<std::int64_t> succeeded = {};  // rows, or contacts
  std::optional<std::int64_t> failed = {};
  std::optional<std::int64_t> start_timestamp = {};  // epoch ms
  std::optional<std::string> triggered_by = {};
};
BOOST_DESCRIBE_STRUCT(JobReport, (), (status, succeeded, failed, start_timestamp, triggered_by))

enum class ContactJob : std::uint8_t { import, backfill };

class ContactJobs {
 public:
  ContactJobs(storage::Database& database, ContactService& contacts, CallService& calls, FileService& files,
              const core::Clock& clock)
      : reports_(database, storage::DocumentKind::job_report),
        contacts_(contacts),
        calls_(calls),
        files_(files),
        clock_(clock) {}

  // Keeps a file for an import; gives its upload_id.
  [[nodiscard]] core::Task<core::Result<std::string>> upload(std::string organization_id, std::string content);
  // unprocessable for an unknown upload; invalid for a mapping without phone_number or a file without its column.
  [[nodiscard]] core::Task<core::Result<JobReport>> import(std::string organization_id, ImportContacts request);
  [[nodiscard]] core::Task<core::Result<JobReport>> backfill(std::string organization_id, BackfillContacts request);
  // Of the last one.
  [[nodiscard]] core::Task<core::Result<JobReport>> report(std::string organization_id, ContactJob job);

 private:
  [[nodiscard]] core::Task<core::Result<JobReport>> keep(std::string organization_id, ContactJob job, JobReport report);

  storage::DocumentStore reports_;
  ContactService& contacts_;
  CallService& calls_;
  FileService& files_;
  const core::Clock& clock_;
};

}  // namespace retell::services
