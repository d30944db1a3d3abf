#include "services/import/importer.hpp"

#include "core/ids.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "json/text.hpp"

namespace retell::services {
namespace {

using core::ErrorCode;

struct Step {
  const char* what;
  import::Resource run;
};

// In the order of dependence: what is referred to comes before what refers to it.
constexpr Step steps[] = {
    {"agents, to see what they need", &import::read_agents},
    {"voices", &import::voices},
    {"knowledge bases", &import::knowledge_bases},
    {"flow components", &import::components},
    {"Retell LLMs", &import::retell_llms},
    {"conversation flows", &import::flows},
    {"agents", &import::agents},
    {"phone numbers", &import::phone_numbers},
    {"tests", &import::tests},
};

// Which members hold ids, and of what kind.
constexpr std::pair<std::string_view, std::string_view> references[] = {
    {"llm_id", "retell_llm"},           {"conversation_flow_id", "conversation_flow"}, {"agent_id", "agent"},
    {"component_id", "flow_component"}, {"knowledge_base_ids", "knowledge_base"},
};

// Errors after which no record could come either.
bool ends_all(const core::Error& error) {
  return error.code == ErrorCode::unauthorized || error.code == ErrorCode::unavailable ||
         error.code == ErrorCode::timeout || error.code == ErrorCode::io || error.code == ErrorCode::internal;
}

std::string id_prefix(const std::string& kind) {
  if (kind == "agent") return "agent_";
  if (kind == "retell_llm") return "llm_";
  return kind + "_";
}

}  // namespace

Importer::Importer(ImporterParts parts, ImportSource& source, std::function<void(std::string)> progress,
                   core::Logger log)
    : parts_(std::move(parts)), source_(source), progress_(std::move(progress)), log_(std::move(log)) {}

core::Task<core::Result<>> Importer::begin() {
  const auto identity = co_await source_.get("/get-api-key-info");
  if (!identity && ends_all(identity.error())) co_return tl::unexpected(identity.error());
  source_name_ = source_.base_url();
  if (identity) source_name_ += " (" + import::text(*identity, "org_name") + ")";
  report_.source = source_name_;
  report_.workspace_id = parts_.organization_id;
  auto known = co_await storage::ImportStore(parts_.database).of(parts_.organization_id, source_name_);
  if (!known) co_return tl::unexpected(known.error());
  for (auto& record : *known) {
    ids_[{record.kind, record.source_id}] = record.our_id;
    known_[{record.kind, record.source_id, record.version}] = std::move(record);
  }
  co_return core::Result<>{};
}

core::Task<core::Result<ImportReport>> Importer::run() {
  const auto begun = co_await begin();
  if (!begun) co_return tl::unexpected(begun.error());
  for (const auto& step : steps) {
    if (progress_) progress_(step.what);
    const auto done = co_await step.run(*this);
    if (!done && ends_all(done.error())) co_return tl::unexpected(done.error());
    // A list that cannot be read: the others may be.
    if (!done) report_.problems.push_back({step.what, "(all)", done.error().message});
  }
  for (const auto& [key, ours] : ids_) {
    if (key.second != ours) report_.renamed[key.first][key.second] = ours;
  }
  co_return std::move(report_);
}

bool Importer::has(const std::string& kind, const std::string& source_id, const std::string& version) const {
  return known_.contains({kind, source_id, version});
}

core::Task<core::Result<Importer::Place>> Importer::place(std::string kind, std::string source_id, std::string version,
                                                          const json::Value& document, Taken taken) {
  Place place;
  place.checksum = crypto::to_hex(crypto::sha256(json::dump(document)));
  if (const auto known = known_.find({kind, source_id, version}); known != known_.end()) {
    place.our_id = known->second.our_id;
    // What was deleted here since comes again.
    const auto there = co_await taken(place.our_id);
    if (!there) co_return tl::unexpected(there.error());
    if (!*there) {
      place.fate = Fate::create;
    } else {
      place.fate = known->second.checksum == place.checksum ? Fate::leave : Fate::update;
    }
    co_return place;
  }
  if (const auto named = ids_.find({kind, source_id}); named != ids_.end()) {
    place.our_id = named->second;  // another version of it came before
    co_return place;
  }
  place.our_id = source_id;
  const auto in_use = co_await taken(source_id);
  if (!in_use) co_return tl::unexpected(in_use.error());
  if (*in_use) place.our_id = core::make_id(id_prefix(kind));
  co_return place;
}

core::Task<core::Result<>> Importer::write(std::string kind, std::string source_id, std::string version, Place place,
                                           std::vector<storage::Statement> statements) {
  storage::ImportedRecord record{kind, source_id, version, place.our_id, place.checksum};
  statements.push_back(storage::ImportStore::note(parts_.organization_id, source_name_, record, now()));
  const auto done = co_await parts_.database.transaction(std::move(statements));
  if (!done) co_return failed(kind, source_id, done.error());
  auto& counts = report_.counts[kind];
  ++(place.fate == Fate::update ? counts.updated : counts.created);
  ids_[{kind, source_id}] = place.our_id;
  known_[{std::move(kind), std::move(source_id), std::move(version)}] = std::move(record);
  co_return core::Result<>{};
}

void Importer::left_alone(const std::string& kind) { ++report_.counts[kind].unchanged; }

core::Result<> Importer::failed(const std::string& kind, const std::string& id, const core::Error& error) {
  if (ends_all(error)) return tl::unexpected<core::Error>(error);
  ++report_.counts[kind].failed;
  report_.problems.push_back({kind, id, error.message});
  return {};
}

void Importer::note(const std::string& kind, const std::string& id, std::string message) {
  report_.notes.push_back({kind, id, std::move(message)});
}

std::string Importer::our_id(const std::string& kind, const std::string& source_id) const {
  const auto found = ids_.find({kind, source_id});
  return found == ids_.end() ? source_id : found->second;
}

void Importer::rename(json::Value& document) const {
  if (auto* array = document.if_array()) {
    for (auto& item : *array) rename(item);
    return;
  }
  auto* object = document.if_object();
  if (object == nullptr) return;
  for (auto& member : *object) {
    const std::string_view name = member.key();
    const auto reference =
        std::find_if(std::begin(references), std::end(references), [&](const auto& one) { return one.first == name; });
    if (reference == std::end(references)) {
      rename(member.value());
      continue;
    }
    const std::string kind(reference->second);
    if (auto* id = member.value().if_string()) {
      *id = our_id(kind, std::string(*id));
    } else if (auto* ids = member.value().if_array()) {
      for (auto& one : *ids) {
        if (auto* text = one.if_string()) *text = our_id(kind, std::string(*text));
      }
    }
  }
}

namespace import {

std::string text(const json::Value& document, std::string_view name) {
  const auto* value = document.is_object() ? document.get_object().if_contains({name.data(), name.size()}) : nullptr;
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number(const json::Value& document, std::string_view name) {
  const auto* value = document.is_object() ? document.get_object().if_contains({name.data(), name.size()}) : nullptr;
  if (value == nullptr || !value->is_number()) return 0;
  boost::system::error_code inexact;
  return value->to_number<std::int64_t>(inexact);
}

bool flag(const json::Value& document, std::string_view name) {
  const auto* value = document.is_object() ? document.get_object().if_contains({name.data(), name.size()}) : nullptr;
  return value != nullptr && value->is_bool() && value->get_bool();
}

json::Object without(const json::Value& document, std::initializer_list<std::string_view> names) {
  auto object = document.is_object() ? document.get_object() : json::Object{};
  for (const auto name : names) object.erase({name.data(), name.size()});
  return object;
}

}  // namespace import
}  // namespace retell::services
