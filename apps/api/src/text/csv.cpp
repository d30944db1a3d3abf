#include "text/csv.hpp"

namespace retell::text {

std::vector<CsvRow> parse_csv(std::string_view text, std::size_t most) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (text.starts_with(mark)) text.remove_prefix(mark.size());
  std::vector<CsvRow> rows;
  CsvRow row;
  std::string field;
  bool quoted = false;
  bool anything = false;  // on this line
  const auto end_row = [&] {
    if (anything) {
      row.push_back(std::move(field));
      rows.push_back(std::move(row));
    }
    field.clear();
    row.clear();
    anything = false;
  };
  for (std::size_t i = 0; i < text.size() && rows.size() < most; ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"')
        field.push_back(c);
      else if (i + 1 < text.size() && text[i + 1] == '"')
        field.push_back(text[++i]);
      else
        quoted = false;
    } else if (c == '\n') {
      end_row();
    } else if (c == '\r' && (i + 1 == text.size() || text[i + 1] == '\n')) {
      continue;
    } else if (c == '"' && field.empty()) {
      quoted = anything = true;
    } else if (c == ',') {
      row.push_back(std::move(field));
      field.clear();
      anything = true;
    } else {
      field.push_back(c);
      anything = true;
    }
  }
  if (rows.size() < most) end_row();
  return rows;
}

}  // namespace retell::text
