// Proofs as files: inclusion (c2sp.org/tlog-proof@v1, commit 5ba5ee8) and consistency (the body of tlog-witness
// add-checkpoint). parse: InvalidRequest on a wrong form; what is of the right form and does not verify is Integrity.
//
// Thread safety: plain values and free functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "egide/audit/note.h"
#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::audit {

struct InclusionProof {
  std::optional<base::Bytes> extra;  // not authenticated; egide puts r32 here, so that the holder can open `cm`
  std::uint64_t index = 0;
  std::vector<base::Bytes> hashes;   // leaf's sibling first
  std::string checkpoint;            // verbatim
  std::string str() const;
  static base::Result<InclusionProof> parse(std::string_view text);
};

struct ConsistencyProof {
  std::uint64_t old_size = 0;
  std::vector<base::Bytes> hashes;  // at most 63
  std::string checkpoint;
  std::string str() const;
  static base::Result<ConsistencyProof> parse(std::string_view text);
};

// One entry against one proof file and one trusted key; the checkpoint it was proven against.
base::Result<Checkpoint> verify_proof_file(std::string_view proof, base::ByteView entry, const VerifierKey& trusted);
// Whether the proof's checkpoint extends `old_checkpoint`, a note kept from before; both are signed by `trusted`. An old
// checkpoint of size 0 is consistent with everything, by a proof without hashes. The newer checkpoint.
base::Result<Checkpoint> verify_consistency_file(std::string_view proof, std::string_view old_checkpoint,
                                                 const VerifierKey& trusted);

}  // namespace egide::audit
