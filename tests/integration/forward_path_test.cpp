// Forward-auth that finds the person in the path of the proxied request: no second reading of one address.
#include "forward_profiles.h"
#include "world.h"

namespace egide::testing {
namespace {

class ForwardPathTest : public WorldTest {
 protected:
  std::string yes = agreed();
  std::string no = world.register_person("no@example.org");

  std::string agreed() {
    const auto person = world.register_person("yes@example.org");
    EXPECT_EQ(world.consent(person, kNewsletter, "given").status, 201);
    return person;
  }
  std::string ask(const Headers& headers, const std::string& suffix = "") {
    const Reply reply = world.mailer->get("/gateway/forward/letters-path" + suffix, headers);
    EXPECT_EQ(reply.status, reply.header("x-consent-decision") == "permit" ? 200 : 403);
    return reply.header("x-consent-reason");
  }
};

TEST_F(ForwardPathTest, FindsThePersonWhereverTheProxySaysThePath) {
  const std::string path = "/people/" + yes + "/letters/7?x=1";
  EXPECT_EQ(ask({{"X-Forwarded-Uri", path}}), "permit");
  EXPECT_EQ(ask({{"X-Original-URI", path}}), "permit");
  EXPECT_EQ(ask({}, path), "permit");
  EXPECT_EQ(ask({{"X-Original-URI", "https://app.example.org" + path}}), "permit");
  EXPECT_EQ(ask({{"X-Original-URI", "/people/" + yes}}), "permit");
  EXPECT_EQ(ask({{"X-Original-URI", "/%70eople/" + yes + "/"}}), "permit");
  EXPECT_EQ(ask({{"X-Original-URI", "/people/" + no + "/letters"}}), "consent_missing");
  EXPECT_EQ(ask({}, "/people/" + no), "consent_missing");
}

TEST_F(ForwardPathTest, DeniesPathsOfOtherForms) {
  for (const char* path : {"/", "/people", "/people/", "/other/x", "/x/people/y"})
    EXPECT_EQ(ask({{"X-Original-URI", path}}), "person_missing") << path;
  EXPECT_EQ(ask({{"X-Original-URI", "/people/yes@example.org"}}), "person_missing");
  // The whole path must match: a second /people/ further on is not looked at.
  EXPECT_EQ(ask({{"X-Original-URI", "/x/people/" + yes}}), "person_missing");
}

TEST_F(ForwardPathTest, DeniesWhatTheApplicationMightReadAsAnotherPath) {
  const std::string begin = "/people/" + yes;
  // What stands behind "NO" would be another person's letters.
  for (const char* text :
       {"/../NO",   "/%2e%2e/NO",      "/.%2E/NO", "/./x",        "/..;/NO",        "/..;x=1/NO", "/%2e%2e%3b/NO",
        "/..%2fNO", "%2f..%2fNO",      "//x",      "/%5c..%5cNO", "/%252e%252e/NO", "/%00",       "/%0a",
        "/%ff",     "/%c0%ae%c0%ae/x", "/%zz",     "/%",          "%3fx",           "%23x",       "/x#y",
        "/.."}) {
    std::string rest = text;
    if (const auto at = rest.find("NO"); at != std::string::npos) rest.replace(at, 2, no);
    EXPECT_EQ(ask({{"X-Original-URI", begin + rest}}), "person_ambiguous") << rest;
  }
  for (const char* uri : {"", "people/x", "https://app.example.org", "?x", "*"})
    EXPECT_EQ(ask({{"X-Original-URI", uri}}), "person_ambiguous") << uri;
  EXPECT_EQ(ask({{"X-Original-URI", begin + "\\..\\" + no}}), "person_ambiguous");
}

TEST_F(ForwardPathTest, DeniesTwoPathsThatDiffer) {
  const std::string allowed = "/people/" + yes, other = "/people/" + no;
  // A proxy that writes one of the headers lets the client's other one through.
  EXPECT_EQ(ask({{"X-Forwarded-Uri", allowed}, {"X-Original-URI", other}}), "person_ambiguous");
  EXPECT_EQ(ask({{"X-Original-URI", allowed}, {"X-Forwarded-Uri", other}}), "person_ambiguous");
  EXPECT_EQ(ask({{"X-Forwarded-Uri", allowed}, {"X-Forwarded-Uri", allowed}}), "person_ambiguous");
  EXPECT_EQ(ask({{"X-Forwarded-Uri", allowed}}, other), "person_ambiguous");
  EXPECT_EQ(ask({{"X-Forwarded-Uri", allowed}, {"X-Original-URI", allowed}}, allowed), "permit");
  EXPECT_EQ(ask({}), "person_ambiguous");
}

}  // namespace
}  // namespace egide::testing
