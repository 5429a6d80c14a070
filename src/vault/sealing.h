// Sealing of business fields under a person's key: where a ciphertext stands is part of it.
#pragma once

#include <string>
#include <string_view>

#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/record.h"
#include "services.h"

namespace egide::vault {

// The place of a field: table, record (uuid text) and field name, in this vault, of this person.
struct FieldPlace {
  std::string_view table;
  std::string record;
  std::string_view field;
  int version = 1;
};

base::Bytes seal_field(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                       const FieldPlace& place, std::string_view plain);
base::Result<std::string> open_field(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                     const FieldPlace& place, base::ByteView sealed);

// The `facts` column.
std::string facts_to_text(const PersonalFacts& facts);
base::Result<PersonalFacts> facts_from_text(std::string_view text);

}  // namespace egide::vault
