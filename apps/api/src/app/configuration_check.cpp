#include "app/configuration_check.hpp"

#include <algorithm>
#include <string>

#include "app/vendors.hpp"
#include "config/settings.hpp"
#include "net/url.hpp"
#include "providers/local/manifest.hpp"
#include "providers/registry.hpp"
#include "providers/remote/vendors.hpp"
#include "storage/cache/redis_client.hpp"
#include "storage/db/postgres_address.hpp"
#include "storage/objects/s3_store.hpp"

namespace retell::app {
namespace {

using providers::local::ModelKind;

class Checks {
 public:
  void problem(const std::string& setting, std::string message) { problems_.push_back({setting, std::move(message)}); }

  void vendor(const std::string& setting, const std::string& wanted, const std::vector<std::string>& known) {
    const auto name = wanted.substr(0, wanted.find(':'));  // "openai:some-model"
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    auto message = (name.empty() ? "nothing" : name) + " is not offered here; there are ";
    for (const auto& one : known) message += (&one == known.data() ? "" : ", ") + one;
    const auto remote = providers::remote::vendors();
    if (std::any_of(remote.begin(), remote.end(), [&](const auto& vendor) { return vendor.name == name; })) {
      message += " (" + name + " needs " + config::variable_name("providers." + name + ".api_key") + ")";
    }
    problem(setting, std::move(message));
  }
  void vendors(const std::string& setting, const std::vector<std::string>& wanted,
               const std::vector<std::string>& known) {
    for (const auto& one : wanted) vendor(setting, one, known);
  }

  void model([[maybe_unused]] const std::string& setting, [[maybe_unused]] const std::string& wanted,
             [[maybe_unused]] ModelKind kind) {
#ifdef RETELL_LOCAL_MODELS
    if (wanted.empty()) return;
    const auto& manifest = providers::local::builtin_manifest();
    const auto* model = manifest.find(wanted);
    if (model == nullptr && kind == ModelKind::stt) model = manifest.find("whisper-" + wanted);
    if (model == nullptr) {
      problem(setting, "no model is called " + wanted + " (see: retell models list)");
    } else if (model->kind != kind) {
      problem(setting, wanted + " is a model of another kind (see: retell models list)");
    }
#endif
  }

  // `settings` has seen to the scheme already.
  void url(const std::string& setting, const std::string& wanted) {
    if (wanted.empty()) return;
    if (const auto parsed = net::parse_url(wanted); !parsed) problem(setting, parsed.error().message);
  }

  template <class T>
  void parsed(const std::string& setting, const core::Result<T>& outcome) {
    if (!outcome) problem(setting, outcome.error().message);
  }

  std::vector<config::Problem> take() { return std::move(problems_); }

 private:
  std::vector<config::Problem> problems_;
};

void check_vendors(Checks& checks, const config::Config& config) {
  const auto registry = offered_vendors(config);
  const auto& p = config.providers;
  checks.vendor("providers.stt", p.stt, registry.stt_names());
  checks.vendor("providers.tts", p.tts, registry.tts_names());
  checks.vendor("providers.llm", p.llm, registry.llm_names());
  if (!p.end_of_turn.empty()) checks.vendor("providers.end_of_turn", p.end_of_turn, registry.end_of_turn_names());
  checks.vendors("providers.stt_fallbacks", p.stt_fallbacks, registry.stt_names());
  checks.vendors("providers.tts_fallbacks", p.tts_fallbacks, registry.tts_names());
  checks.vendors("providers.llm_fallbacks", p.llm_fallbacks, registry.llm_names());
  for (const auto& [name, choice] : p.llm_models)
    checks.vendor("providers.llm_models." + name, choice, registry.llm_names());
  for (std::size_t i = 0; i < config.voices.size(); ++i) {
    const auto& vendor = config.voices[i].vendor;
    // One without a vendor has been told of.
    if (!vendor.empty()) checks.vendor("voices[" + std::to_string(i) + "].vendor", vendor, registry.tts_names());
  }
  checks.model("models.stt", config.models.stt, ModelKind::stt);
  checks.model("models.llm", config.models.llm, ModelKind::llm);
}

void check_addresses(Checks& checks, const config::Config& config) {
  checks.url("server.public_url", config.server.public_url);
  if (config.server.public_url.find_first_of("?#") != std::string::npos) {
    checks.problem("server.public_url", "expected an address that paths can be added to, without ? and #");
  }
  checks.url("organization.webhook_url", config.organization.webhook_url);
  checks.url("twilio.api_base_url", config.twilio.api_base_url);
  checks.url("recordings.endpoint", config.recordings.endpoint);
  for (const auto& [name, vendor] : config.providers.vendors)
    checks.url("providers." + name + ".base_url", vendor.base_url);
  if (storage::is_postgres_url(config.database.url)) {
    checks.parsed("database.url", storage::parse_postgres_url(config.database.url));
  }
  if (!config.cache.url.empty()) checks.parsed("cache.url", storage::parse_redis_url(config.cache.url));
  const auto& store = config.recordings.store;
  if (store.find("://") != std::string::npos && !storage::parse_s3_address(store)) {
    checks.problem("recordings.store", "expected a folder, or s3://bucket/prefix");
  }
}

}  // namespace

std::vector<config::Problem> check_configuration(const config::Config& config) {
  Checks checks;
  check_addresses(checks, config);
  check_vendors(checks, config);
  return checks.take();
}

}  // namespace retell::app
