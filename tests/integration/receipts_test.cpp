// Records and receipts in all their forms, over HTTP.
#include "egide/audit/jws.h"
#include "egide/audit/receipt.h"
#include "world.h"

namespace egide::testing {
namespace {

class ReceiptsTest : public WorldTest {
 protected:
  std::string person = world.register_person("canary@example.org");
  std::string consent = world.consent(person, kMatching, "given").json().at("id").get<std::string>();
  std::string path = "/v1/consents/" + consent + "/receipt";

  Reply get(const std::string& where, const std::string& accept) { return world.dpo->get(where, {{"Accept", accept}}); }
  audit::VerifierKey log_key() { return *audit::VerifierKey::parse(world.verifier_key()); }
  audit::VerifierKey receipt_key() {
    const Json keys = world.nobody->get("/.well-known/jwks.json").json().at("keys");
    return *audit::VerifierKey::parse(keys[0].at("egide_vkey").get<std::string>());
  }
};

TEST_F(ReceiptsTest, ARecordIsATechnicalSpecification27560Record) {
  ASSERT_EQ(world.consent(person, kMatching, "withdrawn").status, 201);
  const Reply reply = get("/v1/consents/" + consent, "application/ld+json");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.header("content-type"), "application/ld+json");
  EXPECT_EQ(reply.header("vary"), "Accept");
  const Json record = reply.json();
  EXPECT_EQ(record.at("@type"), "dpv:ConsentRecord");
  EXPECT_EQ(record.at("dct:conformsTo"), "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr");
  EXPECT_EQ(record.at("dpv:hasLegalBasis"), "eu-gdpr:A6-1-a-explicit-consent");
  EXPECT_EQ(record.at("dpv:hasDataSubject").at("@type"), "dpv:DataSubject");
  EXPECT_EQ(record.at("dpv:hasProcess").at("dpv:hasPurpose"), "dpv:ProvidePersonalisedRecommendations");
  EXPECT_EQ(record.at("dpv:hasNotice").at("egide:sha256").get<std::string>().size(), 64U);
  ASSERT_EQ(record.at("dpv:hasConsentStatus").size(), 1U);  // of the event, not of what came after
  EXPECT_EQ(record.at("dpv:hasConsentStatus")[0].at("@type"),
            Json({"dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"}));
  for (const char* personal : {"Canary", "canary@", "1980-02-29", "form 12", person.c_str()})
    EXPECT_EQ(reply.body.find(personal), std::string::npos) << personal;
}

TEST_F(ReceiptsTest, EveryPrefixInADocumentIsDefined) {
  for (const auto& [where, accept] :
       {std::pair{"/v1/consents/" + consent, "application/ld+json"}, std::pair{path, "application/ld+json"}}) {
    const Json document = get(where, accept).json();
    std::vector<const Json*> open = {&document};
    while (!open.empty()) {
      const Json& value = *open.back();
      open.pop_back();
      if (value.is_object()) {
        for (const auto& member : value.items()) {
          const auto colon = member.key().find(':');
          if (colon != std::string::npos)
            EXPECT_TRUE(document.at("@context").contains(member.key().substr(0, colon))) << member.key();
          else
            EXPECT_TRUE(member.key()[0] == '@' || &value == &document.at("@context")) << member.key();
        }
      }
      if (value.is_structured())
        for (const auto& part : value) open.push_back(&part);
    }
  }
}

TEST_F(ReceiptsTest, HoldsUnderTheLogsKeyAndUnderItsOwn) {
  const std::string file = world.dpo->get(path).body;
  for (const auto& key : {log_key(), receipt_key()}) {
    const auto verified = audit::verify_receipt(file, key);
    ASSERT_TRUE(verified) << verified.error().message();
    EXPECT_EQ(verified->consent, consent);
    EXPECT_EQ(verified->state, "dpv:ConsentGiven");
    EXPECT_TRUE(verified->trusted);
  }
  EXPECT_TRUE(audit::verify_receipt(get(path, "application/jose").body, log_key()));
}

TEST_F(ReceiptsTest, TheKeyStaysTheSameOverARestart) {
  const std::string file = world.dpo->get(path).body;
  const std::string keys = world.nobody->get("/.well-known/jwks.json").body;
  world.restart();
  EXPECT_EQ(world.nobody->get("/.well-known/jwks.json").body, keys);
  EXPECT_TRUE(audit::verify_receipt(file, receipt_key()));
}

TEST_F(ReceiptsTest, AnotherVaultsReceiptIsRefused) {
  World other;
  const auto id = other.register_person("other@example.org");
  const auto theirs = other.consent(id, kMatching, "given").json().at("id").get<std::string>();
  const std::string file = other.dpo->get("/v1/consents/" + theirs + "/receipt").body;
  EXPECT_TRUE(audit::verify_receipt(file, std::nullopt));
  EXPECT_FALSE(audit::verify_receipt(file, log_key()));
  EXPECT_FALSE(audit::verify_receipt(file, receipt_key()));
}

TEST_F(ReceiptsTest, APartOfAnotherReceiptDoesNotFitIn) {
  const std::string second = world.consent(person, kMatching, "withdrawn").json().at("id").get<std::string>();
  const Json given = world.dpo->get(path).json(),
             withdrawn = world.dpo->get("/v1/consents/" + second + "/receipt").json();
  EXPECT_TRUE(audit::verify_receipt(withdrawn.dump(), log_key()));
  Json mixed = given;
  mixed["jws"] = withdrawn.at("jws");
  EXPECT_FALSE(audit::verify_receipt(mixed.dump(), log_key()));
  mixed = given;
  mixed["receipt"]["log"] = withdrawn.at("receipt").at("log");
  EXPECT_FALSE(audit::verify_receipt(mixed.dump(), log_key()));
}

TEST_F(ReceiptsTest, SignsTheBytesOfTheOtherForms) {
  for (const char* accept : {"application/ld+json", "application/vnd.kantara.consent-receipt+json"}) {
    const Reply reply = get(path, accept);
    ASSERT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(reply.header("content-type"), accept);
    const std::string signature = reply.header("egide-signature");
    EXPECT_TRUE(audit::verify_signed_document(reply.body, signature, receipt_key()));
    EXPECT_FALSE(audit::verify_signed_document(reply.body + "\n", signature, receipt_key()));
    EXPECT_FALSE(audit::verify_signed_document(Json::parse(reply.body).dump(1), signature, receipt_key()));
  }
  EXPECT_EQ(get(path, "text/html").status, 406);
}

TEST_F(ReceiptsTest, AreForThoseWhoMaySeeTheConsent) {
  for (Client* who : {world.auditor.get(), world.admin.get(), world.matcher.get()})
    EXPECT_EQ(who->get(path).status, 403);
  EXPECT_EQ(world.nobody->get(path).status, 401);
  EXPECT_EQ(world.dpo->get("/v1/consents/" + person + "/receipt").status, 404);
  world.erase(person);
  EXPECT_EQ(world.dpo->get(path).status, 404);
}

}  // namespace
}  // namespace egide::testing
