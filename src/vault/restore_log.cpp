#include "egide/audit/log_verifier.h"
#include "egide/storage/log_store.h"
#include "restore_parts.h"

namespace egide::vault {
namespace {

base::Error precondition(std::string message) { return base::Error(base::ErrorCode::Precondition, std::move(message)); }

// Pins of more entries than the log has can only be compared once the tail is there.
struct SortedPins {
  std::vector<std::string> older;
  std::uint64_t newest = 0;  // entries
};
base::Result<SortedPins> sort_pins(const std::vector<std::string>& pins, std::uint64_t size) {
  SortedPins out;
  for (const auto& note : pins) {
    EGIDE_TRY(const auto pin, audit::read_unverified_checkpoint(note));
    out.newest = std::max(out.newest, pin.size);
    if (pin.size <= size) out.older.push_back(note);
  }
  return out;
}

base::Result<audit::VerifiedLog> verify(storage::Connection& connection, const audit::VerifierKey& trusted,
                                        std::vector<std::string> older) {
  audit::VerifyOptions options;
  options.older_checkpoints = std::move(older);
  storage::StoredLogSource source(connection);
  return audit::verify_log(source, trusted, options);
}

base::Result<void> append(storage::Connection& connection, const LogTail& tail, const base::Hash32& root) {
  storage::LogStore log(connection);
  EGIDE_TRY(auto hashes, log.read_nodes(audit::frontier_indexes(tail.first)));
  EGIDE_TRY(auto frontier, audit::Frontier::restore(tail.first, std::move(hashes)));
  base::Result<void> stored;
  for (std::size_t i = 0; i < tail.leaves.size(); ++i) {
    const auto leaf = base::as_bytes(tail.leaves[i]);
    EGIDE_TRY_VOID(log.insert_leaf(tail.first + i, leaf));
    frontier.append(audit::leaf_hash(leaf), [&](std::uint64_t index, const base::Hash32& hash) {
      if (stored) stored = log.insert_node(index, hash);
    });
    EGIDE_TRY_VOID(stored);
  }
  if (frontier.root() != root)
    return base::integrity_violation("The log tail does not continue this backup: its signed root is another");
  return log.insert_checkpoint(tail.end(), tail.checkpoint);
}

base::Result<void> append_in_transaction(storage::Connection& connection, const LogTail& tail) {
  EGIDE_TRY(const auto checkpoint, audit::read_unverified_checkpoint(tail.checkpoint));
  if (checkpoint.size != tail.end())
    return base::integrity_violation("The log tail does not hold every entry that its checkpoint signs");
  EGIDE_TRY_VOID(connection.begin_write());
  auto appended = append(connection, tail, checkpoint.root);
  if (appended) appended = connection.commit();
  if (!appended) connection.rollback();
  return appended;
}

}  // namespace

base::Result<void> restore_log(const Services& services, storage::Connection& connection,
                               const std::optional<LogTail>& tail, const std::vector<std::string>& pins,
                               bool accept_missing_tail, RestoreReport& report) {
  EGIDE_TRY(const auto trusted, audit::VerifierKey::parse(services.verifier_key));
  std::vector<std::string> known = pins;
  if (tail) {
    if (tail->origin != services.origin)
      return base::integrity_violation("The log tail is of another log than this backup's");
    known.push_back(tail->checkpoint);
    known.insert(known.end(), tail->hand_overs.begin(), tail->hand_overs.end());
  }
  const storage::LogStore log(connection);
  EGIDE_TRY(report.backup_size, log.size());
  EGIDE_TRY(auto sorted, sort_pins(known, report.backup_size));
  EGIDE_TRY_VOID(verify(connection, trusted, sorted.older));
  const std::string ends = "The backup ends at log entry " + std::to_string(report.backup_size);
  if (!tail && sorted.newest < report.backup_size && !accept_missing_tail)
    return precondition(ends +
                        ", and nothing tells whether erasures came after it: give the log's tail (--log-tail or "
                        "--mirror), or say --without-tail and answer for what was erased since");
  if (tail && !tail->leaves.empty()) {
    EGIDE_TRY_VOID(append_in_transaction(connection, *tail));
    report.tail_entries = tail->leaves.size();
  }
  report.log_size = report.backup_size + report.tail_entries;
  if (sorted.newest > report.log_size)
    return precondition(ends + (tail ? ", the tail at " + std::to_string(report.log_size) : std::string()) +
                        ", a pinned checkpoint has " + std::to_string(sorted.newest) +
                        ": give the log's tail up to there. Sealed for restore");
  EGIDE_TRY_VOID(verify(connection, trusted, std::move(known)));
  return {};
}

}  // namespace egide::vault
