// ImportPeople: people and consents from a CSV file, by a map that says what each column is
// (docs/formats/import-map.md). All or nothing, and the same file twice changes nothing.
//
// Thread safety: one import at a time; the use case may run while others do.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/base/result.h"
#include "egide/vault/caller.h"

namespace egide::vault {

class Services;

// What one column of the file is.
struct ImportColumn {
  enum class Use { Attribute, Fact, Consent, Ignore };
  enum class Type { Text, Email, Phone, Date, List, Choice };
  std::string name;
  Use use = Use::Ignore;
  Type type = Type::Text;
  std::string category;                       // Attribute: fideslang key
  std::string fact;                           // Fact: "last_contact" or "left"
  std::string purpose;                        // Consent
  std::string date_format;                    // "dd/mm/yyyy" or "yyyy-mm-dd"
  std::string separator = ",";                // List
  std::vector<std::string> yes, no;           // Consent
  std::vector<std::string> unknown;           // values that mean "not known", besides empty
  std::map<std::string, std::string> values;  // Choice: file's word -> stored word
  bool required = false;
  std::string reason;  // Ignore: why it is left out
};

struct ImportMap {
  char separator = ';';
  std::string locale = "fr";
  std::string reference_column, email_column;
  std::vector<ImportColumn> columns;
};
// InvalidRequest with line, field and reason of each mistake.
base::Result<ImportMap> parse_import_map(std::string_view json_text);

enum class RowResult { Accepted, Updated, Unchanged, Merged, Refused };
std::string_view name_of(RowResult result) noexcept;

struct RowReport {
  int line = 0;
  RowResult result = RowResult::Refused;
  std::vector<std::string> reasons;  // column names and rules, never values
};

struct ImportReport {
  bool dry_run = false;
  std::string file_sha256;
  std::vector<RowReport> rows;  // in the order of the file
  std::size_t accepted = 0, updated = 0, unchanged = 0, merged = 0, refused = 0;
  std::size_t consents_given = 0, consents_refused = 0, consents_withdrawn = 0;
};

class ImportPeople {
 public:
  explicit ImportPeople(Services& services) : services_(services) {}

  using Progress = std::function<void(std::size_t done, std::size_t total)>;
  // `file`: the bytes of the CSV file. Refused rows are reported and left out; a file that can't be read, or whose
  // columns differ from the map's, is InvalidRequest and nothing happens. A dry run reports the same and writes
  // nothing.
  base::Result<ImportReport> execute(const Caller& caller, std::string_view file, const ImportMap& map, bool dry_run,
                                     const Progress& progress = nullptr);

 private:
  Services& services_;
};

}  // namespace egide::vault
