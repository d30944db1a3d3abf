#include "providers/local/manifest.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "providers/local/manifest_text.hpp"

namespace retell::providers::local {
namespace {

namespace json = boost::json;

// Reads members of one object; the first problem is kept and everything after it is skipped.
class Reader {
 public:
  Reader(const json::object& object, std::string where, std::optional<core::Error>& error)
      : object_(object), where_(std::move(where)), error_(error) {}

  std::string text(std::string_view name, bool required = false) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr) {
      if (required) fault(name, "is required");
      return {};
    }
    const auto* string = value->if_string();
    if (string == nullptr) {
      fault(name, "expected a string");
      return {};
    }
    return std::string(*string);
  }
  bool flag(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr) return false;
    if (!value->is_bool()) fault(name, "expected true or false");
    return value->is_bool() && value->get_bool();
  }
  std::uint64_t bytes(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr) return 0;
    json::error_code inexact;
    const auto number = value->to_number<std::uint64_t>(inexact);
    if (inexact) fault(name, "expected a number of bytes");
    return number;
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> out;
    each(name, [&](const json::value& value, const std::string& where) {
      if (const auto* string = value.if_string()) {
        out.emplace_back(*string);
      } else {
        set_error(where, "expected a string");
      }
    });
    return out;
  }
  template <class F>
  void objects(std::string_view name, F&& read) {
    each(name, [&](const json::value& value, const std::string& where) {
      if (const auto* object = value.if_object()) {
        Reader reader(*object, where, error_);
        read(reader);
      } else {
        set_error(where, "expected an object");
      }
    });
  }
  template <class E, std::size_t N>
  E choice(std::string_view name, const std::pair<std::string_view, E> (&choices)[N], bool required) {
    const auto word = text(name, required);
    for (const auto& [key, value] : choices) {
      if (key == word) return value;
    }
    if (required || !word.empty()) fault(name, "is none of the known ones");
    return choices[0].second;
  }
  void fault(std::string_view name, std::string_view message) {
    set_error(where_.empty() ? std::string(name) : fmt::format("{}.{}", where_, name), message);
  }

 private:
  template <class F>
  void each(std::string_view name, F&& read) {
    const auto* value = object_.if_contains(name);
    if (value == nullptr) return;
    const auto* array = value->if_array();
    if (array == nullptr) return fault(name, "expected an array");
    std::size_t index = 0;
    for (const auto& item : *array) {
      read(item, fmt::format("{}{}{}[{}]", where_, where_.empty() ? "" : ".", name, index++));
    }
  }
  void set_error(std::string field, std::string_view message) {
    if (!error_) error_ = core::Error{core::ErrorCode::invalid, std::string(message), std::move(field)};
  }

  const json::object& object_;
  std::string where_;
  std::optional<core::Error>& error_;
};

constexpr std::pair<std::string_view, ModelKind> kinds[] = {{"stt", ModelKind::stt},
                                                            {"llm", ModelKind::llm},
                                                            {"tts", ModelKind::tts},
                                                            {"end_of_turn", ModelKind::end_of_turn},
                                                            {"vad", ModelKind::vad}};
constexpr std::pair<std::string_view, ModelEngine> engines[] = {{"whisper", ModelEngine::whisper},
                                                                {"llama", ModelEngine::llama},
                                                                {"piper", ModelEngine::piper},
                                                                {"smart_turn", ModelEngine::smart_turn},
                                                                {"onnx", ModelEngine::onnx}};
constexpr std::pair<std::string_view, SourceClient> clients[] = {
    {"npm", SourceClient::npm}, {"pip", SourceClient::pip}, {"url", SourceClient::url}};
constexpr std::pair<std::string_view, Conversion> conversions[] = {
    {"none", Conversion::none}, {"ctranslate2-whisper", Conversion::ctranslate2_whisper}};

bool is_sha256(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Names become folders and files below the cache: letters, digits, dot, dash and underscore, no leading dot.
bool is_safe_name(std::string_view name) {
  return !name.empty() && name.size() <= 100 && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

ModelSource read_source(Reader& from) {
  ModelSource source;
  source.client = from.choice("client", clients, true);
  source.url = from.text("url", source.client == SourceClient::url);
  from.objects("packages", [&](Reader& package) {
    source.packages.push_back({package.text("name", true), package.text("sha256", true)});
    if (!is_sha256(source.packages.back().sha256)) package.fault("sha256", "expected 64 lower-case hex digits");
    if (source.packages.back().name.starts_with('-')) package.fault("name", "may not begin with a dash");
  });
  source.members = from.texts("members");
  source.vocabulary = from.text("vocabulary");
  source.conversion = from.choice("conversion", conversions, false);
  source.sha256 = from.text("sha256");
  if (!source.sha256.empty() && !is_sha256(source.sha256)) from.fault("sha256", "expected 64 lower-case hex digits");
  const bool is_package = source.client != SourceClient::url;
  if (is_package && (source.packages.empty() || source.members.size() != source.packages.size())) {
    from.fault("members", "expected one for each package");
  }
  if (!is_package && !(source.url.starts_with("https://") || source.url.starts_with("file:///"))) {
    from.fault("url", "expected https:// or file:///");
  }
  return source;
}

}  // namespace

core::Result<Manifest> parse_manifest(std::string_view text) {
  json::error_code wrong;
  const auto value = json::parse(text, wrong);
  if (wrong || !value.is_object()) {
    return core::fail(core::ErrorCode::invalid, "the model manifest is not a JSON object");
  }
  std::optional<core::Error> error;
  Manifest manifest;
  Reader root(value.get_object(), "", error);
  root.objects("models", [&](Reader& from) {
    Model model;
    model.name = from.text("name", true);
    if (!is_safe_name(model.name)) from.fault("name", "expected letters, digits, '.', '-' or '_'");
    if (manifest.find(model.name) != nullptr) from.fault("name", "is used twice");
    model.kind = from.choice("kind", kinds, true);
    model.engine = from.choice("engine", engines, true);
    model.languages = from.texts("languages");
    model.licence = from.text("licence", true);
    model.description = from.text("description");
    model.is_default = from.flag("default");
    from.objects("files", [&](Reader& entry) {
      ModelFile file;
      file.path = entry.text("path", true);
      if (!is_safe_name(file.path)) entry.fault("path", "expected a plain file name");
      file.bytes = entry.bytes("bytes");
      entry.objects("sources", [&](Reader& source) { file.sources.push_back(read_source(source)); });
      if (file.sources.empty()) entry.fault("sources", "expected at least one");
      model.files.push_back(std::move(file));
    });
    if (model.files.empty()) from.fault("files", "expected at least one");
    manifest.models.push_back(std::move(model));
  });
  if (error) return tl::unexpected(*error);
  return manifest;
}

const Manifest& builtin_manifest() {
  static const Manifest manifest = parse_manifest(manifest_text).value();
  return manifest;
}

const Model* Manifest::find(std::string_view name) const {
  const auto found = std::find_if(models.begin(), models.end(), [&](const Model& model) { return model.name == name; });
  return found == models.end() ? nullptr : &*found;
}

std::string_view to_string(ModelKind kind) {
  for (const auto& [name, value] : kinds) {
    if (value == kind) return name;
  }
  return "";
}

bool speaks(const Model& model, std::string_view language) {
  return std::any_of(model.languages.begin(), model.languages.end(),
                     [&](const std::string& one) { return one == "multi" || one == language; });
}

std::vector<std::string> default_models(const Manifest& manifest, std::string_view language) {
  std::vector<std::string> names;
  for (const auto& model : manifest.models) {
    if (model.is_default) names.push_back(model.name);
  }
  if (language.empty()) return names;
  for (const auto kind : {ModelKind::stt, ModelKind::llm, ModelKind::tts}) {
    const Model* knows = nullptr;
    bool known = false;
    for (const auto& model : manifest.models) {
      if (model.kind != kind || !speaks(model, language)) continue;
      known = known || model.is_default;
      if (knows == nullptr) knows = &model;
    }
    if (!known && knows != nullptr) names.push_back(knows->name);
  }
  return names;
}

}  // namespace retell::providers::local
