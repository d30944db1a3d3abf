// Brings an account of another server of Retell's API into a workspace: resumable, since every record is written by
// itself with a note of where it came from, and idempotent, since what has not changed there is left alone here. Ids
// stay as they are unless they are taken. A resource is one file of this folder.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "core/clock.hpp"
#include "core/log.hpp"
#include "core/task.hpp"
#include "services/file_service.hpp"
#include "services/import/report.hpp"
#include "services/import/source.hpp"
#include "services/phone_number_service.hpp"
#include "services/voice_catalog.hpp"
#include "storage/db/database.hpp"
#include "storage/stores/import_store.hpp"

namespace retell::services {

struct ImporterParts {
  storage::Database& database;
  FileService& files;
  PhoneNumberService& numbers;
  const VoiceCatalog& voices;
  const core::Clock& clock;
  std::string organization_id;
  std::map<std::string, std::string> voice_names = {};  // their voice_id, ours
  Seal seal = {};                                       // of a number's password
};

class Importer {
 public:
  // `progress` is told what is being done; may be empty.
  Importer(ImporterParts parts, ImportSource& source, std::function<void(std::string)> progress, core::Logger log);

  // Fails only when going on is senseless: the key is refused, the source is gone, the database fails. What single
  // records cannot do is in the report.
  [[nodiscard]] core::Task<core::Result<ImportReport>> run();

  // For the resources. What a record is to become here.
  enum class Fate : std::uint8_t { create, update, leave };
  struct Place {
    Fate fate = Fate::create;
    std::string our_id;
    std::string checksum;
  };
  using Taken = std::function<core::Task<core::Result<bool>>(std::string id)>;
  [[nodiscard]] core::Task<core::Result<Place>> place(std::string kind, std::string source_id, std::string version,
                                                      const json::Value& document, Taken taken);
  // Writes a record with the note of it; counts it.
  [[nodiscard]] core::Task<core::Result<>> write(std::string kind, std::string source_id, std::string version,
                                                 Place place, std::vector<storage::Statement> statements);
  void left_alone(const std::string& kind);
  // Counts a record that cannot come. Gives the error back when the whole import has to end with it.
  [[nodiscard]] core::Result<> failed(const std::string& kind, const std::string& id, const core::Error& error);
  void note(const std::string& kind, const std::string& id, std::string message);

  [[nodiscard]] bool has(const std::string& kind, const std::string& source_id, const std::string& version) const;
  // Their id as ours: the same, unless it was taken.
  [[nodiscard]] std::string our_id(const std::string& kind, const std::string& source_id) const;
  // Rewrites every member of these names, wherever it stands: "llm_id", or an array such as "knowledge_base_ids".
  void rename(json::Value& document) const;

  [[nodiscard]] ImportSource& source() { return source_; }
  [[nodiscard]] const ImporterParts& parts() const { return parts_; }
  [[nodiscard]] const std::string& organization() const { return parts_.organization_id; }
  [[nodiscard]] std::int64_t now() const { return core::epoch_ms(parts_.clock.wall()); }

  // Every version of every agent, read once: engines and voices are found by them.
  struct AgentVersions {
    std::string agent_id;
    std::string channel;                     // voice, chat
    json::Value tags = {};                   // of environments, as the list of agents has them
    std::vector<json::Value> versions = {};  // oldest first
  };
  std::vector<AgentVersions> agents = {};

 private:
  using Key = std::tuple<std::string, std::string, std::string>;  // kind, source id, version
  [[nodiscard]] core::Task<core::Result<>> begin();

  ImporterParts parts_;
  ImportSource& source_;
  std::function<void(std::string)> progress_;
  core::Logger log_;
  ImportReport report_;
  std::string source_name_;
  std::map<Key, storage::ImportedRecord> known_;
  std::map<std::pair<std::string, std::string>, std::string> ids_;  // kind and source id, our id
};

namespace import {

// One resource each. An error ends the import.
using Resource = core::Task<core::Result<>> (*)(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> read_agents(Importer& importer);  // writes nothing
[[nodiscard]] core::Task<core::Result<>> voices(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> knowledge_bases(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> components(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> retell_llms(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> flows(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> agents(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> phone_numbers(Importer& importer);
[[nodiscard]] core::Task<core::Result<>> tests(Importer& importer);

// A text or whole-number member; empty and 0 when there is none.
[[nodiscard]] std::string text(const json::Value& document, std::string_view name);
[[nodiscard]] std::int64_t number(const json::Value& document, std::string_view name);
[[nodiscard]] bool flag(const json::Value& document, std::string_view name);
// Without members that describe the record and are no settings of it.
[[nodiscard]] json::Object without(const json::Value& document, std::initializer_list<std::string_view> names);

}  // namespace import
}  // namespace retell::services
