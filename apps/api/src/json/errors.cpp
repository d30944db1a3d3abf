#include "json/errors.hpp"

namespace retell::json {

std::string Path::text() const {
  if (parent_ == nullptr) return {};
  auto text = parent_->text();
  if (member_.data() == nullptr) return text + "[" + std::to_string(index_) + "]";
  if (!text.empty()) text.push_back('.');
  return text.append(member_);
}

void Problems::add(const Path& where, std::string message) {
  if (items_.size() < max_problems) add(where.text(), std::move(message));
}

void Problems::add(std::string field, std::string message) {
  if (items_.size() < max_problems) items_.push_back({std::move(field), std::move(message)});
}

core::Error Problems::error(core::ErrorCode code) const {
  core::Error error{code, {}, items_.empty() ? std::string() : items_.front().field};
  for (const auto& item : items_) {
    if (!error.message.empty()) error.message += "; ";
    error.message += item.field.empty() ? item.message : item.field + ": " + item.message;
  }
  return error;
}

}  // namespace retell::json
