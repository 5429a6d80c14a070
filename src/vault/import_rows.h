// From rows of a file to people: values converted by the map, rows of one person merged.
#pragma once

#include <string>
#include <vector>

#include "egide/vault/csv.h"
#include "egide/vault/import_people.h"
#include "egide/vault/subjects.h"
#include "projection.h"

namespace egide::vault {

enum class Answer { None, Yes, No };

struct ImportedConsent {
  std::string purpose;
  Answer answer = Answer::None;
  int line = 0;  // of the row that decides
  std::string column;
};

// One person of the file: the first row, and what later rows of the same person add.
struct ImportedPerson {
  std::size_t report = 0;  // position of the first row's report
  std::vector<std::size_t> merged_reports;
  Attributes attributes;  // the reference is a list once rows were merged
  PersonalFacts facts;
  std::string email;  // normalised; empty: none
  std::vector<std::string> references;
  std::vector<ImportedConsent> consents;
};

struct ImportedFile {
  std::vector<ImportedPerson> people;
  std::vector<RowReport> rows;  // refused and merged rows have their reasons; the others are decided later
};

// InvalidRequest when the header differs from the map.
base::Result<ImportedFile> read_people(std::string_view file, const ImportMap& map, base::Timestamp now);

}  // namespace egide::vault
