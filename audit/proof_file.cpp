#include "egide/audit/proof_file.h"

#include "egide/audit/verify.h"
#include "egide/crypto/hash.h"
#include "note_lines.h"

namespace egide::audit {
namespace {

using base::invalid_request;
using base::Result;

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1\n";
constexpr std::size_t kMaxHashes = 63;
constexpr std::size_t kMaxExtra = 65536;  // base64 characters

class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  bool take(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  Result<std::string_view> line() {
    const auto end = rest_.find('\n');
    if (end == std::string_view::npos) return invalid_request("The proof file is cut");
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  Result<std::uint64_t> number() {
    EGIDE_TRY(const auto text, line());
    const auto value = parse_decimal(text);
    if (!value) return invalid_request("The proof file has an index or size that is not a number below 2^63");
    return *value;
  }
  // The hashes, up to and with the empty line.
  Result<std::vector<base::Bytes>> hashes() {
    std::vector<base::Bytes> out;
    for (;;) {
      EGIDE_TRY(const auto text, line());
      if (text.empty()) return out;
      if (out.size() == kMaxHashes) return invalid_request("The proof file has more than 63 hashes");
      auto hash = base::from_base64(text);
      if (!hash || hash->size() != 32) return invalid_request("A hash of the proof file is not base64 of 32 bytes");
      out.push_back(std::move(*hash));
    }
  }
  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

void append_hashes(std::string& out, const std::vector<base::Bytes>& hashes) {
  for (const auto& hash : hashes) {
    base::append_base64(out, hash);
    out.push_back('\n');
  }
  out.push_back('\n');
}

}  // namespace

std::string InclusionProof::str() const {
  std::string out(kHeader);
  if (extra) {
    out.append("extra ");
    base::append_base64(out, *extra);
    out.push_back('\n');
  }
  out.append("index ").append(std::to_string(index)).push_back('\n');
  append_hashes(out, hashes);
  return out.append(checkpoint);
}

Result<InclusionProof> InclusionProof::parse(std::string_view text) {
  Lines in(text);
  if (!in.take(kHeader)) return invalid_request("The file does not begin with c2sp.org/tlog-proof@v1");
  InclusionProof out;
  if (in.take("extra ")) {
    EGIDE_TRY(const auto line, in.line());
    if (line.size() > kMaxExtra) return invalid_request("The extra line of the proof file is too long");
    out.extra = base::from_base64(line);
    if (!out.extra) return invalid_request("The extra line of the proof file is not base64");
  }
  if (!in.take("index ")) return invalid_request("The proof file has no index line");
  EGIDE_TRY(out.index, in.number());
  EGIDE_TRY(out.hashes, in.hashes());
  out.checkpoint = in.rest();
  return out;
}

std::string ConsistencyProof::str() const {
  std::string out = "old " + std::to_string(old_size) + "\n";
  append_hashes(out, hashes);
  return out.append(checkpoint);
}

Result<ConsistencyProof> ConsistencyProof::parse(std::string_view text) {
  Lines in(text);
  if (!in.take("old ")) return invalid_request("The proof does not begin with the old size");
  ConsistencyProof out;
  EGIDE_TRY(out.old_size, in.number());
  EGIDE_TRY(out.hashes, in.hashes());
  out.checkpoint = in.rest();
  return out;
}

Result<Checkpoint> verify_proof_file(std::string_view proof, base::ByteView entry, const VerifierKey& trusted) {
  EGIDE_TRY(const auto parsed, InclusionProof::parse(proof));
  EGIDE_TRY(auto checkpoint, open_checkpoint(parsed.checkpoint, trusted));
  constexpr std::byte kLeafPrefix[1] = {std::byte{0}};
  const auto leaf = crypto::sha256({kLeafPrefix, entry});
  EGIDE_TRY_VOID(verify_inclusion(parsed.index, checkpoint.size, leaf, parsed.hashes, checkpoint.root));
  return checkpoint;
}

Result<Checkpoint> verify_consistency_file(std::string_view proof, std::string_view old_checkpoint,
                                           const VerifierKey& trusted) {
  EGIDE_TRY(const auto parsed, ConsistencyProof::parse(proof));
  EGIDE_TRY(auto checkpoint, open_checkpoint(parsed.checkpoint, trusted));
  EGIDE_TRY(const auto old, open_checkpoint(old_checkpoint, trusted));
  if (parsed.old_size != old.size)
    return base::integrity_violation("The proof starts from size " + std::to_string(parsed.old_size) +
                                     ", the old checkpoint has size " + std::to_string(old.size));
  if (old.size == 0) {
    // RFC 6962 has no proof from an empty tree; tlog-witness: consistent, with no hash.
    if (!parsed.hashes.empty()) return base::integrity_violation("The consistency proof has surplus hashes");
    return checkpoint;
  }
  EGIDE_TRY_VOID(verify_consistency(old.size, checkpoint.size, old.root, checkpoint.root, parsed.hashes));
  return checkpoint;
}

}  // namespace egide::audit
