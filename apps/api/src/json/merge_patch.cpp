#include "json/merge_patch.hpp"

namespace retell::json {

void merge_patch(Value& target, const Value& patch, std::size_t levels) {
  if (!patch.is_object() || levels == 0) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = Object{};
  auto& object = target.get_object();
  for (const auto& member : patch.get_object()) {
    if (member.value().is_null()) {
      if (const auto it = object.find(member.key()); it != object.end()) object.stable_erase(it);
    } else {
      merge_patch(object[member.key()], member.value(), levels - 1);
    }
  }
}

}  // namespace retell::json
