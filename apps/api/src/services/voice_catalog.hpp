// Which voices there are, and who speaks them. Filled once at start, then read by any thread.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "core/result.hpp"
#include "domain/voice.hpp"

namespace retell::services {

struct CatalogVoice {
  domain::Voice voice;
  std::string vendor;        // name in providers::Registry
  std::string vendor_voice;  // the vendor's own id
  std::string model = {};    // empty: the adapter's default
  std::string language = {};
};

class VoiceCatalog {
 public:
  // Later voices replace earlier ones of the same id.
  void add(CatalogVoice voice);
  void add_configured(const std::vector<config::Voice>& voices);

  [[nodiscard]] const std::vector<CatalogVoice>& all() const { return voices_; }
  // unprocessable for an unknown id, as the API answers.
  [[nodiscard]] core::Result<CatalogVoice> find(std::string_view voice_id) const;
  // What stands in for a voice that is gone: the first that speaks the language, else the first; null without any.
  [[nodiscard]] const CatalogVoice* stand_in(std::string_view language) const;

 private:
  std::vector<CatalogVoice> voices_;
};

}  // namespace retell::services
