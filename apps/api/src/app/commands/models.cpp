#include "app/commands/models.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>

#include <cstdio>
#include <unistd.h>

#include "app/commands/common.hpp"
#include "app/progress.hpp"
#include "core/log.hpp"
#include "providers/local/model_store.hpp"
#include "providers/local/transcript_text.hpp"

namespace retell::app {
namespace {

using providers::local::ModelStore;

ModelStore open_store(const config::Config& config) {
  return {providers::local::builtin_manifest(), models_dir(config)};
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

int pull_one(ModelStore& store, const std::string& name) {
  ProgressBar bar(name);
  const auto pulled = store.pull(name, [&](const providers::local::PullProgress& p) {
    bar.show(p.stage, p.done, p.total);
    return true;
  });
  bar.finish(pulled.has_value());
  return pulled ? 0 : tell(pulled.error());
}

}  // namespace

int models_list(const config::Config& config, bool json) {
  const auto store = open_store(config);
  boost::json::array rows;
  if (!json)
    fmt::print("{:<24} {:<12} {:<10} {:>9}  {:<12} {}\n", "NAME", "KIND", "LANGUAGES", "SIZE", "LICENCE", "STATE");
  for (const auto& stored : store.list()) {
    const auto& model = *stored.model;
    const auto kind = std::string(providers::local::to_string(model.kind));
    if (json) {
      rows.push_back(boost::json::object{{"name", model.name},
                                         {"kind", kind},
                                         {"languages", joined(model.languages)},
                                         {"bytes", stored.bytes},
                                         {"licence", model.licence},
                                         {"default", model.is_default},
                                         {"present", stored.present},
                                         {"description", model.description}});
      continue;
    }
    const auto* state = stored.present ? "here" : model.is_default ? "default, absent" : "absent";
    fmt::print("{:<24} {:<12} {:<10} {:>9}  {:<12} {}\n{:<24} {}\n", model.name, kind, joined(model.languages),
               stored.bytes == 0 ? "?" : human_bytes(stored.bytes), model.licence, state, "", model.description);
  }
  if (json) fmt::print("{}\n", boost::json::serialize(rows));
  return 0;
}

int models_pull(const config::Config& config, const std::vector<std::string>& names, bool defaults,
                const std::string& language) {
  auto store = open_store(config);
  auto wanted = names;
  if (defaults) {
    const auto names_of = providers::local::default_models(store.manifest(), providers::local::language_code(language));
    for (const auto& name : names_of) {
      if (!store.folder(name)) wanted.push_back(name);
    }
  }
  for (const auto& name : wanted) {
    if (const auto known = store.known(name); !known) return tell(known.error());
  }
  core::init_log(core::LogLevel::warn, core::LogFormat::text);
  int status = 0;
  // One that fails does not keep the others away.
  for (const auto& name : wanted) status = std::max(status, pull_one(store, name));
  return status;
}

int models_remove(const config::Config& config, const std::vector<std::string>& names) {
  auto store = open_store(config);
  for (const auto& name : names) {
    if (const auto removed = store.remove(name); !removed) return tell(removed.error());
  }
  return 0;
}

}  // namespace retell::app
