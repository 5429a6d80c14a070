// Verification of RFC 6962 proofs (RFC 9162, 2.1.3.2 and 2.1.4.2). Written without any type of the prover's.
//
// Refused: index >= size, surplus or missing hashes, hashes that are not 32 bytes, sizes over 2^63-1, an old size of 0
// (the checkpoint layer handles it, as tlog-witness says). At equal sizes the two roots are only compared. Each failure
// is Integrity and says which rule broke.
//
// Thread safety: free functions without state.
#pragma once

#include <cstdint>
#include <vector>

#include "egide/base/bytes.h"
#include "egide/base/result.h"

namespace egide::audit {

// Hashes as they came from outside: of any length.
base::Result<void> verify_inclusion(std::uint64_t index, std::uint64_t size, base::ByteView leaf_hash,
                                    const std::vector<base::Bytes>& proof, base::ByteView root);
base::Result<void> verify_consistency(std::uint64_t old_size, std::uint64_t size, base::ByteView old_root,
                                      base::ByteView root, const std::vector<base::Bytes>& proof);

}  // namespace egide::audit
