// Packages: the eight blocks of Article 15 and the copy; only provided data for Article 20.
#include <gmock/gmock.h>

#include <algorithm>

#include "egide/crypto/hash.h"
#include "egide/vault/requests.h"
#include "requests_fixture.h"

namespace egide::vault {
namespace {

using nlohmann::json;

class PackageTest : public RequestsFixture {
 protected:
  json package_of(const base::RecordId& request, const Caller& caller) {
    const auto document = GetPackage(services()).execute(caller, request);
    EXPECT_TRUE(document) << document.error().message();
    if (!document) return nullptr;
    EXPECT_EQ(document->media_type, "application/json");
    EXPECT_EQ(document->filename, "egide-" + request.str() + ".json");
    EXPECT_EQ(document->sha256, base::to_hex(crypto::sha256(base::as_bytes(document->body))));
    return json::parse(document->body);
  }
  static bool has(const json& list, const char* key, const std::string& value) {
    return std::any_of(list.begin(), list.end(),
                       [&](const json& item) { return item.contains(key) && item.at(key) == value; });
  }
};

TEST_F(PackageTest, AccessHasTheEightBlocksAndTheCopy) {
  give_consent("ai.mission_matching");
  ASSERT_TRUE(
      ReadForPurpose(services()).execute(tool_, subject_.str(), "ai.mission_matching", {})->access.decision.permit);
  plant_decision();
  ASSERT_TRUE(GetSubject(services()).execute(dpo_, subject_, "a stated reason"));
  const auto request = fulfil(begin("access", person_)).request;
  const json package = package_of(request.id, person_);

  EXPECT_EQ(package.at("format"), "egide.package/1");
  EXPECT_EQ(package.at("kind"), "access");
  EXPECT_EQ(package.at("subject"), subject_.str());
  EXPECT_EQ(package.at("controller").at("name"), "Association Exemple");
  const json& blocks = package.at("blocks");
  ASSERT_EQ(blocks.size(), 8U);
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
    EXPECT_FALSE(blocks.at(name).at("items").empty()) << name << " has no items";
  EXPECT_TRUE(has(blocks.at("a").at("items"), "purpose", "ai.mission_matching"));
  EXPECT_TRUE(has(blocks.at("b").at("items"), "category", "user.contact.email"));
  EXPECT_TRUE(has(blocks.at("c").at("items"), "tool", "matcher"));
  EXPECT_EQ(blocks.at("c").at("items").at(0).at("name"), "Mission matcher");
  EXPECT_TRUE(has(blocks.at("d").at("items"), "purpose", "ai.mission_matching"));
  EXPECT_TRUE(has(blocks.at("e").at("items"), "legal_basis", "eu-gdpr:A6-1-a"));
  EXPECT_EQ(blocks.at("f").at("items").at(0).at("authority"), "CNIL");
  EXPECT_TRUE(has(blocks.at("g").at("items"), "source", "api"));
  EXPECT_TRUE(has(blocks.at("h").at("items"), "purpose", "ai.mission_matching"));

  const json& copy = package.at("copy");
  EXPECT_TRUE(has(copy.at("attributes"), "value", "CANARY-NAME"));
  EXPECT_EQ(copy.at("attributes").at(0).at("source"), "api");
  EXPECT_EQ(copy.at("consents").at(0).at("evidence"), "CANARY-EVIDENCE");
  EXPECT_EQ(copy.at("decisions").at(0).at("record").at("outcome"), "proposed");
  EXPECT_EQ(copy.at("decisions").at(0).at("about_you").at("inputs").at(0).at("value"), "CANARY-INPUT");
  EXPECT_EQ(copy.at("requests").at(0).at("details"), "CANARY-DETAILS");
  const json& looks = copy.at("access_log");
  EXPECT_EQ(looks.back().at("event"), "subject.created");
  const auto look =
      std::find_if(looks.begin(), looks.end(), [](const json& e) { return e.at("event") == "subject.read"; });
  ASSERT_NE(look, looks.end());
  EXPECT_EQ(look->at("role"), "dpo");
  EXPECT_EQ(look->at("detail").at("reason"), "a stated reason");
  EXPECT_GE(package.at("log").at("checkpoint_size").get<std::uint64_t>(),
            package.at("log").at("index").get<std::uint64_t>() + 1);
  EXPECT_EQ(package.at("log").at("index"), looks.front().at("log_index"));
}

TEST_F(PackageTest, ABlockWithoutItemsSaysWhyInBothLanguages) {
  const auto request = fulfil(begin("access", person_)).request;
  const json recipients = package_of(request.id, dpo_).at("blocks").at("c");
  EXPECT_TRUE(recipients.at("items").empty());
  for (const char* language : {"fr", "en"}) EXPECT_NE(recipients.at("none_because").at(language), "");
}

TEST_F(PackageTest, APermittedReadOfNamedFieldsNamesThem) {
  give_consent("ai.mission_matching");
  ASSERT_TRUE(ReadForPurpose(services())
                  .execute(tool_, subject_.str(), "ai.mission_matching", {"user.demographic.profile.skills"})
                  ->access.decision.permit);
  EXPECT_FALSE(evaluate("newsletter.noncommercial").decision.permit);
  const auto request = fulfil(begin("access", person_)).request;
  const json items = package_of(request.id, person_).at("blocks").at("c").at("items");
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items.at(0).at("categories"), json::array({"user.demographic.profile.skills"}));
  EXPECT_EQ(items.at(0).at("times"), 1);
}

TEST_F(PackageTest, PortabilityHasProvidedDataOnly) {
  give_consent("ai.mission_matching");
  Attributes changes;
  changes["user.behavior.derived_score"] = 7;
  changes["user.content.private.feedback"] = "not under contract or a consent";
  ASSERT_TRUE(UpdateSubject(services()).execute(dpo_, subject_, 1, changes, "api"));
  const auto request = fulfil(begin("portability", person_)).request;
  const json package = package_of(request.id, person_);
  EXPECT_EQ(package.at("kind"), "portability");
  EXPECT_TRUE(has(package.at("data"), "value", "CANARY-NAME"));                         // contract
  EXPECT_TRUE(has(package.at("data"), "category", "user.demographic.profile.skills"));  // consent
  EXPECT_FALSE(has(package.at("data"), "category", "user.behavior.derived_score"));
  EXPECT_FALSE(has(package.at("data"), "category", "user.content.private.feedback"));
  EXPECT_FALSE(package.contains("copy"));
  EXPECT_FALSE(package.contains("blocks"));
}

TEST_F(PackageTest, MakingAndReadingAreLogged) {
  const auto begun = begin("access", dpo_);
  const auto before = log_size();
  const auto request = fulfil(begun).request;
  EXPECT_EQ(events_from(before), (std::vector<std::string>{"package.made", "request.changed"}));
  const auto made = log_size();
  package_of(request.id, dpo_);
  EXPECT_EQ(events_from(made), (std::vector<std::string>{"package.read"}));
  EXPECT_EQ(GetRequest(services()).execute(dpo_, request.id)->state, RequestState::Fulfilled);
}

TEST_F(PackageTest, ThePersonsOwnFetchDeliversIt) {
  const auto request = fulfil(begin("access", person_)).request;
  package_of(request.id, person_);
  const auto after = GetRequest(services()).execute(person_, request.id);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->state, RequestState::Delivered);
  EXPECT_EQ(after->transitions.back().by, "system");
  package_of(request.id, person_);  // again: nothing more to deliver
  EXPECT_EQ(GetRequest(services()).execute(person_, request.id)->version, after->version);
}

TEST_F(PackageTest, NothingBeforeItIsFulfilledAndNothingForOthers) {
  const auto request = begin("access", person_);
  EXPECT_EQ(GetPackage(services()).execute(person_, request.id).error().code(), base::ErrorCode::NotFound);
  fulfil(request);
  const auto other = register_person("Other", "other@example.org");
  EXPECT_EQ(GetPackage(services()).execute(self(other), request.id).error().code(), base::ErrorCode::NotFound);
}

TEST_F(PackageTest, ARestrictedPersonKeepsTheirOwnRights) {
  fulfil(begin("restriction", person_));
  const auto request = fulfil(begin("access", person_)).request;
  const json package = package_of(request.id, person_);
  EXPECT_TRUE(package.at("copy").at("restricted").get<bool>());
  EXPECT_TRUE(has(package.at("copy").at("attributes"), "value", "CANARY-NAME"));
}

TEST_F(PackageTest, IsTheSameAfterReopening) {
  const auto request = fulfil(begin("access", person_)).request;
  const auto first = GetPackage(services()).execute(dpo_, request.id);
  reopen();
  const auto second = GetPackage(services()).execute(dpo_, request.id);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->body, second->body);
}

TEST_F(PackageTest, GoneWithThePerson) {
  const auto request = fulfil(begin("access", person_)).request;
  ASSERT_TRUE(EraseSubject(services()).execute(dpo_, subject_));
  EXPECT_EQ(GetPackage(services()).execute(dpo_, request.id).error().code(), base::ErrorCode::Gone);
}

}  // namespace
}  // namespace egide::vault
