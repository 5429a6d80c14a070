// Everything of a new person, made ready on the caller's thread: keys, sealed attributes, index values, state. Shared
// by registration and import.
#pragma once

#include <string>
#include <vector>

#include "egide/crypto/secret.h"
#include "egide/storage/subject_repository.h"
#include "egide/vault/subjects.h"
#include "services.h"

namespace egide::vault {

struct IndexValue {
  std::string field;  // "email", "reference"
  base::Bytes value;
};

struct NewSubject {
  storage::SubjectRow row;
  std::vector<storage::AttributeRow> attributes;
  std::vector<IndexValue> indexes;
  SubjectStatePtr state;
};

// `attributes` have passed check_attributes. `facts`' birth date is taken from them.
base::Result<NewSubject> make_subject(const Services& services, const Attributes& attributes, PersonalFacts facts,
                                      const std::string& locale, const std::string& source, base::Timestamp now);
// On the committer's thread. Conflict when a living person has the e-mail or reference.
base::Result<void> insert_subject(storage::Connection& connection, const NewSubject& subject);

// Takes the facts that stand in the changed attributes (birth date, département); the others stay.
void take_facts(const Attributes& changes, PersonalFacts& facts);
// Index values of the attributes that are looked up.
base::Result<std::vector<IndexValue>> index_values(const Services& services, const Attributes& attributes);
base::Result<base::Bytes> index_value(const Services& services, std::string_view field, std::string_view text);
// On the committer's thread: rewrites the index values of the attributes that `changes` names. Conflict when another
// person has one.
base::Result<void> update_indexes(const Services& services, storage::SubjectRepository& people,
                                  const base::SubjectId& id, const Attributes& changes);
// One attribute sealed at its place.
storage::AttributeRow seal_attribute(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                     const std::string& category, const std::string& value_json, std::int64_t version,
                                     const std::string& source, base::Timestamp now);
base::Result<Attributes> open_attributes(const Services& services, base::ByteView dek, const base::SubjectId& subject,
                                         const std::vector<storage::AttributeRow>& rows);

}  // namespace egide::vault
