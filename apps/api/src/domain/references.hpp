// What settings name that lies elsewhere in their workspace. Plain values.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "json/value.hpp"

namespace retell::domain {

// Whether they exist is for the one who keeps them to say.
struct References {
  using Names = std::vector<std::pair<std::string, std::string>>;  // path of the field, id
  Names shared_components = {};
  Names knowledge_bases = {};
  Names agents = {};
};

// Those under the members that a partial update names: what it leaves as it is may have lost something since.
[[nodiscard]] References named_by(const json::Value& update, References references);

void add_names(References::Names& names, const std::string& where, const std::vector<std::string>& ids);

}  // namespace retell::domain
