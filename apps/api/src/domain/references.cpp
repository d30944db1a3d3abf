#include "domain/references.hpp"

namespace retell::domain {

References named_by(const json::Value& update, References references) {
  const auto* members = update.if_object();
  const auto untouched = [members](const auto& name) {
    const auto member = name.first.substr(0, name.first.find_first_of(".["));
    return members == nullptr || !members->contains(member);
  };
  std::erase_if(references.shared_components, untouched);
  std::erase_if(references.knowledge_bases, untouched);
  std::erase_if(references.agents, untouched);
  return references;
}

void add_names(References::Names& names, const std::string& where, const std::vector<std::string>& ids) {
  for (std::size_t i = 0; i < ids.size(); ++i) names.emplace_back(where + "[" + std::to_string(i) + "]", ids[i]);
}

}  // namespace retell::domain
