// Knowledge bases: their sources are kept as they come. Any thread.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/task.hpp"
#include "json/read.hpp"
#include "net/body_file.hpp"
#include "services/file_service.hpp"
#include "storage/stores/document_store.hpp"

namespace retell::services {

struct KnowledgeText {
  std::string title;
  std::string text;
};
BOOST_DESCRIBE_STRUCT(KnowledgeText, (), (title, text))

struct KnowledgeFile {
  std::string name;
  net::BodyPart content;
};

struct KnowledgeSources {
  std::vector<KnowledgeText> texts = {};
  std::vector<std::string> urls = {};
  std::vector<KnowledgeFile> files = {};
};

struct KnowledgeSettings {
  std::string knowledge_base_name;
  std::optional<bool> enable_auto_refresh = {};
  std::optional<double> max_chunk_size = {};  // 600..6000, 2000
  std::optional<double> min_chunk_size = {};  // 200..2000, 400
};
BOOST_DESCRIBE_STRUCT(KnowledgeSettings, (), (knowledge_base_name, enable_auto_refresh, max_chunk_size, min_chunk_size))

class KnowledgeBaseService {
 public:
  KnowledgeBaseService(storage::Database& database, FileService& files, const core::Clock& clock)
      : bases_(database, storage::DocumentKind::knowledge_base), files_(files), clock_(clock) {}

  // Retell's KnowledgeBaseResponse, here and below. Its status stays in_progress: the sources are stored, but nothing
  // on this server retrieves from them yet.
  [[nodiscard]] core::Task<core::Result<json::Object>> create(std::string organization_id, KnowledgeSettings settings,
                                                              KnowledgeSources sources);
  // unprocessable for an unknown one, here and below.
  [[nodiscard]] core::Task<core::Result<json::Object>> get(std::string organization_id, std::string id);
  [[nodiscard]] core::Task<core::Result<std::vector<json::Object>>> list(std::string organization_id);
  [[nodiscard]] core::Task<core::Result<json::Object>> add(std::string organization_id, std::string id,
                                                           KnowledgeSources sources);
  [[nodiscard]] core::Task<core::Result<json::Object>> remove_source(std::string organization_id, std::string id,
                                                                     std::string source_id);
  [[nodiscard]] core::Task<core::Result<>> remove(std::string organization_id, std::string id);

  static constexpr std::size_t most_files = 25;                       // at once; Retell's, and that:
  static constexpr std::size_t largest_file = std::size_t{50} << 20;  // bytes

  // How a source's text or file is kept: the member of its entry that holds the name in the object store (never shown),
  // and that name.
  static constexpr auto file_member = "stored_as";
  [[nodiscard]] static std::string file_name(std::string_view source_id, std::string_view type);

 private:
  // Stores texts and files; gives each source's entry.
  [[nodiscard]] core::Task<core::Result<json::Array>> keep(KnowledgeSources sources);
  [[nodiscard]] json::Object shown(const storage::Document& document) const;

  storage::DocumentStore bases_;
  FileService& files_;
  const core::Clock& clock_;
};

}  // namespace retell::services
