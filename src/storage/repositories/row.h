// What every repository needs to move between columns and types.
#pragma once

#include <optional>
#include <string>

#include "egide/base/clock.h"
#include "egide/base/ids.h"
#include "egide/base/result.h"
#include "egide/storage/connection.h"

namespace egide::storage {

// Runs a statement that gives no rows.
inline base::Result<void> run(Statement& statement) {
  EGIDE_TRY([[maybe_unused]] const bool row, statement.step());
  return {};
}

inline std::int64_t to_millis(base::Timestamp t) { return t.time_since_epoch().count(); }
inline base::Timestamp to_time(std::int64_t millis) { return base::Timestamp(std::chrono::milliseconds(millis)); }

inline std::string text_of(const Statement& s, int column) { return std::string(s.text(column)); }
inline base::Bytes bytes_of(const Statement& s, int column) { return base::to_bytes(s.blob(column)); }

// A column that this program wrote as 16 bytes; another length means a damaged row.
inline base::Result<base::Uuid> uuid_of(const Statement& s, int column) {
  const auto uuid = base::Uuid::from_bytes(s.blob(column));
  if (!uuid) return base::integrity_violation("A stored identifier has a wrong length");
  return *uuid;
}
inline base::Result<std::optional<base::SubjectId>> optional_subject(const Statement& s, int column) {
  if (s.is_null(column)) return std::optional<base::SubjectId>();
  EGIDE_TRY(const base::Uuid uuid, uuid_of(s, column));
  return std::optional<base::SubjectId>(base::SubjectId(uuid));
}
template <std::size_t N>
base::Result<base::ByteArray<N>> array_of(const Statement& s, int column) {
  const auto array = base::to_array<N>(s.blob(column));
  if (!array) return base::integrity_violation("A stored value has a wrong length");
  return *array;
}

inline void bind_optional(Statement& s, int parameter, const std::optional<base::SubjectId>& id) {
  if (id)
    s.bind(parameter, id->bytes());
  else
    s.bind_null(parameter);
}

}  // namespace egide::storage
