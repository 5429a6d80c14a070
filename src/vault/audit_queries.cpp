#include "egide/vault/audit_queries.h"

#include "egide/audit/proof_file.h"
#include "egide/storage/log_store.h"
#include "services.h"

namespace egide::vault {
namespace {

struct Snapshot {
  ReadPool::Lease lease;
  std::string note;
  audit::Checkpoint checkpoint;
};

base::Result<Snapshot> take(Services& services) {
  EGIDE_TRY(auto lease, services.reads->lease());
  EGIDE_TRY(const auto note, storage::LogStore(*lease).newest_checkpoint());
  if (!note) return base::unavailable("The log has no checkpoint yet");
  EGIDE_TRY(auto checkpoint, audit::read_unverified_checkpoint(*note));
  return Snapshot{std::move(lease), *note, std::move(checkpoint)};
}

std::vector<base::Bytes> as_proof(const std::vector<base::Hash32>& hashes) {
  std::vector<base::Bytes> out;
  for (const auto& hash : hashes) out.push_back(base::to_bytes(base::ByteView(hash)));
  return out;
}

}  // namespace

base::Result<std::string> AuditQueries::checkpoint() const {
  const auto note = services_.committer->checkpoint();
  if (note == nullptr) return base::unavailable("The log has no checkpoint yet");
  return *note;
}

base::Result<base::Bytes> AuditQueries::tile(const audit::TileAddress& address) const {
  EGIDE_TRY(const auto snapshot, take(services_));
  const storage::LogStore log(*snapshot.lease);
  if (!address.entries) return audit::hash_tile(log, address, snapshot.checkpoint.size);
  if (!audit::tile_exists(address, snapshot.checkpoint.size)) return base::not_found("There is no such tile");
  EGIDE_TRY(const auto leaves, log.leaves(address.number * 256, static_cast<std::uint64_t>(address.width)));
  base::Bytes bundle;
  for (const auto& leaf : leaves) {
    if (leaf.empty()) return base::not_found("Entries of this bundle were pruned");
    EGIDE_TRY_VOID(audit::append_bundle_entry(bundle, base::as_bytes(leaf)));
  }
  return bundle;
}

base::Result<LogEntries> AuditQueries::entries(std::uint64_t from, int limit) const {
  if (limit < 1 || limit > kMaxEntries) return base::invalid_field("/limit", "must be between 1 and 1000");
  EGIDE_TRY(const auto snapshot, take(services_));
  LogEntries out;
  out.size = snapshot.checkpoint.size;
  if (from >= out.size) return out;
  EGIDE_TRY(auto leaves, storage::LogStore(*snapshot.lease).leaves(from, static_cast<std::uint64_t>(limit)));
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    if (!leaves[i].empty() && leaves[i].back() == '\n') leaves[i].pop_back();
    out.items.push_back({from + i, std::move(leaves[i])});
  }
  return out;
}

base::Result<std::string> AuditQueries::inclusion_proof(std::uint64_t index) const {
  EGIDE_TRY(const auto snapshot, take(services_));
  if (index >= snapshot.checkpoint.size) return base::not_found("There is no such entry");
  EGIDE_TRY(const auto hashes,
            audit::prove_inclusion(storage::LogStore(*snapshot.lease), index, snapshot.checkpoint.size));
  audit::InclusionProof proof;
  proof.index = index;
  proof.hashes = as_proof(hashes);
  proof.checkpoint = snapshot.note;
  return proof.str();
}

base::Result<std::string> AuditQueries::consistency_proof(std::uint64_t old_size) const {
  EGIDE_TRY(const auto snapshot, take(services_));
  if (old_size > snapshot.checkpoint.size) return base::invalid_field("/old", "is larger than the log");
  audit::ConsistencyProof proof;
  proof.old_size = old_size;
  proof.checkpoint = snapshot.note;
  if (old_size > 0) {
    EGIDE_TRY(const auto hashes,
              audit::prove_consistency(storage::LogStore(*snapshot.lease), old_size, snapshot.checkpoint.size));
    proof.hashes = as_proof(hashes);
  }
  return proof.str();
}

}  // namespace egide::vault
