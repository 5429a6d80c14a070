// People: keys, attributes, blind indexes, objections. Values here are ciphertext; this module can't open them.
//
// Thread safety: as the Connection given. Reads see the connection's transaction.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/crypto/epoch_keys.h"
#include "egide/storage/connection.h"

namespace egide::storage {

enum class SubjectStatus { Living = 1, Erased = 2 };

struct SubjectRow {
  base::SubjectId id;
  SubjectStatus status = SubjectStatus::Living;
  std::string locale;
  base::Timestamp created_at{};
  std::int64_t version = 1;
  bool restricted = false;
  crypto::WrappedSubjectKeys keys;  // empty for a tombstone
  base::Bytes facts;                // sealed
};

struct AttributeRow {
  std::string category;
  std::int64_t version = 1;
  base::Timestamp updated_at{};
  std::string source;  // "api", "import", "person"
  base::Bytes sealed;
};

class SubjectRepository {
 public:
  explicit SubjectRepository(Connection& connection) : connection_(connection) {}

  base::Result<void> insert(const SubjectRow& row);
  base::Result<std::optional<SubjectRow>> find(const base::SubjectId& id) const;
  // Conflict when the version is no longer `expected`; writes expected + 1.
  base::Result<void> update_facts(const base::SubjectId& id, std::int64_t expected, base::ByteView facts);
  base::Result<void> set_restricted(const base::SubjectId& id, bool restricted);
  base::Result<void> set_keys(const base::SubjectId& id, const crypto::WrappedSubjectKeys& keys);
  base::Result<void> for_each(const std::function<base::Result<void>(SubjectRow&&)>& row) const;  // in order of id
  base::Result<std::int64_t> count_living() const;

  base::Result<void> put_attribute(const base::SubjectId& id, const AttributeRow& row);
  base::Result<void> remove_attribute(const base::SubjectId& id, std::string_view category);
  base::Result<std::vector<AttributeRow>> attributes(const base::SubjectId& id) const;

  // `value` as crypto::BlindIndex gives it.
  base::Result<void> put_index(std::string_view field, base::ByteView value, const base::SubjectId& id);
  base::Result<void> remove_index(std::string_view field, const base::SubjectId& id);
  base::Result<std::vector<base::SubjectId>> find_by_index(std::string_view field, base::ByteView value) const;

  base::Result<void> put_objection(const base::SubjectId& id, std::string_view purpose, base::Timestamp since);
  base::Result<void> remove_objection(const base::SubjectId& id, std::string_view purpose);
  base::Result<void> for_each_objection(
      const std::function<void(const base::SubjectId&, std::string_view purpose)>& row) const;

  // Article 17: removes both keys, the facts, attributes, indexes, objections, consent events, packages and stored
  // answers, and takes the person out of requests; leaves a tombstone (id, status, created_at). The number of rows
  // removed or changed. Log details and decisions are reached through the person's chain of entries by the caller.
  base::Result<std::int64_t> erase(const base::SubjectId& id);

 private:
  Connection& connection_;
};

}  // namespace egide::storage
