// Consent events (append-only) and notice versions. Thread safety: as the Connection given.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

enum class ConsentParty { Person = 1, Guardian = 2 };

struct ConsentEventRow {
  base::RecordId id;
  base::SubjectId subject;
  std::string purpose;
  ConsentParty party = ConsentParty::Person;
  std::int64_t sequence = 1;
  std::string type;  // "given", "refused", "withdrawn", ...
  base::Timestamp at{}, recorded_at{};
  std::string channel;
  int notice_version = 0;
  std::string notice_language;
  base::Bytes notice_hash;
  std::optional<base::Timestamp> valid_until;
  std::optional<base::Uuid> ceremony;
  std::uint64_t log_index = 0;
  base::Bytes sealed;
};

struct NoticeRow {
  std::string purpose;
  int version = 1;
  std::map<std::string, std::string> texts;  // by language
  std::string summary;
  bool material = false;
  int oldest_acceptable = 1;
  base::Timestamp issued_at{};
};

class ConsentRepository {
 public:
  explicit ConsentRepository(Connection& connection) : connection_(connection) {}

  // Conflict when an event with this sequence stands already for subject, purpose and party.
  base::Result<void> append(const ConsentEventRow& row);
  base::Result<std::optional<ConsentEventRow>> find(const base::RecordId& id) const;
  base::Result<std::vector<ConsentEventRow>> of_subject(
      const base::SubjectId& id) const;  // by purpose, party, sequence
  // Every event without its sealed part, grouped by subject and in the order of its chain: for building projections.
  base::Result<void> for_each(const std::function<void(const ConsentEventRow&)>& row) const;

  base::Result<void> insert_notice(const NoticeRow& row);
  base::Result<std::vector<NoticeRow>> notices(std::string_view purpose) const;  // by version
  base::Result<std::vector<NoticeRow>> all_notices() const;

 private:
  Connection& connection_;
};

}  // namespace egide::storage
