// CSV files and import maps of an organisation: lines only rise, limits hold, nothing crashes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "egide/vault/csv.h"
#include "egide/vault/import_people.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto records = egide::vault::read_csv(text, ';')) {
    int line = 0;
    for (const auto& record : *records) {
      require(record.line > line);
      line = record.line;
      require(!record.fields.empty());
    }
  }
  if (const auto map = egide::vault::parse_import_map(text)) require(!map->columns.empty());
  return 0;
}
