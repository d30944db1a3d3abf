// Contacts.
#include "api/multipart_form.hpp"
#include "api/routes/routes.hpp"
#include "json/write.hpp"

namespace retell::api {
namespace {

using domain::Contact;

Outcome shown(unsigned status, const core::Result<Contact>& contact) {
  if (!contact) return tl::unexpected(contact.error());
  return json_reply(status, json::write(*contact));
}

core::Task<Outcome> create(Api& api, const Request& request, domain::NewContact body) {
  co_return shown(201, co_await api.contacts.create(request.organization(), std::move(body)));
}

core::Task<Outcome> get(Api& api, const Request& request) {
  co_return shown(200, co_await api.contacts.get(request.organization(), request.parameter(0)));
}

core::Task<Outcome> get_by_phone(Api& api, const Request& request) {
  co_return shown(200, co_await api.contacts.get_by_phone(request.organization(), request.parameter(0)));
}

core::Task<Outcome> update(Api& api, const Request& request, Patch<domain::ContactFields> body) {
  co_return shown(200,
                  co_await api.contacts.update(request.organization(), request.parameter(0), std::move(body.value)));
}

core::Task<Outcome> remove(Api& api, const Request& request) {
  const auto done = co_await api.contacts.remove(request.organization(), request.parameter(0));
  if (!done) co_return tl::unexpected(done.error());
  co_return empty_reply(204);
}

struct ListContacts {
  std::optional<json::Value> filter_criteria = {};
  std::optional<std::string> search_query = {};
  std::optional<std::int32_t> limit = {};
  std::optional<std::string> pagination_key = {};
  std::optional<std::int32_t> skip = {};
  std::optional<std::string> sort_order = {};  // asc, desc
};
BOOST_DESCRIBE_STRUCT(ListContacts, (), (filter_criteria, search_query, limit, pagination_key, skip, sort_order))

core::Task<Outcome> list(Api& api, const Request& request, ListContacts body) {
  auto page = make_page(body.limit, body.pagination_key, body.sort_order);
  if (!page) co_return tl::unexpected(page.error());
  auto filter = domain::ListFilter::parse(body.filter_criteria.value_or(json::Value()), domain::contact_groups());
  if (!filter) co_return tl::unexpected(filter.error());
  if (body.skip.value_or(0) < 0) co_return core::fail(core::ErrorCode::invalid, "skip: must not be negative", "skip");
  const auto found = co_await api.contacts.list(
      request.organization(),
      {std::move(*page), body.skip.value_or(0), std::move(*filter), body.search_query.value_or("")});
  if (!found) co_return tl::unexpected(found.error());
  auto reply = envelope(found->page, [](const Contact& contact) { return json::write(contact); });
  reply["total"] = found->total;
  co_return json_reply(200, std::move(reply));
}

struct Conversation {
  std::string type;  // call
  std::string call_id;
  std::optional<domain::Direction> direction = {};
  std::optional<domain::DisconnectionReason> disconnection_reason = {};
  std::optional<std::int64_t> duration_ms = {};
  std::optional<std::int64_t> start_timestamp = {};
};
BOOST_DESCRIBE_STRUCT(Conversation, (), (type, call_id, direction, disconnection_reason, duration_ms, start_timestamp))

// What a list shows of a call, with what its analysis says.
json::Value conversation(const json::Value& call) {
  json::Object out{{"type", "call"}};
  const auto& from = call.get_object();
  for (const auto* name : {"call_id", "direction", "disconnection_reason", "duration_ms", "start_timestamp"}) {
    if (const auto* value = from.if_contains(name)) out[name] = *value;
  }
  const auto* analysis = from.if_contains("call_analysis");
  if (analysis == nullptr || !analysis->is_object()) return out;
  const auto take = [&](const char* name, const char* as) {
    if (const auto* value = analysis->get_object().if_contains(name)) out[as] = *value;
  };
  take("user_sentiment", "sentiment");
  take("call_successful", "successful");
  take("call_summary", "summary");
  return out;
}

core::Task<Outcome> conversations(Api& api, const Request& request) {
  const auto contact = co_await api.contacts.get(request.organization(), request.parameter(0));
  if (!contact) co_return tl::unexpected(contact.error());
  auto page = page_from_query(request);
  if (!page) co_return tl::unexpected(page.error());
  storage::CallQuery query;
  query.page = std::move(*page);
  query.party = contact->phone_number;
  const auto calls = co_await api.calls.list(request.organization(), std::move(query));
  if (!calls) co_return tl::unexpected(calls.error());
  co_return json_reply(200,
                       envelope(storage::Page<json::Value>{calls->items, calls->has_more, calls->next}, conversation));
}

struct UploadForm {
  FileField file;
};
BOOST_DESCRIBE_STRUCT(UploadForm, (), (file))

struct Upload {
  std::string upload_id;
  std::string file_name;
};
BOOST_DESCRIBE_STRUCT(Upload, (), (upload_id, file_name))

core::Task<Outcome> upload_file(Api& api, const Request& request) {
  const auto form = co_await MultipartForm::parse(request);
  if (!form) co_return tl::unexpected(form.error());
  const auto files = form->files("file");
  if (files.size() != 1) co_return core::fail(core::ErrorCode::invalid, "file: expected one file", "file");
  const auto id = co_await api.contact_jobs.upload(request.organization(), std::string(files.front().content));
  if (!id) co_return tl::unexpected(id.error());
  co_return json_reply(200, json::write(Upload{*id, files.front().file_name}));
}

Outcome report(unsigned status, const core::Result<services::JobReport>& done) {
  if (!done) return tl::unexpected(done.error());
  return json_reply(status, json::write(*done));
}

core::Task<Outcome> import(Api& api, const Request& request, services::ImportContacts body) {
  co_return report(201, co_await api.contact_jobs.import(request.organization(), std::move(body)));
}

core::Task<Outcome> backfill(Api& api, const Request& request, services::BackfillContacts body) {
  co_return report(200, co_await api.contact_jobs.backfill(request.organization(), std::move(body)));
}

core::Task<Outcome> import_report(Api& api, const Request& request) {
  co_return report(200, co_await api.contact_jobs.report(request.organization(), services::ContactJob::import));
}

core::Task<Outcome> backfill_report(Api& api, const Request& request) {
  co_return report(200, co_await api.contact_jobs.report(request.organization(), services::ContactJob::backfill));
}

constexpr Route table[] = {
    endpoint<&create, Contact>("POST", "/create-contact", 201, "Create a contact"),
    endpoint<&get, Contact>("GET", "/get-contact/{contact_id}", 200, "Get a contact"),
    endpoint<&get_by_phone, Contact>("GET", "/get-contact-by-phone/{phone_number}", 200, "Get a contact by number"),
    endpoint<&update, Contact>("PATCH", "/update-contact/{contact_id}", 200, "Change a contact"),
    endpoint<&remove>("DELETE", "/delete-contact/{contact_id}", 204, "Delete a contact"),
    endpoint<&list, Items<Contact>>("POST", "/list-contacts", 200, "List contacts"),
    endpoint<&conversations, Items<Conversation>>("GET", "/list-contact-conversations/{contact_id}", 200,
                                                  "Calls from and to a contact", {.query = page_fields}),
    upload<&upload_file, UploadForm, Upload>("POST", "/upload-contact-import-file", 200, "Upload a CSV file"),
    endpoint<&import, services::JobReport>("POST", "/create-contact-import", 201, "Import an uploaded file"),
    endpoint<&import_report, services::JobReport>("GET", "/get-contact-import", 200, "How the last import went"),
    endpoint<&backfill, services::JobReport>("POST", "/backfill-contact-analysis-data", 200,
                                             "Fill contacts from what their calls were analysed for"),
    endpoint<&backfill_report, services::JobReport>("GET", "/get-backfill-contact-job-status", 200,
                                                    "How the last filling went"),
};

}  // namespace

std::span<const Route> contact_routes() { return table; }

}  // namespace retell::api
