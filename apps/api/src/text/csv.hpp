// Comma-separated values (RFC 4180): quotes, quoted line breaks, \n or \r\n, a byte-order mark at the start. Pure.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace retell::text {

using CsvRow = std::vector<std::string>;

// Lines that are empty are left out. A quote that never ends takes the rest of the text. `most`: rows read at most.
[[nodiscard]] std::vector<CsvRow> parse_csv(std::string_view text, std::size_t most);

}  // namespace retell::text
