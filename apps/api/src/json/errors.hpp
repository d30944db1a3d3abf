// Where a reader stands in the document, and what it found wrong there.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace retell::json {

// One member name or array index, linked to its parent on the stack: a path costs nothing until a problem is reported.
class Path {
 public:
  Path() = default;
  Path(const Path& parent, std::string_view member) : parent_(&parent), member_(member) {}
  Path(const Path& parent, std::size_t index) : parent_(&parent), index_(index) {}
  [[nodiscard]] std::string text() const;  // "general_tools[2].url"

 private:
  const Path* parent_ = nullptr;
  std::string_view member_;
  std::size_t index_ = 0;
};

struct Problem {
  std::string field;
  std::string message;
};

// All problems of one document, at most `max_problems` of them so that a hostile body cannot make a large reply.
class Problems {
 public:
  static constexpr std::size_t max_problems = 10;

  void add(const Path& where, std::string message);
  void add(std::string field, std::string message);
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] std::size_t count() const { return items_.size(); }
  [[nodiscard]] const std::vector<Problem>& items() const { return items_; }
  // One error that names every problem: "voice_id: is required; volume: must be from 0 to 2".
  [[nodiscard]] core::Error error(core::ErrorCode code = core::ErrorCode::invalid) const;

 private:
  std::vector<Problem> items_;
};

}  // namespace retell::json
