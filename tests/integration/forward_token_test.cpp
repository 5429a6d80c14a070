// Forward-auth that finds the person in a signed token. The world's clock says 2026-03-02T09:00:00Z.
#include "forward_profiles.h"
#include "world.h"

namespace egide::testing {
namespace {

constexpr std::int64_t kNow = 1772442000;
constexpr const char* kHs256 = R"({"alg":"HS256","typ":"JWT"})";
constexpr const char* kEdDsa = R"({"alg":"EdDSA"})";

class ForwardTokenTest : public WorldTest {
 protected:
  std::string yes = agreed();

  std::string agreed() {
    const auto person = world.register_person("yes@example.org");
    EXPECT_EQ(world.consent(person, kNewsletter, "given").status, 201);
    return person;
  }
  Json claims(const char* name = "sub") const { return {{name, yes}, {"exp", kNow + 300}}; }
  Json full_claims() const {
    Json out = claims("person");
    out["iss"] = kIssuer;
    out["aud"] = kAudience;
    return out;
  }
  static Json with(Json claims, const char* name, const Json& value) {
    claims[name] = value;
    return claims;
  }
  static Json without(Json claims, const char* name) {
    claims.erase(name);
    return claims;
  }

  std::string ask(const std::string& profile, const Headers& headers) {
    Headers all = headers;
    all.emplace_back("X-Egide-Key", world.mailer->token());
    const Reply reply = world.nobody->get("/gateway/forward/" + profile, all);
    EXPECT_EQ(reply.status, reply.header("x-consent-decision") == "permit" ? 200 : 403);
    return reply.header("x-consent-reason");
  }
  std::string hs256(const std::string& token) { return ask("letters-hs256", {{"Authorization", "Bearer " + token}}); }
  std::string eddsa(const std::string& token) { return ask("letters-eddsa", {{"X-Token", token}}); }
};

TEST_F(ForwardTokenTest, FindsThePersonInASignedToken) {
  EXPECT_EQ(hs256(hs256_token(kHs256, claims().dump())), "permit");
  EXPECT_EQ(eddsa(eddsa_token(kEdDsa, full_claims().dump())), "permit");
  EXPECT_EQ(eddsa(eddsa_token(kEdDsa, with(full_claims(), "aud", {"x", kAudience}).dump())), "permit");
  EXPECT_EQ(ask("letters-hs256", {{"Authorization", "bearer " + hs256_token(kHs256, claims().dump())}}), "permit");
}

TEST_F(ForwardTokenTest, RefusesAnotherAlgorithm) {
  const auto text = claims().dump();
  const auto good = hs256_token(kHs256, text);
  for (const char* header : {R"({"alg":"none"})", R"({"alg":"None"})", R"({"alg":"hs256"})", R"({"alg":"HS512"})",
                             R"({"alg":"EdDSA"})", R"({"alg":["HS256"]})", R"({"typ":"JWT"})", "{}", "[]", "x"}) {
    EXPECT_EQ(hs256(hs256_token(header, text)), "token_invalid") << header;
    const auto unsigned_token = hs256_token(header, text);
    EXPECT_EQ(hs256(unsigned_token.substr(0, unsigned_token.rfind('.') + 1)), "token_invalid") << header;
  }
  EXPECT_EQ(hs256(good.substr(0, good.rfind('.') + 1)), "token_invalid");
  // The public key is known to all: it must not serve as a secret.
  EXPECT_EQ(eddsa(hs256_with_public_key(kHs256, full_claims().dump())), "token_invalid");
  EXPECT_EQ(eddsa(hs256_with_public_key(kEdDsa, full_claims().dump())), "token_invalid");
  EXPECT_EQ(hs256(eddsa_token(kHs256, text)), "token_invalid");
}

TEST_F(ForwardTokenTest, RefusesExtensionsItDoesNotKnow) {
  EXPECT_EQ(hs256(hs256_token(R"({"alg":"HS256","crit":["exp"]})", claims().dump())), "token_invalid");
  EXPECT_EQ(hs256(hs256_token(R"({"alg":"HS256","b64":false})", claims().dump())), "token_invalid");
  EXPECT_EQ(hs256(hs256_token(R"({"alg":"none","alg":"HS256"})", claims().dump())), "token_invalid");
}

TEST_F(ForwardTokenTest, RefusesEveryChangedByte) {
  const auto good = hs256_token(kHs256, claims().dump());
  const auto at = good.find('.');
  for (const std::size_t place : {std::size_t{3}, at + 3, good.rfind('.') - 2, good.rfind('.') + 3, good.size() - 3}) {
    auto bad = good;
    bad[place] = bad[place] == 'A' ? 'B' : 'A';
    EXPECT_EQ(hs256(bad), "token_invalid") << place;
  }
  for (const std::string& bad :
       {good + "=", good + ".x", "x." + good, good.substr(0, good.rfind('.')), std::string("a.b.c"), std::string(".."),
        std::string("x"), good + std::string(9000, 'A')})
    EXPECT_EQ(hs256(bad), "token_invalid") << bad.size();
}

TEST_F(ForwardTokenTest, HoldsToTheTimesInIt) {
  const auto said = [this](const Json& content) { return hs256(hs256_token(kHs256, content.dump())); };
  EXPECT_EQ(said(with(claims(), "exp", kNow - 59)), "permit");  // the leeway
  EXPECT_EQ(said(with(claims(), "exp", kNow - 60)), "token_invalid");
  EXPECT_EQ(said(without(claims(), "exp")), "token_invalid");
  for (const Json& wrong : {Json("2030-01-01"), Json(nullptr), Json(-1), Json(1e300), Json(true)})
    EXPECT_EQ(said(with(claims(), "exp", wrong)), "token_invalid") << wrong;
  EXPECT_EQ(said(with(claims(), "nbf", kNow + 60)), "permit");
  EXPECT_EQ(said(with(claims(), "nbf", kNow + 61)), "token_invalid");
  EXPECT_EQ(said(with(claims(), "nbf", "soon")), "token_invalid");
  world.advance(std::chrono::minutes(10));
  EXPECT_EQ(said(claims()), "token_invalid");
}

TEST_F(ForwardTokenTest, WantsItsOwnIssuerAudienceAndClaim) {
  const auto said = [this](const Json& content) { return eddsa(eddsa_token(kEdDsa, content.dump())); };
  EXPECT_EQ(said(full_claims()), "permit");
  for (const char* name : {"iss", "aud", "person"}) {
    EXPECT_EQ(said(without(full_claims(), name)), "token_invalid") << name;
    EXPECT_EQ(said(with(full_claims(), name, 7)), "token_invalid") << name;
  }
  EXPECT_EQ(said(with(full_claims(), "iss", "https://elsewhere.example.org")), "token_invalid");
  EXPECT_EQ(said(with(full_claims(), "aud", "other")), "token_invalid");
  EXPECT_EQ(said(with(full_claims(), "aud", {"other", 7})), "token_invalid");
  EXPECT_EQ(said(with(full_claims(), "person", "yes@example.org")), "person_missing");
  EXPECT_EQ(said(with(full_claims(), "person", "nobody")), "unknown_subject");
}

TEST_F(ForwardTokenTest, WantsExactlyOneToken) {
  const auto good = hs256_token(kHs256, claims().dump());
  EXPECT_EQ(ask("letters-hs256", {}), "person_missing");
  EXPECT_EQ(ask("letters-hs256", {{"Authorization", "Bearer " + good}, {"Authorization", "Bearer " + good}}),
            "invalid_request");
  const auto other = eddsa_token(kEdDsa, full_claims().dump());
  EXPECT_EQ(ask("letters-eddsa", {{"X-Token", other}, {"X-Token", other}}), "person_ambiguous");
  EXPECT_EQ(ask("letters-hs256", {{"Authorization", good}}), "token_invalid");
  EXPECT_EQ(ask("letters-hs256", {{"Authorization", "Basic " + good}}), "token_invalid");
  // Without the tool's own key the token would be taken for it.
  EXPECT_EQ(world.nobody->get("/gateway/forward/letters-hs256", {{"Authorization", "Bearer " + good}}).status, 401);
}

}  // namespace
}  // namespace egide::testing
