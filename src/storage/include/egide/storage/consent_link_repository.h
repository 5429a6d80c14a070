// Links that ask a person, by mail, for a consent: single use, known by the hash of their token only.
// Guardians of children. Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"
#include "egide/storage/consent_repository.h"

namespace egide::storage {

struct ConsentLinkRow {
  base::Hash32 token_hash{};
  base::SubjectId subject;
  std::string purpose;
  ConsentParty party = ConsentParty::Person;
  std::optional<base::SubjectId> guardian;
  int notice_version = 1;
  std::string notice_language;
  base::Uuid ceremony;
  base::Timestamp created_at{}, expires_at{};
  std::optional<base::Timestamp> used_at;
  std::optional<base::RecordId> event;
};

class ConsentLinkRepository {
 public:
  explicit ConsentLinkRepository(Connection& connection) : connection_(connection) {}
  base::Result<void> insert(const ConsentLinkRow& row);
  base::Result<std::optional<ConsentLinkRow>> find(const base::Hash32& token_hash) const;
  // Conflict when the link was used already.
  base::Result<void> use(const base::Hash32& token_hash, base::Timestamp at, const base::RecordId& event);
  // Links made for this person, purpose and party since then: how often they were written to.
  base::Result<std::int64_t> made_since(const base::SubjectId& subject, std::string_view purpose, ConsentParty party,
                                        base::Timestamp since) const;

 private:
  Connection& connection_;
};

struct GuardianshipRow {
  base::RecordId id;
  base::SubjectId child, guardian;
  base::Timestamp since{};
  std::optional<base::Timestamp> until;
  std::string verified_by;
  std::uint64_t log_index = 0;
  base::Bytes sealed;
};

class GuardianshipRepository {
 public:
  explicit GuardianshipRepository(Connection& connection) : connection_(connection) {}
  base::Result<void> insert(const GuardianshipRow& row);
  base::Result<std::optional<GuardianshipRow>> find(const base::RecordId& id) const;
  base::Result<std::vector<GuardianshipRow>> of_child(const base::SubjectId& child) const;  // oldest first
  base::Result<void> end(const base::RecordId& id, base::Timestamp at);

 private:
  Connection& connection_;
};

}  // namespace egide::storage
