#include "egide/audit/proof_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "memory_log.h"

namespace egide::audit {
namespace {

using testing::as_proof;
using testing::example_entry;
using ::testing::HasSubstr;
using testing::key_of;
using testing::kOrigin;
using testing::MemoryLog;
using ::testing::StartsWith;
using testing::verifier_of;

MemoryLog example_log(std::uint64_t size) {
  MemoryLog log;
  for (std::uint64_t i = 0; i < size; ++i) log.append(example_entry(i));
  log.sign(key_of(7));
  return log;
}

InclusionProof example_proof(const MemoryLog& log) {
  InclusionProof proof;
  proof.extra = base::Bytes(32, std::byte{0x11});
  proof.index = 423;
  proof.hashes = as_proof(*prove_inclusion(log, 423, log.size()));
  proof.checkpoint = log.note;
  return proof;
}

bool verifies(const std::string& proof) {
  const auto entry = example_entry(423);
  return verify_proof_file(proof, base::as_bytes(entry), verifier_of(key_of(7))).has_value();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ProofFileTest, WritesTheWorkedInclusionProof) {
  const auto log = example_log(1000);
  const auto text = example_proof(log).str();
  EXPECT_THAT(text, StartsWith("c2sp.org/tlog-proof@v1\n"
                               "extra ERERERERERERERERERERERERERERERERERERERERERE=\n"
                               "index 423\n"
                               "fbXyxt+mbfDJ7O/RN/vDWd2TdRIcmW6iPIbzmmk073c=\n"));
  EXPECT_THAT(text,
              HasSubstr("\n094OMM0OjCIrnYDbK/Hj6y2mVKj+GdtBWRtpIqqMhYY=\n\negide.example.org/audit/2026\n1000\n"));
  EXPECT_TRUE(verifies(text));
}

TEST(ProofFileTest, ReadsBackWhatItWrites) {
  const auto log = example_log(1000);
  auto proof = example_proof(log);
  auto parsed = InclusionProof::parse(proof.str());
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->extra, proof.extra);
  EXPECT_EQ(parsed->index, 423u);
  EXPECT_EQ(parsed->hashes, proof.hashes);
  EXPECT_EQ(parsed->checkpoint, log.note);
  EXPECT_EQ(parsed->str(), proof.str());
  proof.extra.reset();
  parsed = InclusionProof::parse(proof.str());
  ASSERT_TRUE(parsed);
  EXPECT_FALSE(parsed->extra);
  EXPECT_TRUE(verifies(proof.str()));
}

TEST(ProofFileTest, RefusesSpoiledInclusionProofs) {
  const auto log = example_log(1000);
  const auto good = example_proof(log).str();
  ASSERT_TRUE(verifies(good));
  const std::string first = "fbXyxt+mbfDJ7O/RN/vDWd2TdRIcmW6iPIbzmmk073c=\n";
  EXPECT_FALSE(verifies(replaced(good, "@v1", "@v2")));
  EXPECT_FALSE(verifies(replaced(good, "c2sp.org/tlog-proof@v1\n", "")));
  EXPECT_FALSE(verifies(replaced(good, "index 423", "index 422")));
  EXPECT_FALSE(verifies(replaced(good, "index 423", "index 0423")));
  EXPECT_FALSE(verifies(replaced(good, "index 423", "index 1000")));
  EXPECT_FALSE(verifies(replaced(good, "index 423\n", "")));
  EXPECT_FALSE(verifies(replaced(good, "extra ER", "extra !R")));
  EXPECT_FALSE(verifies(replaced(good, first, "")));             // truncated
  EXPECT_FALSE(verifies(replaced(good, first, first + first)));  // surplus
  EXPECT_FALSE(verifies(replaced(good, first, "AAAA\n")));       // not 32 bytes
  EXPECT_FALSE(verifies(replaced(good, "\n1000\n", "\n1001\n")));
  EXPECT_FALSE(verifies(replaced(good, "\n1000\n", "\n9223372036854775808\n")));
  std::string many;
  for (int i = 0; i < 64; ++i) many += first;
  EXPECT_EQ(InclusionProof::parse(replaced(good, first, many)).error().code(), base::ErrorCode::InvalidRequest);
  for (std::size_t length = 0; length < good.size(); ++length) ASSERT_FALSE(verifies(good.substr(0, length))) << length;
}

TEST(ProofFileTest, RefusesAnotherEntryOrAnotherLog) {
  const auto log = example_log(1000);
  const auto proof = example_proof(log).str();
  const auto other = example_entry(424);
  EXPECT_FALSE(verify_proof_file(proof, base::as_bytes(other), verifier_of(key_of(7))));
  const auto entry = example_entry(423);
  EXPECT_FALSE(verify_proof_file(proof, base::as_bytes(entry), verifier_of(key_of(8))));
  EXPECT_FALSE(verify_proof_file(proof, base::as_bytes(entry), verifier_of(key_of(7), "other.example.org")));
}

// `extra` is carried, not proven: the holder opens the commitment with it, and a wrong value then fails there.
TEST(ProofFileTest, DoesNotAuthenticateTheExtraLine) {
  const auto log = example_log(1000);
  EXPECT_TRUE(verifies(replaced(example_proof(log).str(), "extra ERER", "extra AAAA")));
}

TEST(ConsistencyFileTest, WritesAndVerifiesTheWorkedProof) {
  const auto old = example_log(700);
  const auto log = example_log(1000);
  ConsistencyProof proof{700, as_proof(*prove_consistency(log, 700, 1000)), log.note};
  const auto text = proof.str();
  EXPECT_THAT(text, StartsWith("old 700\nMxz8UPdjTjHZvDP/N77OJtgGnoUP9aBytr6lm4x2Xl4=\n"));
  EXPECT_THAT(text,
              HasSubstr("\noEbK3J5a5WLgKY/x5khjDedGDQu7azxw2wfnAljlqjU=\n\negide.example.org/audit/2026\n1000\n"));
  const auto parsed = ConsistencyProof::parse(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->str(), text);
  const auto verified = verify_consistency_file(text, old.note, verifier_of(key_of(7)));
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_EQ(verified->size, 1000u);
}

TEST(ConsistencyFileTest, TakesTheEmptyOldTreeWithoutHashes) {
  const auto empty = example_log(0);
  const auto log = example_log(3);
  const auto key = verifier_of(key_of(7));
  EXPECT_TRUE(verify_consistency_file(ConsistencyProof{0, {}, log.note}.str(), empty.note, key));
  EXPECT_FALSE(verify_consistency_file(ConsistencyProof{0, {base::Bytes(32)}, log.note}.str(), empty.note, key));
}

TEST(ConsistencyFileTest, RefusesForksRollbacksAndForeignProofs) {
  const auto key = verifier_of(key_of(7));
  const auto log = example_log(1000);
  const auto old = example_log(700);
  const auto good = ConsistencyProof{700, as_proof(*prove_consistency(log, 700, 1000)), log.note};
  MemoryLog fork;  // differs in one early entry
  for (std::uint64_t i = 0; i < 1000; ++i) fork.append(example_entry(i == 13 ? 14 : i));
  fork.sign(key_of(7));
  const auto forked = ConsistencyProof{700, as_proof(*prove_consistency(fork, 700, 1000)), fork.note};
  EXPECT_FALSE(verify_consistency_file(forked.str(), old.note, key));
  // Two roots at one size.
  EXPECT_FALSE(verify_consistency_file(ConsistencyProof{1000, {}, fork.note}.str(), log.note, key));
  EXPECT_TRUE(verify_consistency_file(ConsistencyProof{1000, {}, log.note}.str(), log.note, key));
  // The newer log is the shorter one.
  EXPECT_FALSE(verify_consistency_file(ConsistencyProof{1000, good.hashes, old.note}.str(), log.note, key));
  // The proof is from another size than the checkpoint kept.
  EXPECT_FALSE(verify_consistency_file(good.str(), example_log(699).note, key));
  auto cut = good;
  cut.hashes.pop_back();
  EXPECT_FALSE(verify_consistency_file(cut.str(), old.note, key));
  EXPECT_FALSE(verify_consistency_file(replaced(good.str(), "old 700", "new 700"), old.note, key));
}

}  // namespace
}  // namespace egide::audit
