// The whole job over HTTP: register, consent, evaluate, read, decide, withdraw, hand out a copy, erase, prove.
#include "egide/audit/proof_file.h"
#include "world.h"

namespace egide::testing {
namespace {

// Moves a request; the answer of the last step.
Reply move(World& world, const std::string& id, const std::vector<std::string>& states) {
  Reply reply = world.dpo->get("/v1/requests/" + id);
  for (const auto& state : states) {
    Json body;
    body["to"] = state;
    reply = world.dpo->post("/v1/requests/" + id + "/transitions", body, {{"If-Match", reply.header("etag")}});
    EXPECT_EQ(reply.status, 200) << state << ": " << reply.body;
  }
  return reply;
}

std::string open_request(World& world, const std::string& type, const std::string& subject) {
  Json body;
  body["type"] = type;
  body["subject"] = subject;
  const Reply reply = world.dpo->post("/v1/requests", body);
  EXPECT_EQ(reply.status, 201) << reply.body;
  EXPECT_TRUE(reply.json().contains("due"));
  EXPECT_EQ(reply.json().at("state"), "acknowledged");
  return reply.json().at("id").get<std::string>();
}

class MainJobTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");
};

TEST_F(MainJobTest, DeniesBeforeConsentPermitsAfterItAndDeniesAfterItsWithdrawal) {
  EXPECT_EQ(world.evaluate(*world.matcher, "matcher", person, kMatching).at("context").at("reason"), "consent_missing");
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const Json permit = world.evaluate(*world.matcher, "matcher", person, kMatching);
  EXPECT_EQ(permit.at("decision"), true);
  EXPECT_EQ(permit.at("context").at("reason"), "permit");
  ASSERT_EQ(world.consent(person, kMatching, "withdrawn").status, 201);
  const Json denial = world.evaluate(*world.matcher, "matcher", person, kMatching);
  EXPECT_EQ(denial.at("decision"), false);
  EXPECT_EQ(denial.at("context").at("reason"), "consent_withdrawn");
}

TEST_F(MainJobTest, GivesAPackageForAnAccessRequest) {
  const auto id = open_request(world, "access", person);
  EXPECT_EQ(world.dpo->get("/v1/requests/" + id + "/package").status, 404);
  move(world, id, {"in_progress", "fulfilled"});
  const Reply package = world.dpo->get("/v1/requests/" + id + "/package");
  ASSERT_EQ(package.status, 200) << package.body;
  EXPECT_EQ(package.header("content-type"), "application/json");
  EXPECT_NE(package.body.find("canary@example.org"), std::string::npos);
  EXPECT_EQ(package.header("cache-control"), "no-store");
}

TEST_F(MainJobTest, ErasesAPersonGivesAReceiptAndDeniesAsErased) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  ASSERT_EQ(world.evaluate(*world.matcher, "matcher", person, kMatching).at("decision"), true);
  const auto id = open_request(world, "erasure", person);
  const Reply preview = world.dpo->get("/v1/requests/" + id + "/preview");
  ASSERT_EQ(preview.status, 200) << preview.body;
  EXPECT_FALSE(preview.json().at("categories").empty());
  EXPECT_EQ(preview.body.find("canary@example.org"), std::string::npos);

  const Reply done = move(world, id, {"in_progress", "fulfilled"});
  const Json receipt = done.json().at("receipt");
  const auto key = audit::VerifierKey::parse(world.verifier_key());
  const auto entry = receipt.at("entry").get<std::string>();
  const auto verified = audit::verify_proof_file(receipt.at("proof").get<std::string>(), base::as_bytes(entry), *key);
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_NE(entry.find("subject.erased"), std::string::npos);

  EXPECT_EQ(world.evaluate(*world.matcher, "matcher", person, kMatching).at("context").at("reason"), "erased");
  EXPECT_EQ(world.dpo->get("/v1/subjects/" + person, {{"X-Purpose", "support"}}).status, 410);
  EXPECT_EQ(world.consent(person, kMatching, "given").status, 410);
  const Reply package = world.dpo->get("/v1/requests/" + id + "/package");
  ASSERT_EQ(package.status, 200) << package.body;
  EXPECT_NE(package.body.find("egide.erasure-receipt/1"), std::string::npos);
}

TEST_F(MainJobTest, KeepsWhatWasAnsweredAcrossARestart) {
  ASSERT_EQ(world.consent(person, kMatching, "given").status, 201);
  const auto before = world.nobody->get("/log/checkpoint").body;
  const auto index = world.evaluate(*world.matcher, "matcher", person, kMatching).at("context").at("log_index");
  world.restart();
  const Json again = world.evaluate(*world.matcher, "matcher", person, kMatching);
  EXPECT_EQ(again.at("decision"), true);
  EXPECT_GT(again.at("context").at("log_index"), index);
  const auto key = audit::VerifierKey::parse(world.verifier_key());
  const auto old = audit::open_checkpoint(before, *key);
  ASSERT_TRUE(old);
  const Reply proof = world.nobody->get("/v1/audit/consistency?old=" + std::to_string(old->size));
  ASSERT_EQ(proof.status, 200);
  EXPECT_TRUE(audit::verify_consistency_file(proof.body, before, *key));
}

}  // namespace
}  // namespace egide::testing
