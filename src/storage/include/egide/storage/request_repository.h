// Rights requests, their transitions and packages. Thread safety: as the Connection given.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/base/time.h"
#include "egide/storage/connection.h"

namespace egide::storage {

struct RequestRow {
  base::RecordId id;
  std::string type, state, channel, language;
  std::optional<base::SubjectId> subject;
  base::Timestamp received_at{}, recorded_at{};
  base::Date due{}, legal_due{};  // after and before rolling to a working day
  std::int64_t version = 1;
  std::uint64_t log_index = 0;
  std::optional<std::uint64_t> receipt_index;  // the erasure's log entry
  base::Bytes sealed;
};

struct TransitionRow {
  base::RecordId request;
  int number = 1;
  std::string from, to;
  base::Timestamp at{};
  base::ByteArray<16> actor{};
  std::string ground;
  std::uint64_t log_index = 0;
};

struct PackageRow {
  base::RecordId request;
  base::SubjectId subject;
  base::Timestamp created_at{};
  base::Bytes sha256;
  base::Bytes sealed;
};

struct RequestFilter {
  std::optional<base::SubjectId> subject;
  std::string state, type;
  std::optional<std::pair<base::Timestamp, base::RecordId>> after;  // (received_at, id)
  int limit = 50;
};

struct StateCount {
  std::string state;
  std::int64_t requests = 0;
  base::Date earliest_due{};
};

class RequestRepository {
 public:
  explicit RequestRepository(Connection& connection) : connection_(connection) {}

  base::Result<void> insert(const RequestRow& row);
  base::Result<std::optional<RequestRow>> find(const base::RecordId& id) const;
  base::Result<std::vector<RequestRow>> list(const RequestFilter& filter) const;
  base::Result<std::vector<StateCount>> count_by_state() const;
  // Precondition when the version is no longer `expected`; writes expected + 1.
  base::Result<void> move(const base::RecordId& id, std::int64_t expected, std::string_view state,
                          std::optional<std::uint64_t> receipt_index);
  base::Result<void> append_transition(const TransitionRow& row);
  base::Result<std::vector<TransitionRow>> transitions(const base::RecordId& id) const;
  base::Result<void> put_package(const PackageRow& row);
  base::Result<std::optional<PackageRow>> package(const base::RecordId& request) const;

 private:
  Connection& connection_;
};

}  // namespace egide::storage
