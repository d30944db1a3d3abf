// A multipart body as the published clients write it: a scalar is a text part, an object or an array one part of JSON,
// and every file a part of its own.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "api/request.hpp"
#include "json/read.hpp"
#include "json/schema.hpp"
#include "net/body_file.hpp"
#include "net/multipart.hpp"

namespace retell::api {

// Where a form takes a file. In a described form it stands for the file itself, which is read from the parts.
struct FileField {
  static json::Value json_schema() { return json::Object{{"type", "string"}, {"format", "binary"}}; }
};
BOOST_DESCRIBE_STRUCT(FileField, (), ())

class MultipartForm {
 public:
  // Of `request`, which must outlive it. Errors: invalid, too_large.
  [[nodiscard]] static core::Task<core::Result<MultipartForm>> parse(const Request& request);
  static constexpr std::size_t longest_field = std::size_t{8} << 20;  // of those that are no files, all together

  // The fields as a described T. Text becomes what T's members are: parts that hold JSON are read as such where text
  // itself does not fit. A file is an empty object in the place of a FileField.
  template <class T>
  [[nodiscard]] core::Result<T> read() const {
    T out{};
    json::Problems problems;
    const auto given = fields(json::schema<T>(), problems);
    if (problems.empty()) json::read_into(given, out, json::Path(), problems);
    if (!problems.empty()) return tl::unexpected<core::Error>(problems.error());
    return out;
  }
  [[nodiscard]] std::vector<net::Part> files(std::string_view name) const;
  // What a part of it holds, wherever the body is kept.
  [[nodiscard]] net::BodyPart content(const net::Part& part) const { return {part.content, file_}; }

 private:
  // The members of an object of this schema. A part that had to be JSON and is not is a problem.
  [[nodiscard]] json::Value fields(const json::Value& schema, json::Problems& problems) const;
  std::vector<net::Part> parts_;
  net::BodyFile* file_ = nullptr;  // where they lie, when not in memory
};

}  // namespace retell::api
