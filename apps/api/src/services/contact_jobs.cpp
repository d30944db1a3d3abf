#include "services/contact_jobs.hpp"

#include <algorithm>
#include <map>

#include "core/ids.hpp"
#include "json/write.hpp"
#include "text/csv.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;
using core::fail;

constexpr std::size_t most_rows = 200'000;
constexpr auto by_hand = "manual";

std::string_view job_name(ContactJob job) { return job == ContactJob::import ? "contact_import" : "contact_backfill"; }

// The file's name holds its organisation, so that nobody can name another's.
std::string file_of(const std::string& organization_id, const std::string& upload_id) {
  return organization_id + "." + upload_id + ".csv";
}

bool is_true(std::string text) {
  for (auto& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text == "true" || text == "yes" || text == "1";
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const auto end = std::min(text.find_first_of(",;", begin), text.size());
    auto part = text.substr(begin, end - begin);
    part.erase(0, part.find_first_not_of(' '));
    part.erase(part.find_last_not_of(' ') + 1);
    if (!part.empty()) parts.push_back(std::move(part));
    begin = end + 1;
  }
  return parts;
}

void set_field(domain::NewContact& contact, const std::string& name, const std::string& text,
               const std::string& country) {
  if (name == "phone_number") {
    contact.phone_number = domain::to_e164(text, country).value_or("");
  } else if (name == "first_name") {
    contact.first_name = text;
  } else if (name == "last_name") {
    contact.last_name = text;
  } else if (name == "do_not_call") {
    contact.do_not_call = is_true(text);
  } else if (name == "tags") {
    contact.tags = split(text);
  } else {
    if (!contact.custom_fields) contact.custom_fields.emplace();
    (*contact.custom_fields)[name] = text;
  }
}

// Each mapped field with the place of its column; invalid when the number's is missing.
core::Result<std::vector<std::pair<std::string, std::size_t>>> columns_of(const text::CsvRow& titles,
                                                                          const std::vector<ColumnMapping>& mapping) {
  std::vector<std::pair<std::string, std::size_t>> columns;
  bool number = false;
  for (std::size_t i = 0; i < mapping.size(); ++i) {
    const auto title = std::find(titles.begin(), titles.end(), mapping[i].external_field_name);
    const auto at = "column_mapping[" + std::to_string(i) + "].external_field_name";
    if (title == titles.end()) return fail(ErrorCode::invalid, at + ": names no column of the file", at);
    columns.emplace_back(mapping[i].field_name, static_cast<std::size_t>(title - titles.begin()));
    number = number || mapping[i].field_name == "phone_number";
  }
  if (!number) return fail(ErrorCode::invalid, "column_mapping: must map phone_number", "column_mapping");
  return columns;
}

// A filter's error says where it stands in a list's body; here it has another name.
core::Error of_backfill(core::Error error) {
  constexpr std::string_view there = "filter_criteria";
  constexpr std::string_view here = "backfill_call_filter";
  if (error.field.starts_with(there)) error.field.replace(0, there.size(), here);
  if (error.message.starts_with(there)) error.message.replace(0, there.size(), here);
  return error;
}

}  // namespace

core::Task<core::Result<std::string>> ContactJobs::upload(std::string organization_id, std::string content) {
  auto upload_id = core::make_id("upload_");
  const auto done = co_await files_.put(file_of(organization_id, upload_id), std::move(content));
  if (!done) co_return tl::unexpected(done.error());
  co_return upload_id;
}

core::Task<core::Result<JobReport>> ContactJobs::import(std::string organization_id, ImportContacts request) {
  const auto begun = core::epoch_ms(clock_.wall());
  const auto file = file_of(organization_id, request.upload_id);
  const bool named = storage::is_object_name("files/" + file);
  const auto content = named ? co_await files_.read(file) : fail(ErrorCode::not_found, "no such file");
  if (!content && content.error().code == ErrorCode::not_found) {
    co_return fail(ErrorCode::unprocessable, "Upload " + request.upload_id + " not found");
  }
  if (!content) co_return tl::unexpected(content.error());
  const auto rows = text::parse_csv(*content, most_rows + 1);
  if (rows.empty()) co_return fail(ErrorCode::invalid, "the file is empty");
  const auto columns = columns_of(rows.front(), request.column_mapping);
  if (!columns) co_return tl::unexpected(columns.error());

  std::map<std::string, domain::NewContact> contacts;  // by number: the last line of a number counts
  std::int64_t failed = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    domain::NewContact contact;
    if (request.tags) contact.tags = request.tags;
    for (const auto& [field, column] : *columns) {
      if (column < rows[i].size() && !rows[i][column].empty()) {
        set_field(contact, field, rows[i][column], request.default_country.value_or(""));
      }
    }
    json::Problems problems;
    domain::check_contact(problems, contact);
    if (contact.phone_number.empty() || !problems.empty()) {
      ++failed;
      continue;
    }
    auto number = contact.phone_number;
    contacts.insert_or_assign(std::move(number), std::move(contact));
  }
  std::vector<domain::NewContact> all;
  all.reserve(contacts.size());
  for (auto& [number, contact] : contacts) all.push_back(std::move(contact));
  const auto done = co_await contacts_.upsert(organization_id, std::move(all));
  if (!done) co_return tl::unexpected(done.error());
  const auto gone = co_await files_.remove(file);
  if (!gone) co_return tl::unexpected(gone.error());
  const auto succeeded = static_cast<std::int64_t>(rows.size()) - 1 - failed;
  co_return co_await keep(std::move(organization_id), ContactJob::import, {"idle", succeeded, failed, begun, by_hand});
}

core::Task<core::Result<JobReport>> ContactJobs::backfill(std::string organization_id, BackfillContacts request) {
  const auto begun = core::epoch_ms(clock_.wall());
  auto filter = domain::ListFilter::parse(request.backfill_call_filter.value_or(json::Object{}));
  if (!filter) co_return tl::unexpected(of_backfill(filter.error()));
  storage::CallQuery query;
  query.filter = std::move(*filter);
  query.page.limit = 1'000;
  query.page.ascending = true;                 // so that later calls overwrite what earlier ones said
  std::map<std::string, json::Object> fields;  // by the caller's number
  for (bool more = true; more;) {
    const auto page = co_await calls_.list(organization_id, query);
    if (!page) co_return tl::unexpected(page.error());
    for (const auto& item : page->items) {
      const auto call = json::read<domain::Call>(item);
      if (!call || !call->call_analysis || !call->direction) continue;
      const auto number =
          (*call->direction == domain::Direction::inbound ? call->from_number : call->to_number).value_or("");
      const auto data = json::write(*call->call_analysis);
      const auto* custom = data.get_object().if_contains("custom_analysis_data");
      if (number.empty() || custom == nullptr || !custom->is_object()) continue;
      for (const auto& name : request.backfill_attributes) {
        if (const auto* value = custom->get_object().if_contains(name)) fields[number][name] = *value;
      }
    }
    more = page->has_more;
    query.page.after = page->next;
  }
  std::int64_t succeeded = 0;
  for (auto& [number, values] : fields) {
    const auto set = co_await contacts_.set_custom_fields(organization_id, number, std::move(values));
    if (!set) co_return tl::unexpected(set.error());
    succeeded += *set ? 1 : 0;
  }
  co_return co_await keep(std::move(organization_id), ContactJob::backfill, {"idle", succeeded, 0, begun, by_hand});
}

core::Task<core::Result<JobReport>> ContactJobs::keep(std::string organization_id, ContactJob job, JobReport report) {
  const auto now = core::epoch_ms(clock_.wall());
  const auto done = co_await reports_.insert(std::move(organization_id), {.id = core::make_id("job_"),
                                                                          .lookup = std::string(job_name(job)),
                                                                          .body = json::write(report).as_object(),
                                                                          .created_at = now,
                                                                          .modified_at = now});
  if (!done) co_return tl::unexpected(done.error());
  co_return report;
}

core::Task<core::Result<JobReport>> ContactJobs::report(std::string organization_id, ContactJob job) {
  const auto found = co_await reports_.find_by(std::move(organization_id), std::string(job_name(job)));
  if (!found) co_return tl::unexpected(found.error());
  if (!found->has_value()) co_return JobReport{};
  co_return json::read<JobReport>((*found)->body);
}

}  // namespace retell::services
