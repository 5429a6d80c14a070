// The transparency log over HTTP: what an auditor or a witness fetches verifies with the verifier's key alone.
#include "egide/audit/log_verifier.h"
#include "egide/audit/proof_file.h"
#include "egide/audit/tile.h"
#include "world.h"

namespace egide::testing {
namespace {

class AuditLogTest : public WorldTest {
 protected:
  audit::VerifierKey key = *audit::VerifierKey::parse(world.verifier_key());
  std::string person = world.register_person("canary@example.org");

  audit::Checkpoint checkpoint() {
    const Reply reply = world.nobody->get("/log/checkpoint");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-type"), "text/plain; charset=utf-8");
    return *audit::open_checkpoint(reply.body, key);
  }
};

TEST_F(AuditLogTest, ProvesEveryEntryAgainstTheNewestCheckpoint) {
  const Json list = world.auditor->get("/v1/audit/entries?limit=1000").json();
  ASSERT_EQ(list.at("size"), checkpoint().size);
  for (const auto& item : list.at("items")) {
    const auto path = "/v1/audit/entries/" + item.at("index").dump();
    const auto leaf = item.at("leaf").get<std::string>();
    EXPECT_EQ(world.auditor->get(path).body, leaf);
    EXPECT_EQ(Json::parse(leaf), item.at("entry"));
    const Reply proof = world.matcher->get(path + "/proof");
    ASSERT_EQ(proof.status, 200);
    const auto verified = audit::verify_proof_file(proof.body, base::as_bytes(leaf), key);
    EXPECT_TRUE(verified) << path;
    std::string other = leaf;
    other[other.size() / 2] ^= 1;
    EXPECT_FALSE(audit::verify_proof_file(proof.body, base::as_bytes(other), key));
  }
}

TEST_F(AuditLogTest, ProvesThatTheLogOnlyGrew) {
  const auto old = world.nobody->get("/log/checkpoint").body;
  const auto old_size = checkpoint().size;
  world.evaluate(*world.matcher, "matcher", person, kMatching);
  const Reply proof = world.nobody->get("/v1/audit/consistency?old=" + std::to_string(old_size));
  ASSERT_EQ(proof.status, 200) << proof.body;
  const auto verified = audit::verify_consistency_file(proof.body, old, key);
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_GT(verified->size, old_size);
  EXPECT_EQ(world.nobody->get("/v1/audit/consistency?old=0").status, 200);
  for (const char* query : {"", "?old=", "?old=x", "?old=-1", "?old=99999999", "?new=1", "?old=1&x=2"}) {
    const Reply refused = world.nobody->get(std::string("/v1/audit/consistency") + query);
    EXPECT_EQ(refused.status, 400) << query;
    EXPECT_FALSE(refused.code().empty());
  }
}

TEST_F(AuditLogTest, ServesTilesThatGiveTheSignedRoot) {
  const auto signed_now = checkpoint();
  ASSERT_LT(signed_now.size, 256U);
  const std::string width = ".p/" + std::to_string(signed_now.size);
  const Reply hashes = world.nobody->get("/log/tile/0/000" + width);
  ASSERT_EQ(hashes.status, 200) << hashes.body;
  EXPECT_EQ(hashes.header("content-type"), "application/octet-stream");
  EXPECT_NE(hashes.header("cache-control").find("immutable"), std::string::npos);
  ASSERT_EQ(hashes.body.size(), signed_now.size * 32);
  const Reply entries = world.auditor->get("/log/tile/entries/000" + width);
  ASSERT_EQ(entries.status, 200);
  const auto bundle = audit::read_bundle(base::as_bytes(entries.body));
  ASSERT_TRUE(bundle);
  audit::Frontier frontier;
  for (std::size_t i = 0; i < bundle->size(); ++i) {
    const auto hash = audit::leaf_hash(base::as_bytes((*bundle)[i]));
    EXPECT_EQ(base::as_text(hash), std::string_view(hashes.body).substr(i * 32, 32));
    frontier.append(hash, [](std::uint64_t, const base::Hash32&) {});
  }
  EXPECT_EQ(frontier.root(), signed_now.root);
}

TEST_F(AuditLogTest, HasNoTileThatIsNotThere) {
  for (const char* path : {"0/001", "0/000", "9/000.p/1", "x/000.p/1", "0/0.p/1", "0/000.p/0", "0/000.p/256",
                           "0/x001/000", "1/000.p/1", "entries2/000", "0/000.p/1/2"}) {
    const Reply reply = world.auditor->get(std::string("/log/tile/") + path);
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_EQ(reply.code(), "not_found") << path;
  }
}

TEST_F(AuditLogTest, ListsEntriesInPages) {
  const auto size = checkpoint().size;
  std::string path = "/v1/audit/entries?limit=4";
  std::uint64_t next = 0;
  for (;;) {
    const Json page = world.auditor->get(path).json();
    for (const auto& item : page.at("items")) EXPECT_EQ(item.at("index"), next++);
    if (!page.contains("next_cursor")) break;
    path = "/v1/audit/entries?limit=4&cursor=" + page.at("next_cursor").get<std::string>();
  }
  EXPECT_EQ(next, size);
  const Json last = world.auditor->get("/v1/audit/entries?from=" + std::to_string(size - 1)).json();
  EXPECT_EQ(last.at("items").size(), 1U);
  EXPECT_TRUE(world.auditor->get("/v1/audit/entries?from=999999").json().at("items").empty());
  for (const char* query : {"limit=1001", "from=x", "from=-1", "cursor=x", "cursor="})
    EXPECT_EQ(world.auditor->get(std::string("/v1/audit/entries?") + query).status, 400) << query;
}

TEST_F(AuditLogTest, KnowsNoEntryOutsideTheLog) {
  for (const char* index : {"999999", "x", "-1", "1.5", "99999999999999999999999"}) {
    EXPECT_EQ(world.auditor->get(std::string("/v1/audit/entries/") + index).status, 404) << index;
    EXPECT_EQ(world.auditor->get(std::string("/v1/audit/entries/") + index + "/proof").status, 404) << index;
  }
}

TEST_F(AuditLogTest, HoldsNoPersonalDataAndNoRequestIdOfAClient) {
  world.matcher->post("/access/v1/evaluation", world.question("matcher", person, kMatching),
                      {{"X-Request-ID", "canary-id"}});
  const auto log = world.auditor->get("/v1/audit/entries?limit=1000").body;
  for (const auto& canary : {std::string("canary"), std::string("Lastname"), person, std::string("69003")})
    EXPECT_EQ(log.find(canary), std::string::npos) << canary;
}

}  // namespace
}  // namespace egide::testing
