// CSV as spreadsheets export it (RFC 4180 with any one-character separator): quoted fields may hold separators, doubled
// quotes and line breaks; records end in CRLF or LF; a UTF-8 byte-order mark is skipped.
//
// Thread safety: plain values and free functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "egide/base/result.h"

namespace egide::vault {

struct CsvRecord {
  int line = 1;                     // of its first character; the header is line 1
  std::vector<std::string> fields;  // line breaks inside a field are LF
  std::string mistake;              // empty; else why it can't be read (never its content)
};

struct CsvLimits {
  std::size_t max_field = 64 << 10;
  std::size_t max_fields = 500;
};

// Every record, the unreadable ones with their mistake. InvalidRequest when a quoted field never ends: from there on
// nothing can be told apart.
base::Result<std::vector<CsvRecord>> read_csv(std::string_view text, char separator, const CsvLimits& limits = {});

}  // namespace egide::vault
