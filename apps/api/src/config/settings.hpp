// Looks settings up in their sources, checks them and gathers what is wrong. Used by load() alone.
#pragma once
#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace retell::config {

class Settings {
 public:
  Settings(const toml::table& file, const Sources& sources) : file_(file), sources_(sources) {}

  void text(const std::string& key, std::string& value);
  void url(const std::string& key, std::string& value, std::string_view schemes);  // schemes: "http https"
  void flag(const std::string& key, bool& value);
  void list(const std::string& key, std::vector<std::string>& value);           // comma separated in the environment
  void map(const std::string& key, std::map<std::string, std::string>& value);  // a=b,c=d in the environment
  // Never from the file: the environment variable, or the file named by <variable>_FILE.
  void secret(const std::string& key, std::string& value);

  template <class Integer>
  void integer(const std::string& key, Integer& value, std::int64_t low, std::int64_t high) {
    if (const auto number = whole(key, low, high)) value = static_cast<Integer>(*number);
  }
  template <class Duration>
  void duration(const std::string& key, Duration& value, std::int64_t low, std::int64_t high) {
    if (const auto number = whole(key, low, high)) value = Duration(*number);
  }

  void voices(std::vector<Voice>& voices);  // [[voices]]
  void problem(const std::string& key, const std::string& message);
  [[nodiscard]] bool at_fault(const std::string& key) const { return at_fault_.contains(key); }
  void check_unknown();  // after all settings have been asked for: whatever else the file holds is a mistake

  [[nodiscard]] const std::vector<std::string>& problems() const { return problems_; }
  [[nodiscard]] const std::vector<std::string>& keys() const { return keys_; }

 private:
  [[nodiscard]] std::optional<std::string> given(const std::string& key) const;  // from outside the file
  [[nodiscard]] std::optional<std::int64_t> whole(const std::string& key, std::int64_t low, std::int64_t high);
  [[nodiscard]] toml::node_view<const toml::node> node(const std::string& key) const { return file_.at_path(key); }
  void check_unknown(const toml::table& table, const std::string& prefix);

  const toml::table& file_;
  const Sources& sources_;
  std::vector<std::string> problems_;
  std::set<std::string> at_fault_;
  std::vector<std::string> keys_;
};

// "server.port" -> RETELL_SERVER_PORT
[[nodiscard]] std::string variable_name(std::string_view key);

}  // namespace retell::config
